import { readEnvironment } from "../environment.ts";
import type { Resource } from "../handler.ts";
import { openApi } from "./account.ts";
import { removeIfPresent } from "./once.ts";
import { serviceEntries } from "./service.ts";

/** A push binding, with the field names of the API. */
export interface PushBinding {
  readonly sid: string;
}

/** Push bindings in the configured service (docs: Service binding resource). */
export interface PushBindings {
  /** Those of a user. */
  of(identity: string): Promise<readonly PushBinding[]>;
  remove(binding: PushBinding): Promise<boolean>;
}

interface BindingsPage {
  readonly bindings: readonly PushBinding[];
  readonly meta: { readonly next_page_url: string | null };
}

/** With plain requests: the official resource class would add 5 kB to a bundle. */
export const pushBindings: Resource<PushBindings> = {
  entries: serviceEntries,
  open(environment) {
    const { CHAT_SERVICE_SID } = readEnvironment(serviceEntries, environment);
    const api = openApi(environment, "conversations", "v1");
    return (call) => {
      const get = <Answer>(uri: string) => api(call).fetch({ method: "get", uri }) as Promise<Answer>;
      // They exist only below a service.
      const pathOf = async () => {
        if (CHAT_SERVICE_SID !== undefined) return `/Services/${CHAT_SERVICE_SID}/Bindings`;
        const { default_chat_service_sid } = await get<{ default_chat_service_sid: string }>(
          "/Configuration",
        );
        return `/Services/${default_chat_service_sid}/Bindings`;
      };
      return {
        async of(identity) {
          const path = await pathOf();
          const found: PushBinding[] = [];
          let query: string | undefined = new URLSearchParams({
            Identity: identity,
            PageSize: "100",
          }).toString();
          while (query !== undefined) {
            const { bindings, meta }: BindingsPage = await get(`${path}?${query}`);
            found.push(...bindings);
            query =
              meta.next_page_url === null ? undefined : new URL(meta.next_page_url).searchParams.toString();
          }
          return found;
        },
        async remove({ sid }) {
          const uri = `${await pathOf()}/${sid}`;
          return removeIfPresent(() => api(call).remove({ method: "delete", uri }));
        },
      };
    };
  },
};
