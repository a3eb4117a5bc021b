const LONGEST = 128;

/** Without characters that change how a name is displayed, such as a right-to-left override: `gpj.exe` could be shown as `exe.jpg`. */
export const withoutFormatting = (name: string): string => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");

/** The last part of a URL's path, if it is a file name. */
export function filenameOf({ pathname }: URL): string | undefined {
  const part = decoded(pathname.split("/").at(-1) ?? "");
  const last = withoutFormatting(part.split(/[/\\]/).at(-1) ?? "");
  return /^\.*$/.test(last) ? undefined : last.slice(0, LONGEST);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not valid URL encoding: use the name unchanged.
    return part;
  }
}
