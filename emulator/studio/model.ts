import type { Collection, Member } from "../domain/collection.ts";

/*
 * What Studio holds. Dates are in milliseconds since the epoch; JSON texts and plain JSON values are stored as they are.
 */

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A JSON object. */
export type JsonObject = Readonly<Record<string, Json>>;

/** Flows and their executions, and what they connect to. */
export interface StudioState {
  readonly flows: Collection<Flow>;
  /** By the name of their connector. */
  readonly agents: Map<string, VirtualAgent>;
  readonly tasks: Collection<Task>;
}

/** A virtual agent that answers by a script. */
export interface VirtualAgent {
  /** The name of its connector, and its identity in conversations. */
  readonly name: string;
  /** What it says when it is connected; empty: it answers the message that started it. */
  readonly welcome: string;
  readonly script: readonly ScriptLine[];
  /** What it says to everything else. */
  readonly otherwise: string;
}

/** What an agent says to messages that hold any of some words, and what it does then. */
export interface ScriptLine {
  readonly when: readonly string[];
  readonly say: string;
  /** The parameters of the hand-over to a person. */
  readonly handoff: JsonObject | undefined;
  /** Whether it ends the conversation with the agent. */
  readonly ends: boolean;
}

/** A task for a person at Flex. */
export interface Task extends Member {
  readonly workflowSid: string;
  readonly channelSid: string;
  readonly attributes: JsonObject;
  readonly priority: number;
  readonly executionSid: string;
  readonly conversationSid: string | undefined;
  status: "pending" | "assigned" | "completed";
  /** Who has accepted it. */
  worker: string | undefined;
  readonly dateCreated: number;
}

/** A flow: its revisions, oldest first, and who tests drafts. */
export interface Flow extends Member {
  readonly revisions: Collection<Revision>;
  readonly executions: Collection<Execution>;
  /** The active executions by {@link Execution.key}. */
  readonly active: Map<string, Execution>;
  testUsers: readonly string[];
  readonly dateCreated: number;
  dateUpdated: number | undefined;
}

/** A saved state of a flow. Its `sid` is its number. */
export interface Revision extends Member {
  readonly friendlyName: string;
  readonly status: "draft" | "published";
  readonly commitMessage: string | undefined;
  /** The definition as JSON. */
  readonly definition: string;
  readonly dateCreated: number;
}

/** The addresses of the contact and of the account's side. */
export interface Party {
  /** `contact.channel.address`. */
  readonly contact: string;
  /** `flow.channel.address`: a number of the account; empty where there is none. */
  readonly address: string;
  /** Its conversation; undefined for messages by number. */
  readonly conversationSid: string | undefined;
}

/** One run through a flow. */
export interface Execution extends Member {
  readonly flow: Flow;
  /** Who can have one active execution of the flow: a conversation, or a contact and a number. */
  readonly key: string;
  party: Party;
  /** `flow.channel` beside its address, after Start or Resume Conversation. */
  channel: JsonObject;
  readonly initiatedBy: string;
  status: "active" | "ended";
  /** Why it could not go on, in words for the author of the flow. */
  problem: string | undefined;
  /** The flow itself, and the subflow that it is in. */
  frames: readonly Frame[];
  readonly steps: Collection<Step>;
  waiting: Waiting | undefined;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** A running flow or subflow. */
export interface Frame {
  readonly flowSid: string;
  readonly revision: number;
  /** The step of the flow above that runs this one. */
  readonly parentStepSid: string | undefined;
  /** `trigger`. */
  trigger: JsonObject;
  /** `flow.data`. */
  readonly data: Json;
  /** `flow.variables`. */
  readonly variables: Map<string, Json>;
  /** `widgets`, by name. */
  readonly widgets: Map<string, JsonObject>;
  /** The name of the state that it is at. */
  at: string;
  /** The SID that the present step will have. */
  stepSid: string;
  /** How many times in a row it came to this state. */
  inARow: number;
}

/** A step that waits for what comes from outside. */
export interface Waiting {
  readonly since: number;
  /** When the time is over; undefined: only the execution's own end. */
  readonly until: number | undefined;
}

/** A step that is over: the transition by which a state was left. */
export interface Step extends Member {
  readonly event: string;
  readonly from: string;
  /** The name of the next state, or "Ended". */
  readonly to: string;
  readonly type: string;
  readonly parentStepSid: string | undefined;
  /** The execution's variables after it, as JSON. */
  readonly context: string;
  readonly dateCreated: number;
}
