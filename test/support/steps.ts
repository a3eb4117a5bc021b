import type { Answer, Fields } from "./http.ts";
import type { System } from "./system.ts";

/** Calls an endpoint and waits until all its effects have completed. */
export async function step(system: System, path: string, input: object): Promise<Answer<Fields>> {
  const answer = await system.call(path, input);
  await system.settle();
  return answer;
}
