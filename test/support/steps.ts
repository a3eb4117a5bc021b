import type { Answer, Fields } from "./http.ts";
import type { System } from "./system.ts";

/** Takes a step of a story: calls an endpoint, and waits until everything that follows has happened. */
export async function step(system: System, path: string, input: object): Promise<Answer<Fields>> {
  const answer = await system.call(path, input);
  await system.settle();
  return answer;
}
