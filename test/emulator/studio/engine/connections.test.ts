import { describe, expect, it } from "vitest";
import { useAccount } from "../../support/emulator.ts";
import {
  asks,
  attached,
  contextOf,
  flowOf,
  notesOf,
  person,
  publish,
  received,
  says,
  state,
  stepsOf,
  write,
} from "../flow.ts";

const fixture = useAccount();

describe("connect-virtual-agent-v2", () => {
  const connect = state(
    "agent",
    "connect-virtual-agent-v2",
    { channel: "conversations", connector_name: "small-talk", timeout: 600 },
    { completed: "bye", "live-agent-handoff": "person", timeout: "late", failed: "none" },
  );
  const rest = [
    says("bye", "Goodbye"),
    says(
      "person",
      "A person takes over: {{widgets.agent.VirtualAgentProviderData.AgentHandoffParameters.topic}}",
    ),
    says("late", "Still there?"),
    says("none", "No agent"),
  ];
  const script = [
    { when: ["hello", "hi"], say: "Hi, what can I do for you?" },
    { when: "person", say: "One moment", handoff: { topic: "billing" } },
    { when: ["thanks"], say: "You are welcome", ends: true },
  ];

  /** "Using Google Dialogflow CX with Conversations": Trigger, agent, and what follows. */
  async function talk(...texts: string[]) {
    const account = fixture.current;
    const agent = { name: "small-talk", script, otherwise: "I do not understand" };
    expect((await account.control("POST", "/virtual-agents", agent)).status).toBe(201);
    const flowSid = await publish(account, flowOf(connect, ...rest));
    const conversation = await attached(account, flowSid);
    for (const text of texts) await write(account, text);
    return { flowSid, conversation };
  }

  it("answers by its script, hands over to a person, and leaves", async () => {
    const { flowSid, conversation } = await talk("Hello", "What?");
    expect((await conversation.participants.list()).map(({ identity }) => identity)).toContain("small-talk");
    await write(fixture.current, "Let me talk to a PERSON");
    expect(await received(fixture.current)).toEqual([
      "Hi, what can I do for you?",
      "I do not understand",
      "One moment",
      "A person takes over: billing",
    ]);
    expect((await stepsOf(fixture.current, flowSid)).slice(1)).toEqual([
      "agent: live-agent-handoff > person",
      "person: sent > Ended",
    ]);
    expect(await conversation.participants.list()).toHaveLength(1);
  });

  it("ends the conversation with the agent, and waits for the timeout of the widget", async () => {
    await talk("Hi", "thanks");
    expect((await received(fixture.current)).at(-1)).toBe("Goodbye");
    await write(fixture.current, "Hi again");
    await fixture.current.emulator.advance(600_000);
    expect((await received(fixture.current)).at(-1)).toBe("Still there?");
  });

  it("fails where there is no such agent", async () => {
    const account = fixture.current;
    await attached(account, await publish(account, flowOf(connect, ...rest)));
    await write(account, "Hi");
    expect(await received(account)).toEqual(["No agent"]);
    expect(await notesOf(account)).toEqual([
      "agent: there is no virtual agent small-talk: add one to the emulator",
    ]);
  });

  it.each([
    [{ script: {} }, "name"],
    [{ name: "a", script: {} }, "script"],
    [{ name: "a", script: [{ when: [], say: "x" }] }, "script[0].when"],
    [{ name: "a", script: [{ when: "x", say: 5 }] }, "script[0].say"],
    [{ name: "a", script: [{ when: "x", say: "y", handof: {} }] }, "script[0].handof"],
  ])("is told what is wrong with %j", async (agent, field) => {
    const { status, body } = await fixture.current.control("POST", "/virtual-agents", agent);
    expect([status, body.field]).toEqual([400, field]);
  });
});

describe("send-to-flex", () => {
  const flex = (attributes: string) =>
    state(
      "flex",
      "send-to-flex",
      { workflow: `WW${"1".repeat(32)}`, channel: `TC${"2".repeat(32)}`, attributes },
      { callComplete: "after", failedToEnqueue: "failed" },
    );

  it("creates a task, sends nothing more, and a person can join", async () => {
    const account = fixture.current;
    const attributes = '{"topic":"{{trigger.conversation.Body}}"}';
    const flowSid = await publish(
      account,
      flowOf(flex(attributes), says("after", "Not heard"), says("failed", "No")),
    );
    const conversation = await attached(account, flowSid);
    await write(account, "billing");
    expect(await received(account)).toEqual([]);
    expect(await conversation.webhooks.list()).toEqual([]);
    const { body } = await account.control("GET", "/tasks");
    const [task] = body.tasks as Record<string, unknown>[];
    expect(task).toMatchObject({
      status: "pending",
      attributes: { topic: "billing", customerAddress: person, channelType: "sms" },
    });
    const change = (fields: object) => account.control("POST", `/tasks/${task?.sid}`, fields);
    expect((await change({ status: "assigned", identity: "ann" })).body.worker).toBe("ann");
    expect((await change({ status: "assigned", identity: "bob" })).status).toBe(409);
    expect((await conversation.participants.list()).map(({ identity }) => identity)).toContain("ann");
    expect((await change({ status: "completed" })).body.status).toBe("completed");
    expect(await stepsOf(account, flowSid)).toContain("after: failed > Ended");
  });

  it.each(["[1]", "{", `{"x":"${"y".repeat(1024)}"}`])(
    "fails with the attributes %.9s",
    async (attributes) => {
      const account = fixture.current;
      await attached(
        account,
        await publish(account, flowOf(flex(attributes), says("after", "Yes"), says("failed", "No"))),
      );
      await write(account, "Hello");
      expect(await received(account)).toEqual(["No"]);
    },
  );
});

