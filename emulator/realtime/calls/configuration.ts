import { largestMediaBytes } from "../../domain/media.ts";
import { mostMedia } from "../../domain/messages.ts";
import { aim, type SdkHandler } from "../call.ts";
import { mapsOf } from "../objects.ts";

const megabyte = 1024 * 1024;

/** GET /Client/v2/Configuration: the first request of an SDK. Only the links to media lead to a server. */
export const fetch: SdkHandler = ({ service, user, connection }) => {
  const media = `${connection.mediaOrigin}/v1/Services/${service.sid}`;
  const { userInfo, myConversations } = mapsOf(user);
  return {
    status: 200,
    body: {
      identity: user.identity,
      url: `${aim}/Configuration`,
      links: {
        my_conversations: `${aim}/MyConversations`,
        conversations: `${aim}/Conversations`,
        users: `${aim}/Users`,
        current_user: `${aim}/Users/${encodeURIComponent(user.identity)}`,
        typing: `${aim}/Typing`,
        media_service: `${media}/Media`,
        media_set_service: `${media}/MediaSet`,
        messages_receipts: `${aim}/Conversations/%s/Messages/%s/Receipts`,
      },
      sync_objects: { my_user_info: userInfo, my_conversations: myConversations },
      options: {
        user_infos_to_subscribe: 100,
        reachability_enabled: service.reachabilityEnabled,
        http_cache_interval: "PT5S",
        consumption_report_interval: "PT5S",
        media_attachments_count_limit: mostMedia,
        media_attachment_size_limit_in_mb: largestMediaBytes / megabyte,
        media_attachments_total_size_limit_in_mb: largestMediaBytes / megabyte,
        email_bodies_allowed_mime_types: ["text/plain", "text/html"],
        email_histories_allowed_mime_types: ["text/plain", "text/html"],
      },
    },
  };
};
