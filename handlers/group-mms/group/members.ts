import * as v from "valibot";
import { InvalidInput } from "../../../core/errors.ts";
import { address, identity, jsonText, wordList } from "../../../core/input.ts";

/** "Group Texting in Conversations": a group text has at least three and at most ten members. */
const SMALLEST_GROUP = 3;
export const LARGEST_GROUP = 10;

const TOLL_FREE = ["800", "822", "833", "844", "855", "866", "877", "888"];

/** Area codes of +1 outside the US and Canada, and those of Pacific islands, which Twilio rejects. */
const UNSUPPORTED_AREAS = [
  ..."242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876".split(" "),
  ..."670 671 684".split(" "),
];

function isGroupNumber(number: string): boolean {
  const area = /^\+1([2-9]\d{2})[2-9]\d{6}$/.exec(number)?.[1];
  return area !== undefined && !TOLL_FREE.includes(area) && !UNSUPPORTED_AREAS.includes(area);
}

/** A number that can be in a group text: a +1 long code of the US or Canada. */
export const groupNumber = () =>
  v.pipe(
    address(),
    v.description('a long code of the US or Canada, such as "+14155550100"'),
    v.check(
      isGroupNumber,
      'must be a long code of the US or Canada, such as "+14155550100": group texts support no toll-free numbers, no ' +
        "short codes, no other countries and no other channels",
    ),
  );

/** How an identity without a projected address is rejected. */
export const IDENTITY_NEEDS_NUMBER = {
  message: "A chat user needs a projectedAddress: one of your numbers, which the group sees.",
  code: "projected_address_missing",
  field: "projectedAddress",
} as const;

/** Numbers of people: repeated fields, a JSON list, or one text separated by commas. */
export const groupNumbers = () => v.pipe(wordList(), v.array(groupNumber()));

const LIST = 'must be a JSON list such as [{"identity":"alice","projectedAddress":"+14155550100"}]';
const agentList = v.array(
  v.strictObject({ identity: v.optional(identity()), projectedAddress: groupNumber() }),
  LIST,
);

/** Chat users with their projected addresses, as a JSON list; one without an identity is a gateway. */
export const agents = () =>
  v.pipe(
    v.union([jsonText(LIST), v.pipe(v.array(v.unknown()), v.metadata({ input: agentList }))], LIST),
    v.description('a JSON list such as [{"identity":"alice","projectedAddress":"+14155550100"}]'),
    agentList,
  );

/** A member of a group text: a person with a phone, a chat user with a projected address, or such a number alone. */
export type Member =
  | { readonly address: string; readonly projectedAddress?: never; readonly identity?: never }
  | {
      readonly projectedAddress: string;
      readonly identity?: string | undefined;
      readonly address?: never;
    };

/** The number that the others see. */
export const numberOf = (member: Member): string => member.address ?? member.projectedAddress;

/** @throws {InvalidInput} for too few or too many members, and for a number or an identity that occurs twice. */
export function checkMembers(members: readonly Member[]): void {
  const numbers = members.map(numberOf);
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (twice !== undefined) {
    throw new InvalidInput(`${twice} is named more than once.`, { code: "number_twice", field: "addresses" });
  }
  const identities = members.flatMap(({ identity }) => identity ?? []);
  if (new Set(identities).size < identities.length) {
    throw new InvalidInput("An identity is named more than once.", {
      code: "identity_twice",
      field: "agents",
    });
  }
  if (members.length < SMALLEST_GROUP) {
    const message = `A group text has at least ${SMALLEST_GROUP} members, including your numbers; these are ${members.length}.`;
    throw new InvalidInput(message, { code: "too_few_members", field: "addresses" });
  }
  if (members.length > LARGEST_GROUP) {
    const message = `A group text has at most ${LARGEST_GROUP} members; these are ${members.length}.`;
    throw new InvalidInput(message, { code: "too_many_members", field: "addresses" });
  }
}

/** A member as JSON text for the Conversation with Participants resource. */
export function memberJson({ address, projectedAddress, identity }: Member): string {
  return JSON.stringify({ identity, messaging_binding: { address, projected_address: projectedAddress } });
}
