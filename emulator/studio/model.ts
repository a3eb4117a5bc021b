import type { Collection, Member } from "../domain/collection.ts";
import type { Sid } from "../sid.ts";

/*
 * The state of Studio. Dates are in milliseconds since the epoch; JSON texts and plain JSON values are stored as they are.
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
  /** Its first message; empty: it answers the message that started it. */
  readonly welcome: string;
  readonly script: readonly ScriptLine[];
  /** Its answer to everything else. */
  readonly otherwise: string;
}

/** An agent's answer to messages that contain one of some words, and its action. */
export interface ScriptLine {
  readonly when: readonly string[];
  readonly say: string;
  /** The parameters of the handoff to a person. */
  readonly handoff: JsonObject | undefined;
  /** Whether it ends the conversation with the agent. */
  readonly ends: boolean;
}

/** A task for a person at Flex. */
export interface Task extends Member<"WT"> {
  readonly workflowSid: Sid<"WW">;
  readonly channelSid: Sid<"TC">;
  readonly attributes: JsonObject;
  readonly priority: number;
  readonly executionSid: Sid<"FN">;
  readonly conversationSid: Sid<"CH"> | undefined;
  status: "pending" | "assigned" | "completed";
  /** The identity of the person who has accepted it. */
  worker: string | undefined;
  readonly dateCreated: number;
}

/** A flow: its revisions, oldest first, and the test users of drafts. */
export interface Flow extends Member<"FW"> {
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
  /** `flow.channel.address`: a number of the account; empty if there is none. */
  readonly address: string;
  /** Its conversation; undefined for messages by number. */
  readonly conversationSid: Sid<"CH"> | undefined;
}

/** One run through a flow. */
export interface Execution extends Member<"FN"> {
  readonly flow: Flow;
  /** The key that only one active execution of the flow can have: a conversation, or a contact and a number. */
  readonly key: string;
  party: Party;
  /** `flow.channel` besides its address, after Start or Resume Conversation. */
  channel: JsonObject;
  readonly initiatedBy: string;
  status: "active" | "ended";
  /** Why it failed, for the author of the flow. */
  problem: string | undefined;
  /** The frame of the flow, and of its active subflow. */
  frames: readonly Frame[];
  readonly steps: Collection<Step>;
  waiting: Waiting | undefined;
  readonly dateCreated: number;
  dateUpdated: number;
}

/** A running flow or subflow. */
export interface Frame {
  readonly flowSid: Sid<"FW">;
  readonly revision: number;
  /** The step of the parent flow that runs this one. */
  readonly parentStepSid: Sid<"FT"> | undefined;
  /** `trigger`. */
  trigger: JsonObject;
  /** `flow.data`. */
  readonly data: Json;
  /** `flow.variables`. */
  readonly variables: Map<string, Json>;
  /** `widgets`, by name. */
  readonly widgets: Map<string, JsonObject>;
  /** The name of the current state. */
  at: string;
  /** The SID of the current step. */
  stepSid: Sid<"FT">;
  /** The number of consecutive visits of this state. */
  inARow: number;
}

/** A step that waits for an external event. */
export interface Waiting {
  readonly since: number;
  /** The end of its timeout; undefined: that of the execution. */
  readonly until: number | undefined;
}

/** A finished step: the transition from a state. */
export interface Step extends Member<"FT"> {
  readonly event: string;
  readonly from: string;
  /** The name of the next state, or "Ended". */
  readonly to: string;
  readonly type: string;
  readonly parentStepSid: Sid<"FT"> | undefined;
  /** The execution's variables after it, as JSON. */
  readonly context: string;
  readonly dateCreated: number;
}
