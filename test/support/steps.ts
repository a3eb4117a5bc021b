import type { Answer, Fields } from "./http.ts";
import type { Stage } from "./stage.ts";

/** Takes a step of a story: calls an endpoint, and waits until everything that follows has happened. */
export async function step(stage: Stage, path: string, input: object): Promise<Answer<Fields>> {
  const answer = await stage.call(path, input);
  await stage.settle();
  return answer;
}
