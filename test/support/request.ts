import { emptyFields, type Request } from "../../core/request.ts";

/** A request as an adapter makes it, for access rules and handlers that run in the test's own process. */
export const requestWith = (parts: Partial<Request> = {}): Request => ({
  method: "POST",
  headers: new Map(),
  fields: emptyFields(),
  url: "https://example.com/",
  raw: undefined,
  bodyHash: undefined,
  publicBaseUrl: undefined,
  ...parts,
});

/** A request with this `Authorization` header. */
export const authorizedWith = (authorization: string): Request =>
  requestWith({ headers: new Map([["authorization", authorization]]) });
