import type { Resource } from "../handler.ts";
import { noneIf404 } from "../twilio/errors.ts";
import { openService, serviceEntries } from "../twilio/service.ts";
import type { Agent } from "./agent.ts";

/** Facts about agents from Twilio. */
export interface AgentFacts {
  /**
   * When their newest conversation was created, in milliseconds since the epoch; 0 without any. For an agent in more than
   * 250 conversations it is the newest of 250 of them.
   */
  lastServed(agent: Agent): Promise<number>;
  /** Whether a chat user is online; always false without the service's `reachabilityEnabled` (docs: Reachability indicator). */
  isOnline(identity: string): Promise<boolean>;
}

/** Of 50 conversations, Twilio's maximum. */
const MOST_PAGES = 5;

interface ConversationsPage {
  readonly conversations: readonly { readonly conversation_date_created: string }[];
  readonly meta: { readonly next_page_url: string | null };
}

/** Reads the facts with plain requests: the official resource classes for them would add 12 kB to a bundle. */
export const agentFacts: Resource<AgentFacts> = {
  entries: serviceEntries,
  open(environment) {
    const api = openService(environment);
    return (call) => {
      const get = (uri: string) => api(call).fetch({ method: "get", uri }) as Promise<unknown>;
      return {
        async lastServed(agent) {
          const who = "identity" in agent ? { Identity: agent.identity } : { Address: agent.address };
          let query: string | undefined = new URLSearchParams({ ...who, PageSize: "50" }).toString();
          let newest = 0;
          // Twilio sorts them by SID (docs: Participant conversation resource), and has no other order. SIDs are random, so
          // the first pages are a random sample: the newest conversation in it is as recent as the agent is busy.
          for (let pages = 0; query !== undefined && pages < MOST_PAGES; pages++) {
            const page = (await get(`/ParticipantConversations?${query}`)) as ConversationsPage;
            for (const { conversation_date_created } of page.conversations)
              newest = Math.max(newest, Date.parse(conversation_date_created));
            const next = page.meta.next_page_url;
            query = next === null ? undefined : new URL(next).searchParams.toString();
          }
          return newest;
        },
        async isOnline(identity) {
          const user = await get(`/Users/${encodeURIComponent(identity)}`).catch(noneIf404);
          return (user as { is_online: boolean | null } | undefined)?.is_online === true;
        },
      };
    };
  },
};
