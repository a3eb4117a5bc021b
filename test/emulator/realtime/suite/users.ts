import type { User } from "@twilio/conversations";
import { next, ready, type Scenarios, same } from "./context.ts";
import { roomOf } from "./conversations.ts";

interface UserUpdate {
  readonly user: User;
  readonly updateReasons: readonly string[];
}

export const users: Scenarios = {
  async "shows users and their changes"(context) {
    const [alice, bob] = [await context.signIn("alice"), await context.signIn("bob")];
    await roomOf(alice, ["bob"]);
    same([alice.user.identity, alice.user.isSubscribed], ["alice", true]);
    const other = await alice.getUser("bob");
    same([other.identity, other.attributes], ["bob", {}]);
    const renamed = next<UserUpdate>(alice, "userUpdated", ({ user }) => user.identity === "bob");
    await bob.user.updateFriendlyName("Bobby");
    same([(await renamed).updateReasons, other.friendlyName], [["friendlyName"], "Bobby"]);
    const changed = next<UserUpdate>(alice, "userUpdated", ({ user }) => user.identity === "bob");
    await bob.user.updateAttributes({ tall: true });
    same([(await changed).updateReasons, other.attributes], [["attributes"], { tall: true }]);
    same((await alice.getSubscribedUsers()).map(({ identity }) => identity).toSorted(), ["alice", "bob"]);
    await other.unsubscribe();
    same(
      (await alice.getSubscribedUsers()).map(({ identity }) => identity),
      ["alice"],
    );
  },

  async "signs in by the deprecated factory"(context) {
    const alice = await context.create(await context.token("alice"));
    same([alice.user.identity, alice.connectionState], ["alice", "connected"]);
    same((await alice.getSubscribedConversations()).items, []);
    same(/^\d+\.\d+\.\d+/.test(alice.version), true);
  },

  async "reports when it is ready, and the users that it is subscribed to"(context) {
    const alice = context.connect(await context.token("alice"));
    const state = next<string>(alice, "stateChanged");
    await ready(alice);
    same(await state, "initialized");
    const bob = await context.signIn("bob");
    await roomOf(alice, ["bob"]);
    const followed = next<User>(alice, "userSubscribed", ({ identity }) => identity === "bob");
    const other = await alice.getUser("bob");
    same((await followed).isSubscribed, true);
    const renamed = next<UserUpdate>(other, "updated");
    await bob.user.updateFriendlyName("Bobby");
    same((await renamed).updateReasons, ["friendlyName"]);
    const left = next<User>(alice, "userUnsubscribed", ({ identity }) => identity === "bob");
    await other.unsubscribe();
    same((await left).isSubscribed, false);
  },
};
