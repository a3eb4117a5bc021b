import type { Resource } from "../api.ts";
import { type Change, differencesOf } from "../change.ts";
import type { Context } from "../context.ts";
import type { Service } from "../schema.ts";
import { UserError } from "../user-error.ts";
import type { Kind } from "./kind.ts";
import { servicePath } from "./service-path.ts";

type Role = NonNullable<Service["roles"]>[number];
type DefaultRole = "service" | "conversation" | "conversationCreator";

/** The field of a service's configuration for each of its default roles. */
export const DEFAULT_ROLE_FIELDS: Readonly<Record<DefaultRole, string>> = {
  service: "defaultChatServiceRoleSid",
  conversation: "defaultConversationRoleSid",
  conversationCreator: "defaultConversationCreatorRoleSid",
};

/** The roles of a service, and which are its defaults by SID. */
export async function readRoles(
  context: Context,
  path: string,
): Promise<{ roles: readonly Resource[]; defaults: Readonly<Record<DefaultRole, string>> }> {
  const [roles, configuration] = await Promise.all([
    context.list("conversations", `${path}/Roles?PageSize=50`, "roles"),
    context.api.fetch("conversations", `${path}/Configuration`),
  ]);
  const defaults = {
    service: String(configuration.default_chat_service_role_sid),
    conversation: String(configuration.default_conversation_role_sid),
    conversationCreator: String(configuration.default_conversation_creator_role_sid),
  };
  return { roles, defaults };
}

/** What users and participants may do (docs: Role Resource). */
export const roles: Kind<"services"> = {
  section: "services",
  async plan(section, context) {
    const changes: Change[] = [];
    for (const { service, roles } of section) {
      if (roles === undefined) continue;
      const { path, of } = await servicePath(context, service);
      const actual = path === undefined ? undefined : await readRoles(context, path);
      const rolesPath = `${path}/Roles`;
      for (const role of roles) changes.push(...planRole(role, { context, actual, rolesPath, of }));
      if (actual === undefined || !context.prune) continue;
      const named = new Set(roles.map((role) => sidOf(role, actual)));
      const inUse = new Set(Object.values(actual.defaults));
      for (const { sid, friendly_name } of actual.roles) {
        if (named.has(String(sid)) || inUse.has(String(sid))) continue;
        changes.push({
          action: "delete",
          subject: `the role ${friendly_name} ${of}`,
          differences: [],
          run: () => context.api.remove("conversations", `${rolesPath}/${sid}`),
        });
      }
    }
    return changes;
  },
};

type Actual = Awaited<ReturnType<typeof readRoles>>;

function sidOf(role: Role, { roles, defaults }: Actual): string | undefined {
  if ("default" in role) return defaults[role.default];
  const found = roles.find(({ friendly_name, type }) => friendly_name === role.name && type === role.type);
  return found && String(found.sid);
}

function planRole(
  role: Role,
  {
    context,
    actual,
    rolesPath,
    of,
  }: { context: Context; actual: Actual | undefined; rolesPath: string; of: string },
): Change[] {
  const sid = actual && sidOf(role, actual);
  const present = actual?.roles.find((one) => one.sid === sid);
  const permissions = Array.isArray(present?.permissions) ? present.permissions.map(String) : [];
  if ("default" in role) {
    const subject = `the default ${role.default} role ${of}`;
    const wanted = [...new Set([...permissions, ...(role.with ?? [])])].filter(
      (permission) => !role.without?.includes(permission),
    );
    const differences = differencesOf(new Map([["permissions", wanted]]), { permissions });
    if (differences.length === 0) return [];
    if (wanted.length === 0)
      throw new UserError(`${subject} would have no permission left, which Twilio rejects.`);
    const run = () => context.api.post("conversations", `${rolesPath}/${sid}`, { Permission: wanted });
    return [{ action: "update", subject, differences, run }];
  }
  const differences = differencesOf(new Map([["permissions", role.permissions]]), { permissions });
  if (present !== undefined && differences.length === 0) return [];
  const subject = `the role ${role.name} ${of}`;
  const form = { FriendlyName: role.name, Type: role.type, Permission: role.permissions };
  return present === undefined
    ? [
        {
          action: "create",
          subject,
          differences,
          run: () => context.api.post("conversations", rolesPath, form),
        },
      ]
    : [
        {
          action: "update",
          subject,
          differences,
          run: () =>
            context.api.post("conversations", `${rolesPath}/${sid}`, { Permission: role.permissions }),
        },
      ];
}
