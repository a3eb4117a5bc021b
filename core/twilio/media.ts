import type { Resource } from "../handler.ts";
import { type Sid, sidOf } from "../sid.ts";
import { accountEntries, openApi } from "./account.ts";
import { repeatWhileUncertain } from "./once.ts";

/** A file for the media service. */
export interface Upload {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly filename: string | undefined;
}

/**
 * Uploads a file for messages of a Conversations service, `IS…` (docs: Conversations media resource).
 * @returns its SID, `ME…`. Twilio deletes the file after five minutes unless a message has it by then.
 */
export type UploadMedia = (serviceSid: Sid<"IS">, upload: Upload) => Promise<Sid<"ME">>;

/** The media service, which the official package does not support. */
export const mediaUploads: Resource<UploadMedia> = {
  entries: accountEntries,
  open(environment) {
    const api = openApi(environment, "mcs.us1", "v1");
    return (call) =>
      async (serviceSid, { bytes, contentType, filename }) => {
        const request = {
          method: "post" as const,
          uri: `/Services/${serviceSid}/Media`,
          params: { Filename: filename },
          data: bytes,
          headers: { "Content-Type": contentType },
        };
        // A file that was stored although its answer was lost is never attached, so Twilio deletes it.
        const { sid } = await repeatWhileUncertain(
          () => api(call).create(request) as Promise<{ sid: string }>,
        );
        return sidOf("ME", sid);
      };
  },
};
