/** An answer of an endpoint. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** The flat JSON of an endpoint's response. */
export type Fields = Record<string, string | number | boolean | null>;

/** Posts JSON and reads JSON. */
export async function postJson<Body = Fields>(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Body>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}
