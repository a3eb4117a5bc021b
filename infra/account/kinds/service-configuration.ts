import type { Change } from "../change.ts";
import type { Context } from "../context.ts";
import type { Service } from "../schema.ts";
import { UserError } from "../user-error.ts";
import type { Kind } from "./kind.ts";
import { DEFAULT_ROLE_FIELDS } from "./roles.ts";
import { servicePath } from "./service-path.ts";
import { planSettings } from "./settings.ts";

/** Default roles and reachability (docs: Service Configuration Resource). */
export const serviceConfiguration: Kind<"services"> = {
  section: "services",
  async plan(section, context) {
    const changes: Change[] = [];
    for (const service of section) {
      const { path, of } = await servicePath(context, service.service);
      const wanted = await wantedOf(context, service, path, of);
      if (wanted.size === 0) continue;
      const settings = { subject: `the configuration ${of}`, path: path && `${path}/Configuration` };
      changes.push(...(await planSettings(context, settings, wanted)));
    }
    return changes;
  },
};

async function wantedOf(
  context: Context,
  { defaultRoles = {}, reachabilityEnabled, roles = [] }: Service,
  path: string | undefined,
  of: string,
): Promise<Map<string, unknown>> {
  const wanted = new Map<string, unknown>();
  if (reachabilityEnabled !== undefined) wanted.set("reachabilityEnabled", reachabilityEnabled);
  for (const kind of ["service", "conversation", "conversationCreator"] as const) {
    const name = defaultRoles[kind];
    if (name === undefined) continue;
    const there =
      path === undefined ? [] : await context.list("conversations", `${path}/Roles?PageSize=50`, "roles");
    const type = kind === "service" ? "service" : "conversation";
    const role = there.find((one) => one.friendly_name === name && one.type === type);
    const isComing = roles.some((one) => "name" in one && one.name === name && one.type === type);
    if (role === undefined && !isComing && path !== undefined)
      throw new UserError(
        `defaultRoles: there is no ${type} role ${name} ${of}, neither at Twilio nor in the file.`,
      );
    wanted.set(DEFAULT_ROLE_FIELDS[kind], role?.sid ?? `the new role ${name}`);
  }
  return wanted;
}
