import * as v from "valibot";
import { accessTokens } from "../core/access/access-token.ts";
import { passwordOfUser } from "../core/access/password.ts";
import { defineHandler, Reply } from "../core/handler.ts";

/**
 * The token service that Twilio's React demo calls (docs: Conversations demo web application):
 * `GET ?identity=&password=` returns the access token as plain text, or 401.
 *
 * For demos and tests: the password is part of the URL, as the demo sends it, and attempts are bounded within one instance of the
 * function only. Safe to repeat: nothing is stored.
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
