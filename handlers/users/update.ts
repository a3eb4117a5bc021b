import * as v from "valibot";
import { backEnd } from "../../core/access/back-end.ts";
import { atLeastOne } from "../../core/field-rules.ts";
import { defineHandler, Reply } from "../../core/handler.ts";
import { attributes, identity, sid, text } from "../../core/input.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import { sidOf } from "../../core/sid.ts";
import { state } from "../../core/state/state.ts";
import { inTurn } from "../../core/state/turn.ts";
import { mergeAttributes } from "../../core/twilio/attributes.ts";
import { conversations } from "../../core/twilio/conversations.ts";
import { explainTwilioError, isTwilioError, noneIf404 } from "../../core/twilio/errors.ts";
import { createUnique, repeatWhileUncertain } from "../../core/twilio/once.ts";
import { userOf, users } from "../../core/twilio/users.ts";

/** Twilio's error for an existing user. */
const EXISTS = 50201;

/**
 * Changes a user's name, attributes or role, and creates the user if necessary (docs: Conversations user resource).
 * Attributes are merged into the existing ones: a JSON Merge Patch (RFC 7396), in which `null` removes a key.
 *
 * Safe to call again: unchanged values are not written again. Calls that merge attributes of one user run one after the
 * other, so that each reads the result of the one before; attributes are read again afterwards, and merged again if another
 * program has overwritten them.
 */
export default defineHandler({
  access: backEnd("conversations:write"),
  use: { conversations, users, state },
  input: v.pipe(
    v.strictObject({
      /** The user. */
      identity: identity(),
      /** The name that others see. */
      friendlyName: v.optional(text(256)),
      /** Merged into the user's attributes; `null` removes a key. */
      attributes: v.optional(attributes()),
      /** The user's role in the service. */
      roleSid: v.optional(sid("RL")),
    }),
    atLeastOne(["friendlyName", "attributes", "roleSid"], "Give friendlyName, attributes or roleSid."),
  ),
  mayBeRepeated: () => true,
  async run({ identity, attributes, ...wanted }, { conversations, users, state, call, log }) {
    const { friendlyName, roleSid } = wanted;
    const user = userOf(users, identity);
    const find = () => user.fetch().catch(noneIf404);
    try {
      const before = await find();
      const present =
        before ??
        (await createUnique({ create: () => users.create({ identity }), find, call }).catch(
          (error: unknown) => {
            if (isTwilioError(error, { code: EXISTS })) return user.fetch();
            throw error;
          },
        ));
      const userSid = sidOf("US", present.sid);
      const changes = omitUndefined({
        friendlyName: friendlyName === present.friendlyName ? undefined : friendlyName,
        roleSid: roleSid === present.roleSid ? undefined : roleSid,
      });
      const isChanged = Object.keys(changes).length > 0;
      if (isChanged) await repeatWhileUncertain(() => user.update(changes));
      const turnContext = { conversations, state, call, log };
      const isMerged =
        attributes !== undefined &&
        (await inTurn(turnContext, userSid, () => mergeAttributes(attributes, user)));
      const answer = { identity, userSid };
      if (before === undefined) return new Reply(201, { status: "created" as const, ...answer });
      const status = isChanged || isMerged ? ("updated" as const) : ("unchanged" as const);
      return new Reply(200, { status, ...answer });
    } catch (error) {
      throw explainTwilioError(error, { field: roleSid === undefined ? "identity" : "roleSid" });
    }
  },
});
