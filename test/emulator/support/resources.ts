import { Clock } from "../../../emulator/clock.ts";
import { createResources } from "../../../emulator/domain/account.ts";
import type { DomainEvent } from "../../../emulator/domain/events.ts";
import { Joinings } from "../../../emulator/domain/joinings.ts";
import type { ParticipantInput } from "../../../emulator/domain/model.ts";
import { emptyParticipant } from "../../../emulator/domain/participants.ts";
import { createIds } from "../../../emulator/ids.ts";
import { InFlight } from "../../../emulator/in-flight.ts";

/** The origin of changes in tests of the domain: the account, without webhooks. */
export const quietly = { source: "API", webhooks: false } as const;

/** The number of the account of {@link bareResources}. */
export const ownNumber = "+15017122661";

/** A new account with a manual clock and without webhooks, and the events that it publishes. */
export function bareResources() {
  const clock = new Clock("manual", 0);
  const events: DomainEvent[] = [];
  const account = { accountSid: undefined, authToken: undefined, numbers: [ownNumber] };
  const resources = createResources(account, {
    clock,
    ids: createIds("seed"),
    joinings: new Joinings(clock, new InFlight(), () => 0),
    gate: () => undefined,
    publish: (event) => events.push(event),
  });
  return { resources, clock, events };
}

/** A participant with only these parameters. */
export function participantWith(fields: Partial<ParticipantInput>): ParticipantInput {
  return { ...emptyParticipant, ...fields };
}
