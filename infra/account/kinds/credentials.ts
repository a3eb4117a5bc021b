import type { Form } from "../api.ts";
import { type Change, type Difference, differencesOf } from "../change.ts";
import type { Context } from "../context.ts";
import type { Credential, Secret } from "../schema.ts";
import { readTextFile } from "../text-file.ts";
import { UserError } from "../user-error.ts";
import type { Kind } from "./kind.ts";

const PATH = "/v1/Credentials";

/** Push credentials (docs: Credential Resource). Twilio does not show their secrets: they are sent on creation and on request. */
export const credentials: Kind<"credentials"> = {
  section: "credentials",
  async plan(section, context) {
    const actual = await context.list("conversations", `${PATH}?PageSize=50`, "credentials");
    const changes: Change[] = [];
    const named = new Set<unknown>();
    for (const credential of section) {
      const { name, type } = credential;
      const present = actual.find((one) => one.friendly_name === name && one.type === type);
      named.add(present?.sid);
      const subject = `the ${type} credential ${name}`;
      const differences: Difference[] =
        credential.type === "apn" && credential.sandbox !== undefined
          ? differencesOf(new Map([["sandbox", credential.sandbox]]), present ?? {})
          : [];
      if (present !== undefined && !context.resendSecrets && differences.length === 0) continue;
      const path = present === undefined ? PATH : `${PATH}/${present.sid}`;
      const run = () => context.api.post("conversations", path, formOf(credential, context));
      // Read now, so that a missing secret fails before anything is changed.
      formOf(credential, context);
      const secrets = { field: "secrets", from: present && "(not shown by Twilio)", to: "(sent)" };
      changes.push({
        action: present === undefined ? "create" : "update",
        subject,
        differences: [...differences, secrets],
        run,
      });
    }
    if (!context.prune) return changes;
    const strays = actual.filter(({ sid }) => !named.has(sid));
    return [
      ...changes,
      ...strays.map(
        ({ sid, type, friendly_name }): Change => ({
          action: "delete",
          subject: `the ${type} credential ${friendly_name}`,
          differences: [],
          run: () => context.api.remove("conversations", `${PATH}/${sid}`),
        }),
      ),
    ];
  },
  async pull(context) {
    const actual = await context.list("conversations", `${PATH}?PageSize=50`, "credentials");
    const env = (name: string) => ({ env: name });
    return actual.map(({ friendly_name, type, sandbox }): Credential => {
      const name = String(friendly_name);
      if (type === "apn")
        return {
          name,
          type,
          certificate: env("APN_CERTIFICATE"),
          privateKey: env("APN_PRIVATE_KEY"),
          sandbox: /^true$/i.test(String(sandbox)),
        };
      return type === "gcm"
        ? { name, type, apiKey: env("GCM_API_KEY") }
        : { name, type: "fcm", secret: env("FCM_SECRET") };
    });
  },
};

function formOf(credential: Credential, { variables }: Context): Form {
  const read = (secret: Secret) => readSecret(secret, credential.name, variables);
  const common = { Type: credential.type, FriendlyName: credential.name };
  switch (credential.type) {
    case "apn":
      return {
        ...common,
        Certificate: read(credential.certificate),
        PrivateKey: read(credential.privateKey),
        Sandbox: String(credential.sandbox ?? false),
      };
    case "gcm":
      return { ...common, ApiKey: read(credential.apiKey) };
    case "fcm":
      return { ...common, Secret: read(credential.secret) };
  }
}

function readSecret(secret: Secret, name: string, variables: Context["variables"]): string {
  if ("env" in secret) {
    const value = variables[secret.env];
    if (value) return value;
    throw new UserError(
      `The credential ${name} needs ${secret.env}, which is not set in .env or the environment.`,
    );
  }
  return readTextFile(secret.file, `The credential ${name}`);
}
