import { omitUndefined } from "../../core/omit-undefined.ts";
import type { System } from "./system.ts";

/** Calls endpoints below `/conversations`, and creates and reads conversations. */
export const conversationCalls = (system: { readonly current: System }) => ({
  call: (name: string, input: object) => system.current.call(`/conversations/${name}`, input),
  create: async (uniqueName?: string): Promise<string> => {
    const { sid } = await system.current.account.conversations.create(omitUndefined({ uniqueName }));
    return sid;
  },
  conversation: (sid: string) => system.current.account.conversations(sid),
});
