import * as v from "valibot";
import type { Resource } from "../handler.ts";
import { noneIf404 } from "./errors.ts";
import { openService, serviceEntries } from "./service.ts";

const metadata = v.object({
  data: v.object({
    context: v.object({ ButtonPayload: v.optional(v.string()), ListId: v.optional(v.string()) }),
  }),
});

/** The id of the button or list item that a person has tapped to write a message; `undefined` if they have typed it. */
export type FetchTappedId = (conversationSid: string, messageSid: string) => Promise<string | undefined>;

/**
 * Reads which button was tapped from a message's channel metadata, which only Twilio writes. A button's title differs between
 * the languages of a template; its id does not. The official package has no class for it.
 */
export const tappedIds: Resource<FetchTappedId> = {
  entries: serviceEntries,
  open(environment) {
    const api = openService(environment);
    return (call) => async (conversationSid, messageSid) => {
      const uri = `/Conversations/${conversationSid}/Messages/${messageSid}/ChannelMetadata`;
      const read = v.safeParse(metadata, await api(call).fetch({ method: "get", uri }).catch(noneIf404));
      if (!read.success) return undefined;
      const { ButtonPayload, ListId } = read.output.data.context;
      return ButtonPayload ?? ListId;
    };
  },
};