describe("run-subflow", () => {
  const subflow = (flow_sid: string, next: string) =>
    state(
      "sub",
      "run-subflow",
      {
        flow_sid,
        flow_revision: "LatestPublished",
        parameters: [{ key: "name", value: "{{flow.variables.name}}" }],
      },
      { completed: next, failed: "failed" },
    );

  it("runs a flow inside, which asks, and leaves what it sets", async () => {
    const account = fixture.current;
    const answer = [{ key: "answer", value: "{{widgets.ask.inbound.Body}}" }];
    const inner = await publish(
      account,
      flowOf(
        asks("ask", "{{trigger.parent.parameters.name}}, how old?", "keep"),
        state("keep", "set-variables", { variables: answer }),
      ),
    );
    const name = state(
      "name",
      "set-variables",
      { variables: [{ key: "name", value: "Ann" }] },
      { next: "sub" },
    );
    const flowSid = await publish(
      account,
      flowOf(name, subflow(inner, "say"), says("say", "So {{widgets.sub.answer}}"), says("failed", "No")),
    );
    await attached(account, flowSid);
    await write(account, "Hello");
    await write(account, "42");
    expect(await received(account)).toEqual(["Ann, how old?", "So 42"]);
    const { executions } = account.client.studio.v2.flows(flowSid);
    const [execution] = await executions.list();
    const steps = await executions(execution?.sid ?? "").steps.list();
    const [parent] = steps.filter(({ transitionedFrom }) => transitionedFrom === "sub");
    expect(steps.filter(({ parentStepSid }) => parentStepSid === parent?.sid)).toHaveLength(3);
    expect((await contextOf(account, flowSid)).flow?.variables).toEqual({ name: "Ann" });
  });

  it("is one level deep", async () => {
    const account = fixture.current;
    const inner = await publish(
      account,
      flowOf(subflow(`FW${"0".repeat(32)}`, "failed"), says("failed", "Too deep")),
    );
    await attached(
      account,
      await publish(account, flowOf(subflow(inner, "end"), says("end", "End"), says("failed", "No"))),
    );
    await write(account, "Hello");
    expect(await received(account)).toEqual(["Too deep", "End"]);
  });
});

describe("start-conversation and resume-conversation", () => {
  it("take a flow that a request starts into a conversation, and leave it at the end", async () => {
    const account = fixture.current;
    const { smsNumber, chatServiceSid } = account.emulator;
    const binding = {
      type: "sms",
      messaging_binding_address: "{{contact.channel.address}}",
      messaging_binding_proxy_address: smsNumber,
    };
    const start = state(
      "start",
      "start-conversation",
      { conversation_service_sid: chatServiceSid, participants: [binding], friendly_name: "Survey" },
      { created: "ask", failed: "failed" },
    );
    const flow = flowOf(
      start,
      asks("ask", "How was it?", "thanks"),
      says("thanks", "{{widgets.ask.inbound.Body}}: thanks"),
      says("failed", "No"),
    );
    const trigger = { ...flow.states[0], transitions: [{ event: "incomingRequest", next: "start" }] };
    const flowSid = await publish(account, { ...flow, states: [trigger, ...flow.states.slice(1)] });
    await account.client.studio.v2.flows(flowSid).executions.create({ to: person, from: smsNumber });
    await account.emulator.settle();
    const [conversation] = await account.conversations.list();
    expect(await account.conversations(conversation?.sid ?? "").webhooks.list()).toHaveLength(1);
    await write(account, "Great");
    expect(await received(account)).toEqual(["How was it?", "Great: thanks"]);
    expect(await account.conversations(conversation?.sid ?? "").webhooks.list()).toEqual([]);

    const resume = state(
      "start",
      "resume-conversation",
      { conversation_service_sid: chatServiceSid, conversation_sid: "{{flow.data.sid}}" },
      { resumed: "again", failed: "failed" },
    );
    const again = {
      ...flow,
      states: [trigger, resume, says("again", "One more thing"), says("failed", "No")],
    };
    const { executions } = account.client.studio.v2.flows(await publish(account, again));
    await executions.create({ to: person, from: smsNumber, parameters: { sid: conversation?.sid } });
    await executions.create({ to: "+15558675311", from: smsNumber, parameters: { sid: "CH0" } });
    await account.emulator.settle();
    expect((await received(account)).at(-1)).toBe("One more thing");
    expect((await account.inbox("+15558675311")).map(({ body }) => body)).toEqual(["No"]);
  });
});

