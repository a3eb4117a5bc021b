const block = (name: string) => new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);

/** A generated part of a page, between its marks. */
export const marked = (name: string, text: string): string =>
  `<!-- generated: ${name} -->\n\n${text.trim()}\n\n<!-- end -->`;

/**
 * A page with its generated parts replaced.
 *
 * @throws if the page lacks the marks of a part, or has marks of an unknown part.
 */
export function renewed(file: string, page: string, parts: Readonly<Record<string, string>>): string {
  const names = [...page.matchAll(/<!-- generated: (\w+) -->/g)].map(([, name = ""]) => name);
  const missing = Object.keys(parts).filter((name) => !block(name).test(page));
  if (missing.length > 0)
    throw new Error(`${file} lacks <!-- generated: ${missing[0]} --> with its <!-- end -->.`);
  const unknown = names.filter((name) => parts[name] === undefined);
  if (unknown.length > 0)
    throw new Error(`${file} has marks of "${unknown[0]}", which is not a generated part.`);
  return Object.entries(parts).reduce(
    (text, [name, part]) => text.replace(block(name), () => marked(name, part)),
    page,
  );
}

/** A table with aligned columns. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = header.map((_, column) =>
    Math.max(3, ...cells.map((row) => [...(row[column] ?? "")].length)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - [...cell].length)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

/** Text as inline code, also with backticks. */
export function code(text: string): string {
  if (text === "") return "";
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}
