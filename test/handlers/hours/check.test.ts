import { describe, expect, it } from "vitest";
import { basicEntry } from "../../../core/access/basic.ts";
import { platforms } from "../../support/platforms.ts";
import { useSystem } from "../../support/system.ts";

const OPENING_HOURS = JSON.stringify({
  timeZone: "Europe/Berlin",
  week: { mon: ["09:00-12:30", "13:30-17:00"], tue: ["09:00-17:00"] },
  holidays: ["2026-01-06"],
});

describe.each(platforms)("hours/check on $name", (platform) => {
  const password = "an_invented_password_of_32_letters";
  const BASIC_CREDENTIALS = JSON.stringify({
    crm: basicEntry(password, ["conversations:read"]),
    writer: basicEntry(password, ["conversations:write"]),
  });
  const system = useSystem(platform, { OPENING_HOURS, BASIC_CREDENTIALS });
  const check = (input: object) =>
    system.current.call("/hours/check", input, { sub: "service", scope: "conversations:read" });

  it("uses the deployment's hours", async () => {
    expect((await check({ at: "2026-01-05T08:00:00Z" })).body).toEqual({
      status: "open",
      until: "2026-01-05T12:30",
      untilAt: "2026-01-05T11:30:00.000Z",
      localTime: "2026-01-05T09:00",
      timeZone: "Europe/Berlin",
      isHoliday: false,
    });
    // 2026-01-06, noon in Berlin, as seconds.
    expect((await check({ at: "1767697200" })).body).toMatchObject({
      status: "closed",
      until: "2026-01-12T09:00",
      isHoliday: true,
    });
    expect(["open", "closed"]).toContain((await check({})).body.status);
  });

  it("accepts a tool's basic credentials with their scope, and challenges a caller without any", async () => {
    const ask = async (userinfo?: string) => {
      const authorization = `Basic ${Buffer.from(userinfo ?? "").toString("base64")}`;
      const headers = userinfo === undefined ? {} : { authorization };
      const response = await fetch(`${system.current.url}/hours/check`, { method: "POST", headers });
      return { status: response.status, challenge: response.headers.get("www-authenticate") };
    };
    expect((await ask(`crm:${password}`)).status).toBe(200);
    expect((await ask(`writer:${password}`)).status).toBe(403);
    const challenge = 'Bearer, Basic realm="Parley", charset="UTF-8"';
    for (const wrong of [undefined, "crm:wrong", `other:${password}`, "crm", ":", `__proto__:${password}`])
      expect(await ask(wrong)).toEqual({ status: 401, challenge });
    expect(system.current.deployment.output()).not.toContain(password);
  });

  it("uses the hours in the request instead", async () => {
    const at = "2026-01-06T10:00:00+01:00";
    expect((await check({ at, holidays: "2026-12-25,2026-12-26" })).body).toMatchObject({ status: "open" });
    const week = '{"tue":["00:00-24:00"]}';
    expect((await check({ at, week, timeZone: "Asia/Tokyo", holidays: [] })).body).toMatchObject({
      status: "open",
      until: "2026-01-07T00:00",
      untilAt: "2026-01-06T15:00:00.000Z",
    });
    expect((await check({ at, week: {} })).body).toMatchObject({
      status: "closed",
      until: "never",
      untilAt: null,
    });
  });

  it.each([
    [{ at: "yesterday" }, "at"],
    [{ at: "2026-02-31T99:00:00Z" }, "at"],
    [{ timeZone: "Mars" }, "timeZone"],
    [{ week: "nine to five" }, "week"],
    [{ week: { mon: ["9-17"] } }, "week.mon.0"],
    [{ holidays: "25.12." }, "holidays.0"],
  ])("rejects %j", async (input, field) => {
    expect(await check(input)).toMatchObject({ status: 400, body: { code: "invalid_input", field } });
  });
});
