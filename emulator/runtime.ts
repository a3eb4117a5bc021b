import { Changes } from "./changes.ts";
import type { Rules } from "./channels/a2p.ts";
import type { ChannelContext } from "./channels/context.ts";
import { fanOut } from "./channels/fan-out.ts";
import { readPhone, switchPhone } from "./channels/handsets.ts";
import { type Routing, receive } from "./channels/inbound.ts";
import { sendFromNumber } from "./channels/number-messages.ts";
import { OptOuts } from "./channels/opt-outs.ts";
import { sendOutbound } from "./channels/outbound.ts";
import type { PhoneState } from "./channels/phone-states.ts";
import { type Handset, type InboundMessage, type PhoneMessage, Phones } from "./channels/phones.ts";
import { Sandbox } from "./channels/sandbox.ts";
import { ServiceWindows } from "./channels/windows.ts";
import { Clock, type ClockPosition } from "./clock.ts";
import { type AccountOptions, createResources } from "./domain/account.ts";
import type { ChannelMessage } from "./domain/account-model.ts";
import type { ActionLimiter } from "./domain/action-limiter.ts";
import type { DomainEvent } from "./domain/events.ts";
import { Joinings, usualJoiningMs } from "./domain/joinings.ts";
import type { OutboundInput } from "./domain/outbound-messages.ts";
import type { Resources } from "./domain/resources.ts";
import { resumeTasks } from "./domain/resume.ts";
import { type FaultState, Faults, noFaults } from "./faults/faults.ts";
import { createIds, type Ids, type StreamPosition } from "./ids.ts";
import { InFlight } from "./in-flight.ts";
import { Pushes } from "./push/pushes.ts";
import { Realtime } from "./realtime/realtime.ts";
import type { Tracks } from "./realtime/tracks.ts";
import type { Sid } from "./sid.ts";
import type { Saved } from "./store/read-state.ts";
import { emptyStudio } from "./studio/flows.ts";
import type { StudioState } from "./studio/model.ts";
import { Studio } from "./studio/studio.ts";
import { createTimeline, describeEvent } from "./timeline.ts";
import { type WebhookAttempt, WebhookDispatcher } from "./webhooks/dispatcher.ts";
import type { SharedKey } from "./webhooks/signature.ts";

/** How to start a runtime. The same seed gives the same SIDs. */
export interface RuntimeOptions {
  readonly account: AccountOptions;
  /** The clock of a new state; `saved` has its own. */
  readonly clock: () => Clock;
  readonly seed: string;
  /** The operations that a fault may name. */
  readonly operationNames: ReadonlySet<string>;
  readonly log: (message: string) => void;
  /** Where the emulator answers, once it does: "http://127.0.0.1:PORT". */
  readonly origin: () => string;
  /** Resolves when what has happened so far will not be undone by a crash. */
  readonly committed: () => Promise<void>;
  /** The stored state and position of an earlier run. */
  readonly saved: Saved | undefined;
}

/** The whole state of a run, which can be stored and continued. */
interface State {
  readonly resources: Resources;
  readonly inboxes: Map<string, Set<PhoneMessage>>;
  readonly windows: Map<string, number>;
  readonly handsets: Map<string, Handset>;
  readonly optOuts: Set<string>;
  readonly sandbox: Map<string, number>;
  readonly rules: Rules;
  readonly webhookRules: Map<string, SharedKey>;
  readonly faults: FaultState;
  readonly studio: StudioState;
  readonly tracks: Tracks;
}

/** The positions of the clock and of the streams of identifiers, which must not repeat. */
interface Position {
  /** How many runs this state had before. */
  readonly runs: number;
  readonly clock: ClockPosition;
  readonly ids: StreamPosition;
}

