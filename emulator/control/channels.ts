import * as v from "valibot";
import { createChannel } from "../domain/chat-channels.ts";
import { closed, optional, text } from "../input.ts";
import type { ControlHandler } from "./call.ts";
import { readBody } from "./input.ts";

const channelInput = closed({
  friendlyName: optional(text),
  uniqueName: optional(text),
  attributes: optional(text),
  members: v.optional(v.array(text, "must be a list of identities"), []),
  messages: v.optional(v.array(closed({ author: text, body: text }), "must be a list of messages"), []),
});

/** Creates a public channel of the Chat API in the default service, which can be migrated. */
export const createChatChannel: ControlHandler = ({ runtime, body }) => {
  const { resources } = runtime;
  const { friendlyName, uniqueName, attributes, members, messages } = readBody(body, channelInput);
  const given = { friendlyName, uniqueName, attributes, members, messages };
  const { sid } = createChannel(resources, resources.defaultService, given);
  return { status: 201, body: { sid, serviceSid: resources.defaultService.sid, type: "public" } };
};
