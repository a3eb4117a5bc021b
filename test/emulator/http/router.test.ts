import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Router } from "../../../emulator/http/router.ts";

function router(): Router<string> {
  const routes = new Router<string>();
  routes.add("GET", "/v1/Conversations", "list");
  routes.add("POST", "/v1/Conversations/{Sid}", "update");
  routes.add("GET", "/v1/Conversations/{ConversationSid}/Messages/{Sid}", "message");
  routes.add("GET", "/v1/Users/fixed", "fixed");
  routes.add("GET", "/v1/Users/{Sid}/Conversations", "of user");
  return routes;
}

it("finds a route and its decoded parameters, under the names of that route", () => {
  expect(router().match("POST", "/v1/Conversations/a%20b")).toEqual({
    found: "route",
    handler: "update",
    params: new Map([["Sid", "a b"]]),
  });
  expect(router().match("GET", "/v1/Conversations/CH1/Messages/IM1")).toMatchObject({
    params: new Map([
      ["ConversationSid", "CH1"],
      ["Sid", "IM1"],
    ]),
  });
});

it("falls back to a parameter where a fixed segment leads nowhere", () => {
  expect(router().match("GET", "/v1/Users/fixed")).toMatchObject({ handler: "fixed" });
  expect(router().match("GET", "/v1/Users/fixed/Conversations")).toMatchObject({ handler: "of user" });
});

it("distinguishes a known path with another method from an unknown path", () => {
  expect(router().match("DELETE", "/v1/Conversations")).toEqual({ found: "path", allowed: ["GET"] });
  expect(router().match("GET", "/v1/Nothing")).toEqual({ found: "nothing" });
  expect(router().match("GET", "/v1/Conversations/%E0%A4%A")).toEqual({ found: "nothing" });
  expect(router().match("POST", "/v1/Conversations/")).toEqual({ found: "nothing" });
});

it("answers any path", () => {
  fc.assert(
    fc.property(fc.string(), (path) => {
      expect(["route", "path", "nothing"]).toContain(router().match("GET", path).found);
    }),
  );
});
