import { UserError } from "./user-error.ts";

/** Whether requests to it are encrypted, or stay on this machine. */
export const isEncryptedOrLocal = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" ||
  (protocol === "http:" && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname));

/** The URL that `--base-url` names, without the slash at its end. @throws {UserError} unless it can be that of a deployment. */
export function baseUrlOf(text: string): string {
  if (URL.canParse(text) && isEncryptedOrLocal(new URL(text)) && !/[?#]/.test(text))
    return text.replace(/\/+$/, "");
  throw new UserError(
    `--base-url must be an https URL without a query, such as https://parley-1234-dev.twil.io, or http on this machine, and not ${text}.`,
  );
}