/** One run of the emulator's state, from a start or reset to the next: the resources, and what acts on its events. */
export class Runtime {
  readonly root: State;
  readonly clock: Clock;
  readonly phones: Phones;
  readonly changes = new Changes();
  readonly timeline = createTimeline((entry) => this.changes.noteEntry(entry));
  readonly inFlight = new InFlight();
  readonly faults: Faults;
  readonly webhooks: WebhookDispatcher;
  readonly pushes: Pushes;
  readonly studio: Studio;
  readonly realtime: Realtime;
  /** Without one, rates are not limited. */
  limiter: ActionLimiter | undefined;
  readonly log: (message: string) => void;
  /** A stream of its own, so that SIDs do not depend on how often somebody asked. */
  readonly requestIds: Ids;
  readonly #windows: ServiceWindows;
  readonly #optOuts: OptOuts;
  readonly #sandbox: Sandbox;
  readonly #joinings: Joinings;
  readonly #origin: () => string;
  readonly #run: number;

  constructor({ account, clock, seed, operationNames, log, origin, committed, saved }: RuntimeOptions) {
    const before = saved as { readonly root: State; readonly position: Position } | undefined;
    this.#run = before === undefined ? 0 : before.position.runs + 1;
    this.clock = before === undefined ? clock() : Clock.resume(before.position.clock);
    this.clock.watch(() => this.changes.note("clock"));
    this.log = log;
    this.#origin = origin;
    // Requests, webhooks and pushes are not stored, so each run has streams of its own for them.
    const suffix = this.#run === 0 ? "" : `:${this.#run}`;
    this.requestIds = createIds(`${seed}:requests${suffix}`);
    const { inFlight, timeline } = this;
    const state = before?.root.faults ?? noFaults();
    this.faults = new Faults({ state, seed, clock: this.clock, timeline, operations: operationNames });
    this.webhooks = new WebhookDispatcher({
      account: () => this.resources.account,
      rules: () => this.root.webhookRules,
      clock: this.clock,
      ids: createIds(`${seed}:webhooks${suffix}`),
      inFlight,
      timeline,
      faults: this.faults,
      log,
      committed,
    });
    this.pushes = new Pushes({ clock: this.clock, ids: createIds(`${seed}:pushes${suffix}`), timeline });
    const ids = createIds(before?.position.ids ?? seed);
    const publish = (event: DomainEvent) => this.#react(event);
    const { gate } = this.webhooks;
    this.#joinings = new Joinings(this.clock, inFlight, () => this.root.rules.joining);
    const around = { clock: this.clock, ids, joinings: this.#joinings, gate, publish };
    this.root =
      before === undefined
        ? {
            resources: createResources(account, around),
            inboxes: new Map(),
            windows: new Map(),
            handsets: new Map(),
            optOuts: new Set(),
            sandbox: new Map(),
            rules: { a2p: false, sandbox: false, joining: usualJoiningMs },
            webhookRules: new Map(),
            faults: state,
            studio: emptyStudio(),
            tracks: new Map(),
          }
        : before.root;
    if (before !== undefined) Object.assign(this.resources, around);
    this.phones = new Phones(this.root.inboxes, this.root.handsets);
    this.#windows = new ServiceWindows(this.root.windows);
    this.#optOuts = new OptOuts(this.root.optOuts);
    this.#sandbox = new Sandbox(this.root.sandbox, () => this.root.rules.sandbox);
    this.studio = new Studio(
      {
        resources: () => this.resources,
        state: this.root.studio,
        inFlight,
        timeline,
        log,
        sendText: (message) => sendFromNumber(this.resources, this.#channelContext(), message),
      },
      () => this.limiter !== undefined,
    );
    this.realtime = new Realtime({
      resources: () => this.resources,
      clock: this.clock,
      ids: createIds(`${seed}:realtime${suffix}`),
      tracks: this.root.tracks,
      limiter: () => this.limiter,
      faults: this.faults,
      inFlight,
      timeline,
      committed,
      log,
    });
    if (before === undefined) return;
    resumeTasks(this.resources);
    this.studio.resume();
    this.realtime.presence.resume(this.resources);
  }

  get resources(): Resources {
    return this.root.resources;
  }

  /** Where the clock and the SIDs are. */
  position(): Position {
    return { runs: this.#run, clock: this.clock.position(), ids: this.resources.ids.position() };
  }

  /** The credentials and defaults of the account. */
  credentials() {
    const { account, defaultService } = this.resources;
    const [key] = account.keys.values();
    const apiKeySecret: string = (key && account.apiKeys.get(key.sid)) ?? "";
    const apiKeySid: Sid<"SK"> | "" = key?.sid ?? "";
    return {
      accountSid: account.sid,
      authToken: account.authToken,
      apiKeySid,
      apiKeySecret,
      chatServiceSid: defaultService.sid,
      messagingServiceSid: account.defaultMessagingServiceSid,
    };
  }

  /** Takes in a message that a person sends from a phone. */
  receive(message: InboundMessage): Promise<Routing> {
    return this.inFlight.track(receive(this.resources, message, this.#channelContext()));
  }

  /** Sends a message of Programmable Messaging, outside any conversation. */
  sendMessage(input: OutboundInput): ChannelMessage {
    return sendOutbound(this.resources, this.#channelContext(), input);
  }

  /** The webhooks that failed, oldest first. */
  failedWebhooks(): readonly WebhookAttempt[] {
    return this.webhooks.attempts.entries().filter(({ error }) => error !== null);
  }

  /** Gives a phone a state; one that is on gets what it missed. */
  switchPhone(address: string, state: PhoneState): void {
    switchPhone(this.resources, address, state, this.#channelContext());
    this.changes.note("phones");
  }

  /** A person reads all that their phone shows. Returns how many messages became read. */
  readPhone(address: string): number {
    const read = readPhone(this.resources, address, this.#channelContext());
    this.changes.note("phones");
    return read;
  }

  /** Resolves when nothing is in flight, no conversation is initializing and no timer is due. */
  async settle(): Promise<void> {
    do {
      await this.#becomeQuiet();
      await this.#joinings.allEnded();
    } while (this.#joinings.count > 0 || this.clock.hasDue() || this.inFlight.count > 0);
  }

  async #becomeQuiet(): Promise<void> {
    do {
      this.clock.runDue();
      await this.inFlight.idle();
    } while (this.clock.hasDue() || this.inFlight.count > 0);
  }

  /**
   * Moves the clock forward by `ms`. What is in flight is waited for, before and after each timer on the way, but not
   * effects of the clock itself, such as the end of `initializing`; with `settle` false nothing is waited for, which
   * is how the time of a target that does not answer runs out.
   */
  async advance(ms: number, settle = true): Promise<void> {
    const wait = settle ? () => this.#becomeQuiet() : async () => {};
    await wait();
    await this.clock.advance(ms, wait);
    await wait();
  }

  /** Drops timers, webhooks and what faults hold back, and lets go of who looks on; nothing more happens here. */
  dispose(): void {
    this.clock.clear();
    this.#joinings.close();
    this.faults.close();
    this.webhooks.close();
    this.studio.close();
    this.changes.close();
    this.realtime.close();
  }

  #react(event: DomainEvent): void {
    this.timeline.add(describeEvent(event));
    this.webhooks.handle(event);
    this.studio.handle(event);
    this.pushes.handle(this.resources, event);
    this.realtime.handle(event);
    if (event.type === "onMessageAdded") fanOut(this.resources, event.message, this.#channelContext());
  }

  #channelContext(): ChannelContext {
    const { clock, phones, timeline, faults, webhooks } = this;
    return {
      clock,
      phones,
      windows: this.#windows,
      optOuts: this.#optOuts,
      sandbox: this.#sandbox,
      log: this.log,
      origin: this.#origin,
      rules: this.root.rules,
      timeline,
      faults,
      callWebhook: async (number, url, fields) =>
        this.studio.receiveText(url, fields) ? undefined : webhooks.call(number, url, fields),
    };
  }
}
