import { Collection } from "../domain/collection.ts";

/** A stored state of an earlier version, changed in place. Its shape must not depend on current types. */
type OldState = { readonly root: object; readonly position: unknown };

/** The oldest version that is read. */
const oldestVersion = 7;

/**
 * Each step migrates a state to the next version, beginning at {@link oldestVersion}. A change of the stored shape
 * needs a new step here, which raises the version. Existing steps are never changed.
 */
const steps: readonly ((state: OldState) => void)[] = [to8, to9, to10, to11, to12, to13];

/** Earlier ones were stored as other steps. */
export const firstVersionOfSteps = 13;

/** The version of the state that is written. */
export const stateVersion = oldestVersion + steps.length;

/**
 * The reason why a state of this version cannot be read, with the remedy; undefined when it can be. It completes a
 * sentence: "… has version 99, …".
 */
export function versionProblem(version: unknown): string | undefined {
  if (typeof version !== "number" || !Number.isInteger(version)) return "names no version";
  if (version >= oldestVersion && version <= stateVersion) return undefined;
  const readable = `this emulator reads versions ${oldestVersion} to ${stateVersion}`;
  const age = version > stateVersion ? "a newer" : "an older";
  return `has version ${version}, and ${readable}: it is from ${age} emulator. Run that one to read or export it`;
}

/** Migrates a state of an earlier version to this one, step by step. */
export function migrate(state: OldState, version: number): void {
  for (const step of steps.slice(version - oldestVersion)) step(state);
}

interface PhoneMessage7 {
  readonly buttons: readonly string[];
}

interface State7 {
  readonly inboxes: Map<string, Iterable<PhoneMessage7>>;
  readonly handsets: Map<string, { held: Iterable<{ readonly message: PhoneMessage7 }> }>;
  readonly rules: object;
  /** The last builds of version 7 have them. */
  readonly webhookRules?: Map<string, unknown>;
  readonly world: object;
}

/**
 * From 7 to 8: arrays are final, so lists that grow are sets; messages and phones have the IDs of buttons; numbers
 * have their messages outside conversations; WhatsApp's sandbox and webhook rules are added.
 */
function to8({ root }: OldState): void {
  const { inboxes, handsets, rules, webhookRules, world } = root as State7;
  Object.assign(root, { sandbox: new Map(), webhookRules: webhookRules ?? new Map() });
  Object.assign(rules, { sandbox: false });
  Object.assign(world, { channelMessages: new Collection() });
  for (const [address, inbox] of inboxes) {
    inboxes.set(address, new Set(inbox));
    for (const message of inbox) addChoices(message);
  }
  for (const handset of handsets.values()) {
    handset.held = new Set(handset.held);
    for (const { message } of handset.held) addChoices(message);
  }
  for (const object of objectsIn(root)) {
    const { conversation, receipts, joining } = object as {
      conversation?: { messages?: unknown };
      receipts?: unknown;
      joining?: { waiting: Iterable<{ readonly text: object }> };
    };
    if (conversation?.messages instanceof Collection && Array.isArray(receipts))
      Object.assign(object, { receipts: new Set(receipts), choice: null });
    if (joining === undefined || !("messages" in object)) continue;
    joining.waiting = new Set(joining.waiting);
    for (const { text } of joining.waiting) Object.assign(text, { choice: null });
  }
}

function addChoices(message: PhoneMessage7): void {
  const choices = message.buttons.map((title) => ({ kind: "button", title, id: null }));
  Object.assign(message, { choices });
}

/** Every object of the state, found by following all references. */
function objectsIn(root: object): Set<object> {
  const found = new Set<object>([root]);
  // Iterating a set includes the values that are added meanwhile.
  for (const object of found) {
    for (const value of valuesOf(object))
      if (typeof value === "object" && value !== null && !(value instanceof Uint8Array)) found.add(value);
  }
  return found;
}

function valuesOf(object: object): Iterable<unknown> {
  if (object instanceof Map || object instanceof Set || object instanceof Collection) return object.values();
  return Object.values(object);
}

interface State8 {
  readonly world: {
    readonly account: { readonly apiKeys: ReadonlyMap<string, string> };
    readonly messagingServices: Collection<Stored8>;
    readonly services: Collection<Stored8 & { readonly pushBindings: Collection<Stored8> }>;
  };
}

type Stored8 = {
  readonly sid: string;
  readonly seq: number;
  readonly dateCreated: number;
  readonly dateUpdated: number;
};

/**
 * From 8 to 9: API keys have names, messaging services have campaigns, and push bindings the date of their last use.
 */
function to9({ root }: OldState): void {
  const { account, messagingServices, services } = (root as State8).world;
  const keys = new Collection<Stored8 & { friendlyName: string }>();
  for (const sid of account.apiKeys.keys())
    keys.add({ sid, seq: keys.nextSeq(), friendlyName: "", dateCreated: 0, dateUpdated: 0 });
  Object.assign((root as State8).world, { chatChannels: new Map() });
  Object.assign(account, { keys });
  for (const service of messagingServices.values()) Object.assign(service, { campaign: null });
  for (const { pushBindings } of services.values())
    for (const binding of pushBindings.values()) Object.assign(binding, { lastUsed: binding.dateUpdated });
}

interface State9 {
  readonly world: { readonly messagingServices: Collection<Stored8> };
}

/** From 9 to 10: messaging services have a status callback. */
function to10({ root }: OldState): void {
  const { messagingServices } = (root as State9).world;
  for (const service of messagingServices.values()) Object.assign(service, { statusCallback: null });
}

/** From 10 to 11: messages have a subject. */
function to11({ root }: OldState): void {
  for (const object of objectsIn(root)) {
    const { conversation, receipts } = object as {
      conversation?: { messages?: unknown };
      receipts?: unknown;
    };
    if (conversation?.messages instanceof Collection && receipts instanceof Set)
      Object.assign(object, { subject: null });
  }
}

interface State11 {
  world?: object;
  readonly faults: { rules?: Map<string, { struck?: number }> };
}

/** From 11 to 12: `world` is `resources`, a fault's `struck` is `injected`, and the position's `life` is `runs`. */
function to12({ root, position }: OldState): void {
  const state = root as State11;
  rename(state, "world", "resources");
  for (const fault of state.faults.rules?.values() ?? []) rename(fault, "struck", "injected");
  rename(state.faults, "rules", "faults");
  rename(position as { life?: number }, "life", "runs");
}

/** From 12 to 13: the receipts of a message are an array. */
function to13({ root }: OldState): void {
  for (const object of objectsIn(root)) {
    const message = object as { conversation?: { messages?: unknown }; receipts?: unknown };
    if (message.conversation?.messages instanceof Collection && message.receipts instanceof Set)
      message.receipts = [...message.receipts];
  }
}

/** Renames a field, which keeps its position. */
function rename<T extends object>(object: T, from: keyof T, to: string): void {
  const entries = Object.entries(object);
  for (const [name] of entries) delete object[name as keyof T];
  for (const [name, value] of entries) Object.assign(object, { [name === from ? to : name]: value });
}
