import { join } from "node:path";
import { root } from "../../infra/endpoints.ts";
import type { Twilio } from "./jobs.ts";
import { COLD_START_JOB } from "./reference.ts";

/** A job without Parley, as the text of an asynchronous JavaScript function that is loaded with its modules. */
export interface Comparison {
  readonly name: string;
  readonly modules: string;
  readonly run: string;
}

/**
 * The same jobs with the least code that can do them, which is the limit, and with Twilio's package. The limit of a request
 * loads `node:https` as well, which requests to Twilio need.
 */
export function comparisonsWith({ info, groupSid }: Twilio) {
  const { accountSid, apiKeySid, apiKeySecret, authToken, chatServiceSid, url } = info;
  const twilio = JSON.stringify(join(root, "node_modules/twilio"));
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  const claims = JSON.stringify({
    jti: "1",
    iss: apiKeySid,
    sub: accountSid,
    exp: 2_000_000_000,
    grants: { identity: "alice", chat: { service_sid: chatServiceSid } },
  });
  return {
    tokenLimit: {
      name: "a token, node:crypto alone",
      modules: `const { createHmac } = require("node:crypto");
        const encode = (text) => Buffer.from(text).toString("base64url");`,
      run: `async () => {
        const signed = encode('{"alg":"HS256","typ":"JWT","cty":"twilio-fpa;v=1"}') + "." + encode('${claims}');
        return signed + "." + createHmac("sha256", "${apiKeySecret}").update(signed).digest("base64url");
      }`,
    },
    tokenPeer: {
      name: COLD_START_JOB,
      modules: `const { jwt: { AccessToken } } = require(${twilio});`,
      run: `async () => {
        const token = new AccessToken("${accountSid}", "${apiKeySid}", "${apiKeySecret}", { identity: "alice" });
        token.addGrant(new AccessToken.ChatGrant({ serviceSid: "${chatServiceSid}" }));
        return token.toJwt();
      }`,
    },
    requestLimit: {
      name: "a conversation fetched, node:http alone",
      modules: `const { get } = require("node:http"); require("node:https");`,
      run: `() => new Promise((resolve, reject) => {
        get("${url}/v1/Conversations/${groupSid}", { headers: { authorization: "${authorization}" } }, (response) => {
          let text = "";
          response.on("data", (chunk) => { text += chunk; });
          response.on("end", () => resolve(JSON.parse(text).sid));
        }).on("error", reject);
      })`,
    },
    requestPeer: {
      name: "a conversation fetched, import twilio",
      modules: `const twilio = require(${twilio});`,
      run: `async () => {
        const client = twilio("${accountSid}", "${authToken}");
        const send = client.httpClient.request.bind(client.httpClient);
        client.httpClient.request = (options) => send({ ...options, uri: options.uri.replace(/^https:..[^/]+/, "${url}") });
        return (await client.conversations.v1.conversations("${groupSid}").fetch()).sid;
      }`,
    },
  } satisfies Readonly<Record<string, Comparison>>;
}
