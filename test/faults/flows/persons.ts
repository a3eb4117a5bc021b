import { callFlow, must, once, together } from "../flow.ts";
import type { Lane } from "../lane.ts";

/** A conversation of alice, who has written, and bob. */
async function prepareConversation(lane: Lane): Promise<string> {
  const { sid } = await lane.post("Conversations");
  for (const identity of ["alice", "bob"]) {
    await lane.post(`Conversations/${sid}/Participants`, { Identity: identity });
    await lane.post(`Conversations/${sid}/Messages`, { Author: identity, Body: `I am ${identity}` });
  }
  return String(sid);
}

/** One person's data in all conversations. */
export const persons = [
  callFlow({
    name: "export a person's data",
    endpoint: "users/export",
    async prepare(lane) {
      await prepareConversation(lane);
      const look = async () =>
        must("the participant in the archive", lane.logged('\\"kind\\":\\"participant\\"'));
      return { fields: { identity: "alice" }, look };
    },
  }),
  callFlow({
    name: "erase a person's data",
    endpoint: "users/erase",
    async prepare(lane) {
      const sid = await prepareConversation(lane);
      const look = async () => {
        const people = (await lane.list(`Conversations/${sid}/Participants`)).map(({ identity }) => identity);
        const authors = (await lane.list(`Conversations/${sid}/Messages`)).map(({ author }) => author);
        const users = (await lane.list("Users")).map(({ identity }) => identity);
        return together(
          ...[people, authors, users].map((names) => must("the erasure", !names.includes("alice"))),
          ...[people, authors, users].map((names) =>
            once("bob", names.filter((name) => name === "bob").length),
          ),
        );
      };
      return { fields: { identity: "alice" }, look };
    },
  }),
];
