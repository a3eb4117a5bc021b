import { pageThrough, personNumber, type ScenarioContext } from "../run/context.ts";
import { inTheAccount } from "../run/scenario.ts";

const question = {
  name: "ask",
  type: "send-and-wait-for-reply",
  properties: { from: "{{flow.channel.address}}", body: "Hello {{flow.data.name}}?", timeout: "60" },
  transitions: [
    { event: "incomingMessage" },
    { event: "timeout", next: "ask" },
    { event: "deliveryFailure" },
  ],
};

const definition = {
  description: "It asks until somebody answers",
  states: [
    {
      name: "Trigger",
      type: "trigger",
      properties: { offset: { x: 0, y: 0 } },
      transitions: [{ event: "incomingRequest", next: "ask" }],
    },
    question,
  ],
  initial_state: "Trigger",
  flags: { allow_concurrent_calls: true },
};

const fields = { friendlyName: "A flow", status: "published", definition } as const;
const none = "0".repeat(32);

async function create({ client }: ScenarioContext): Promise<string> {
  return (await client.studio.v2.flows.create(fields)).sid;
}

export const studio = [
  inTheAccount(
    "flows are created, read, listed, changed and deleted, with their revisions",
    async (context) => {
      const { flows, flowValidate } = context.client.studio.v2;
      const sid = await create(context);
      await flows.create({ ...fields, status: "draft", commitMessage: "First" });
      await flows(sid).fetch();
      await flows(sid).update({ status: "draft", friendlyName: "Another name", commitMessage: "Second" });
      await flows(sid).update({ status: "published", definition });
      await pageThrough(context, flows);
      await pageThroughRevisions(context, sid);
      for (const revision of ["1", "LatestPublished", "LatestDraft"])
        await flows(sid).revisions(revision).fetch();
      await context.rejected("404/20404", () => flows(sid).revisions("4").fetch());
      await flows(sid)
        .testUsers()
        .update({ testUsers: ["ann", "bob"] });
      await flows(sid).testUsers().fetch();
      await context.rejected("400/20001", () =>
        context.request("POST", `https://studio.twilio.com/v2/Flows/${sid}/TestUsers`).then(checked),
      );
      await flowValidate.update(fields);
      await flowValidate.update({ ...fields, status: "draft", commitMessage: "Third" });
      await flows(sid).remove();
      await context.rejected("404/20404", () => flows(sid).fetch());
      await context.rejected("404/20404", () => flows(sid).update({ status: "draft" }));
      await context.rejected("404/20404", () => flows(sid).remove());
      await context.rejected("404/20404", () => flows(sid).testUsers().fetch());
    },
  ),

  inTheAccount("a flow with invalid parameters is rejected", async (context) => {
    const { flows, flowValidate } = context.client.studio.v2;
    const sid = await create(context);
    const wrong = { ...definition, states: [{ ...question, properties: { from: 5 } }] };
    const errors: Partial<Record<keyof typeof fields, unknown>>[] = [
      { friendlyName: "" },
      { status: "" },
      { status: "finished" },
      { definition: "" },
      { definition: "{" },
      { definition: {} },
      { definition: wrong },
    ];
    for (const change of errors) {
      const given = { ...fields, ...change } as typeof fields;
      await context.rejected("400/20001", () => flows.create(given));
      await context.rejected("400/20001", () => flowValidate.update(given));
      if (change.friendlyName === undefined && change.definition !== "")
        await context.rejected("400/20001", () => flows(sid).update(given));
    }
  }),

  inTheAccount(
    "executions are started, read, listed, ended and deleted, with their steps",
    async (context) => {
      const { flows } = context.client.studio.v2;
      const flow = flows(await create(context));
      const from = context.emulator.smsNumber;
      const { executions } = flow;
      const { sid } = await executions.create({ to: personNumber, from, parameters: { name: "Ann" } });
      await context.emulator.settle();
      await context.rejected("409/20409", () => executions.create({ to: personNumber, from }));
      await executions.create({ to: "+15558675311", from });
      await context.emulator.advance(60_000);
      const execution = executions(sid);
      await execution.fetch();
      await execution.executionContext().fetch();
      await pageThrough(context, executions);
      await pageThrough(context, execution.steps);
      const dates = { dateCreatedFrom: new Date("2026-01-01"), dateCreatedTo: new Date("2026-02-01") };
      await executions.page({ ...dates });
      for (const status of ["active", "ended"] as const) await executions.page({ status });
      const [step] = await execution.steps.list({ limit: 1 });
      const stepSid = step?.sid ?? "";
      await execution.steps(stepSid).fetch();
      await execution.steps(stepSid).stepContext().fetch();
      await context.write(personNumber, from, { body: "Yes" });
      await execution.update({ status: "ended" });
      await execution.update({ status: "ended" });
      await execution.remove();
      const gone = executions(`FN${none}`);
      for (const call of [
        () => execution.fetch(),
        () => execution.remove(),
        () => gone.update({ status: "ended" }),
        () => gone.executionContext().fetch(),
        () => gone.steps.page(),
        () => gone.steps(`FT${none}`).fetch(),
        () => gone.steps(`FT${none}`).stepContext().fetch(),
        () => flows(`FW${none}`).executions.page(),
        () => flows(`FW${none}`).executions.create({ to: personNumber, from }),
        () => flows(`FW${none}`).revisions("1").fetch(),
        () =>
          flows(`FW${none}`)
            .testUsers()
            .update({ testUsers: ["ann"] }),
      ])
        await context.rejected("404/20404", call);
    },
  ),

  inTheAccount("an execution with invalid parameters is rejected", async (context) => {
    const { flows } = context.client.studio.v2;
    const { executions } = flows(await create(context));
    const from = context.emulator.smsNumber;
    await context.rejected("400/20001", () => executions.create({ to: "", from }));
    await context.rejected("400/20001", () => executions.create({ to: personNumber, from: "" }));
    await context.rejected("400/20001", () =>
      executions.create({ to: personNumber, from, parameters: "[]" }),
    );
    const { sid } = await executions.create({ to: personNumber, from });
    await context.rejected("400/20001", () => executions(sid).update({ status: "active" }));
    await context.rejected("400/20001", () => executions(sid).update({ status: "" as "ended" }));
    const draft = await flows.create({ ...fields, status: "draft" });
    await context.rejected("400/20001", () => flows(draft.sid).executions.create({ to: personNumber, from }));
  }),
];

/** The official client's class for lists of revisions throws for every response, so these are plain requests. */
async function pageThroughRevisions(context: ScenarioContext, sid: string): Promise<void> {
  const url = `https://studio.twilio.com/v2/Flows/${sid}/Revisions`;
  const first = await context.request("GET", `${url}?PageSize=1`);
  const next = new URL(first.body.meta.next_page_url);
  for (const query of [next.search, "?PageSize=1000"]) checked(await context.request("GET", url + query));
  for (const query of ["?PageSize=2000", "?PageToken=none"]) {
    const { statusCode } = await context.request("GET", url + query);
    if (statusCode !== 400) throw new Error(`${query} is answered with ${statusCode}`);
  }
}

/** A plain request does not throw the errors of the resource classes. */
function checked({ statusCode, body }: { statusCode: number; body: { code?: number } }): void {
  if (statusCode < 400) return;
  throw Object.assign(new Error("refused"), { status: statusCode, code: body.code });
}
