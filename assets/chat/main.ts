import type { Client, ConnectionState, Conversation } from "@twilio/conversations";
import { Composer } from "./composer.ts";
import { forgetConnection, noteConnection, read } from "./connection.ts";
import { showDetails } from "./details.ts";
import { ask, closeDialog, part, writeTexts } from "./dom.ts";
import { ConversationList } from "./list.ts";
import { attempt, attemptChange, showLastingProblem, showNotice, showProblem } from "./problems.ts";
import { endPush, offerPush } from "./push.ts";
import { openSession } from "./session.ts";
import { readSettings } from "./settings.ts";
import { texts } from "./texts.ts";
import { Thread } from "./thread.ts";
import { type SignIn, SignInFailed } from "./token.ts";

const settings = readSettings();
const composer = new Composer();
let thread: Thread | undefined;

/** Makes another conversation the open one, or none. */
function setThread(opened: Thread | undefined): void {
  thread?.close();
  thread = opened;
  composer.open(opened?.conversation);
}

/** Hides the details and empties them: their actions are those of the conversation that was open. */
function hideDetails(): void {
  const details = part("details", HTMLElement);
  details.hidden = true;
  details.replaceChildren();
  part("show-details", HTMLButtonElement).setAttribute("aria-expanded", "false");
}

/** Shows no conversation. */
function showNoneOpen(): void {
  setThread(undefined);
  hideDetails();
  part("open", HTMLElement).hidden = true;
  part("nothing-open", HTMLParagraphElement).hidden = false;
  document.body.classList.remove("has-open");
}

function showConnection(state: ConnectionState): void {
  noteConnection(state === "connected");
  const banner = part("connection", HTMLParagraphElement);
  const text = state === "connected" ? "" : (new Map(Object.entries(texts.connection)).get(state) ?? "");
  banner.textContent = text;
  banner.hidden = text === "";
}

function showSignIn(problem: string): void {
  forgetConnection();
  part("connection", HTMLParagraphElement).hidden = true;
  // The next user may be another one.
  closeDialog();
  endPush();
  showNoneOpen();
  showNotice("");
  part("push", HTMLButtonElement).hidden = true;
  part("chat", HTMLDivElement).hidden = true;
  part("sign-in", HTMLElement).hidden = false;
  showLastingProblem(problem);
  // The embedding page keeps the focus unless sign-in has failed.
  if (problem !== "") part("sign-in-title", HTMLHeadingElement).focus();
  part("guest", HTMLButtonElement).onclick = () => void signIn({ kind: "guest" });
  part("sign-in-form", HTMLFormElement).onsubmit = (event) => {
    event.preventDefault();
    const token = part("bearer", HTMLInputElement).value.trim();
    if (token !== "") void signIn({ kind: "bearer", getToken: async () => token });
  };
}

async function signIn(how: SignIn): Promise<void> {
  // Only one at a time: a second session would show its conversations among those of the first.
  part("sign-in", HTMLElement).hidden = true;
  showProblem("");
  showConnection("connecting");
  try {
    const client = await openSession(how, settings, {
      connectionChanged: showConnection,
      ended: showSignIn,
    });
    showConnection(client.connectionState);
    await attempt(() => showChat(client));
  } catch (error) {
    if (!(error instanceof SignInFailed)) reportError(error);
    showSignIn(error instanceof SignInFailed ? error.message : texts.problems.unknown);
  }
}

async function showChat(client: Client): Promise<void> {
  composer.signedIn(client.user.identity);
  part("bearer", HTMLInputElement).value = "";
  part("chat", HTMLDivElement).hidden = false;
  part("user", HTMLHeadingElement).focus();
  part("user", HTMLHeadingElement).textContent = client.user.friendlyName || client.user.identity;
  const toggle = part("show-details", HTMLButtonElement);
  const details = part("details", HTMLElement);
  const refresh = () => {
    const shown = thread;
    if (shown === undefined || details.hidden) return;
    const isShown = () => shown === thread && !details.hidden;
    void attempt(() => showDetails(client, shown, isShown));
  };
  const showOrHideDetails = () => {
    if (!details.hidden) return hideDetails();
    details.hidden = false;
    toggle.setAttribute("aria-expanded", "true");
    refresh();
  };
  const close = () => {
    const sid = thread?.conversation.sid ?? "";
    showNoneOpen();
    list.mark(undefined);
    list.focus(sid);
  };
  const open = async (conversation: Conversation) => {
    const opened = new Thread(client, conversation);
    setThread(opened);
    list.mark(conversation.sid);
    hideDetails();
    part("open", HTMLElement).hidden = false;
    part("nothing-open", HTMLParagraphElement).hidden = true;
    document.body.classList.add("has-open");
    part("title", HTMLHeadingElement).focus();
    await attempt(() => opened.load());
    await list.refresh(conversation);
  };
  const list = new ConversationList(
    client,
    (conversation) => void open(conversation),
    (message) => {
      if (message.conversation.sid === thread?.conversation.sid) thread.add(message);
    },
  );
  toggle.onclick = showOrHideDetails;
  details.onkeydown = ({ key }) => {
    if (key !== "Escape") return;
    hideDetails();
    toggle.focus();
  };
  part("back", HTMLButtonElement).onclick = close;
  part("create", HTMLButtonElement).onclick = () => void createConversation(client, open);
  const closeIfOpen = ({ sid }: Conversation) => {
    if (sid === thread?.conversation.sid) close();
  };
  client.on("conversationLeft", closeIfOpen);
  client.on("conversationRemoved", closeIfOpen);
  client.on("participantJoined", refresh);
  client.on("participantLeft", refresh);
  client.on("userUpdated", refresh);
  client.on("conversationUpdated", refresh);
  client.on("pushNotification", ({ body, data }) => {
    if (data.conversationSid !== thread?.conversation.sid) showNotice(body ?? "");
  });
  await list.load();
  void attempt(() => offerPush(client));
  if (settings.conversation === undefined) return;
  const found = await findConversation(client, settings.conversation);
  // The user may have opened another one by now.
  if (thread === undefined) await open(found);
}

const findConversation = (client: Client, name: string): Promise<Conversation> =>
  read(() =>
    /^CH[0-9a-f]{32}$/.test(name)
      ? client.getConversationBySid(name)
      : client.getConversationByUniqueName(name),
  );

async function createConversation(
  client: Client,
  open: (made: Conversation) => Promise<void>,
): Promise<void> {
  const friendlyName = await ask(texts.nameOfConversation);
  if (friendlyName === undefined) return;
  await attemptChange(async () => {
    const before = thread;
    const conversation = await client.createConversation({ friendlyName });
    await conversation.join();
    // The user may be writing in another one by now.
    if (thread === before) await open(conversation);
  });
}

writeTexts();
// Scrollable areas must be reachable by keyboard.
part("scroller", HTMLDivElement).tabIndex = 0;
const { bearer, accessToken } = settings;
if (accessToken !== undefined) void signIn({ kind: "token", token: accessToken });
else if (bearer !== undefined) void signIn({ kind: "bearer", getToken: async () => bearer });
else if (settings.isGuest) void signIn({ kind: "guest" });
else showSignIn("");