describe("send-message", () => {
  it("fills in a content template, keeps attributes, and omits media", async () => {
    const account = fixture.current;
    const types = { "twilio/quick-reply": { body: "Hello {{1}}", actions: [{ title: "Yes", id: "yes" }] } };
    const content_sid = await account.template(types, "approved", { "1": "you" });
    const template = {
      from: "Bot",
      message_type: "content_template",
      content_sid,
      content_variables: [{ key: "{{1}}", value: "{{trigger.conversation.Body}}" }],
      attributes: '{"by":"flow"}',
    };
    const media = { from: "Bot", body: "A picture", media_url: "https://example.com/owl.png" };
    const flow = flowOf(
      state("greet", "send-message", template, { sent: "picture", failed: undefined }),
      state("picture", "send-message", media, { sent: undefined, failed: undefined }),
    );
    const conversation = await attached(account, await publish(account, flow));
    await write(account, "Ann");
    const [, greeting, picture] = await conversation.messages.list();
    expect(greeting).toMatchObject({
      author: "Bot",
      body: "Hello Ann",
      contentSid: content_sid,
      attributes: '{"by":"flow"}',
    });
    expect(picture).toMatchObject({ body: "A picture", media: null });
    expect(await notesOf(account)).toEqual([expect.stringMatching(/^picture: media is not sent/)]);
  });
});

describe("add-twiml-redirect", () => {
  it("fails in a conversation, which has no TwiML", async () => {
    const account = fixture.current;
    const redirect = state(
      "go",
      "add-twiml-redirect",
      { url: "https://example.com" },
      { return: undefined, fail: "failed" },
    );
    await attached(account, await publish(account, flowOf(redirect, says("failed", "No"))));
    await write(account, "Hello");
    expect(await received(account)).toEqual(["No"]);
  });
});

describe("a number's messaging webhook", () => {
  it("that is the flow's URL starts it, and its replies reach the step that waits", async () => {
    const account = fixture.current;
    const flowSid = await publish(
      account,
      flowOf(asks("ask", "{{trigger.message.Body}}?", "end"), says("end", "{{widgets.ask.inbound.Body}}!")),
    );
    const { webhookUrl } = await account.client.studio.v2.flows(flowSid).fetch();
    await account.control("POST", "/numbers", { address: account.emulator.smsNumber, smsUrl: webhookUrl });
    await write(account, "One");
    await write(account, "two");
    expect(await received(account)).toEqual(["One?", "two!"]);
    expect((await contextOf(account, flowSid)).contact).toEqual({ channel: { address: person } });
  });
});

describe("the control API", () => {
  it("shows flows, their executions with steps and waits, and their picture", async () => {
    const account = fixture.current;
    const flowSid = await publish(
      account,
      flowOf(asks("ask", 'Is 1 < 2 & "so"?', "end"), says("end", "Yes")),
    );
    const conversation = await attached(account, flowSid);
    await write(account, "Hello");
    const { body } = await account.control("GET", `/flows/${flowSid}`);
    const [execution] = body.executions as Record<string, unknown>[];
    expect(execution).toMatchObject({
      at: "ask",
      waitsUntil: "2026-01-05T11:00:00.000Z",
      steps: [{ from: "Trigger", to: "ask" }],
    });
    const { sid } = await conversation.fetch();
    const detail = await account.control("GET", `/conversations/${sid}`);
    expect(detail.body.executions).toMatchObject([{ flowSid, flowName: "A flow", status: "active" }]);
    const picture = await fetch(
      `${account.emulator.controlUrl}/flows/${flowSid}/picture?execution=${execution?.sid}&progress=2-active`,
    );
    expect(picture.headers.get("content-type")).toContain("image/svg+xml");
    const svg = await picture.text();
    expect(svg).toContain('class="state current" data-name="ask"');
    expect(svg).toContain('class="edge taken"');
    expect(svg).toContain("Is 1 &lt; 2 &amp; &quot;so&quot;?");
    expect((await account.control("GET", `/flows/${flowSid}/picture?execution=FN1`)).status).toBe(404);
    expect((await account.control("GET", "/flows")).body.flows).toMatchObject([
      { sid: flowSid, active: 1, executions: 1 },
    ]);
  });
});

describe("what is waited for when an emulator starts again", () => {
  it("is waited for after a snapshot is restored, too", async () => {
    const account = fixture.current;
    const flowSid = await publish(
      account,
      flowOf(asks("ask", "Well?", "end", "late"), says("end", "Yes"), says("late", "Late")),
    );
    await attached(account, flowSid);
    await write(account, "Hello");
    const { body } = await account.control("GET", "/snapshot");
    await write(account, "Now");
    expect((await received(account)).at(-1)).toBe("Yes");
    await account.control("POST", "/restore", body);
    await account.emulator.advance(3_600_000);
    expect((await received(account)).at(-1)).toBe("Late");
  });
});
