import * as v from "valibot";
import { type ArchiveStore, CONTENT_TYPE, fileOf } from "../archive/store.ts";
import { type Environment, readEnvironment, urlVariable } from "../environment.ts";
import { UpstreamFailed } from "../errors.ts";
import { sendRequest } from "../http.ts";
import { encodeRfc3986, errorCodeOf, roleAccess, sha256, signV4 } from "./signature-v4.ts";

/** The AWS SDKs' variable for another S3 service than Amazon's. */
const entries = { AWS_ENDPOINT_URL_S3: v.optional(urlVariable()) };

/**
 * Stores archives in an S3 bucket, as `<prefix><name>.ndjson`, with the function's role. Storing one again
 * replaces the object.
 *
 * @throws {Misconfigured} without a role, as on Twilio Functions.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export function storeInBucket(bucket: string, prefix: string, environment: Environment): ArchiveStore {
  const access = roleAccess(environment);
  const { AWS_ENDPOINT_URL_S3: endpoint } = readEnvironment(entries, environment);
  const base =
    endpoint === undefined ? `https://${bucket}.s3.${access.region}.amazonaws.com` : `${endpoint}/${bucket}`;
  const keyOf = (name: string) => `${prefix}${fileOf(name)}`;
  const locationOf = (name: string) => `s3://${bucket}/${keyOf(name)}`;
  const store: ArchiveStore["store"] = async (name, lines, { call }) => {
    const key = keyOf(name).split("/").map(encodeRfc3986).join("/");
    const headers = { "content-type": CONTENT_TYPE, "x-amz-content-sha256": sha256(lines) };
    const unsigned = { method: "PUT", url: `${base}/${key}`, headers, body: lines };
    const answer = await sendRequest({
      ...unsigned,
      headers: signV4(unsigned, access, "s3", Date.now()),
      timeoutMs: Math.max(1, call.deadline - Date.now()),
    }).catch((cause: unknown) => {
      throw new UpstreamFailed("S3 did not answer.", { cause });
    });
    if (answer.status !== 200) {
      const cause = new Error(errorCodeOf(answer.body));
      throw new UpstreamFailed(`S3 answered ${answer.status}.`, { cause });
    }
  };
  return { locationOf, store };
}
