import * as v from "valibot";
import { accessTokens } from "../core/access/access-token.ts";
import { passwordOfUser } from "../core/access/password.ts";
import { defineHandler, Reply } from "../core/handler.ts";

/**
 * The token service that Twilio's React demo calls (docs: Conversations demo web application):
 * `GET ?identity=&password=` gives the access token as plain text, and 401 otherwise.
 *
 * For demos and tests: the password is part of the URL, where the demo puts it. Safe to call any number of times: nothing is
 * stored.
 */
export default defineHandler({
  access: passwordOfUser,
  methods: ["GET", "POST"],
  cors: true,
  use: { issueToken: accessTokens },
  input: v.object({}),
  async run(_input, { caller, issueToken }) {
    return new Reply(200, issueToken(caller.identity, { platform: "web" }).token);
  },
});
