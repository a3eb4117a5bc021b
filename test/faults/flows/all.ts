import type { Flow } from "../flow.ts";
import { changes } from "./changes.ts";
import { events } from "./events.ts";
import { groups } from "./groups.ts";
import { introductions } from "./introduction.ts";
import { masking } from "./masking.ts";
import { messages } from "./messages.ts";
import { persons } from "./persons.ts";
import { steps } from "./steps.ts";
import { whatsapp } from "./whatsapp.ts";

/** Every flow. */
export const flows: readonly Flow[] = [
  ...steps,
  ...changes,
  ...persons,
  ...messages,
  ...masking,
  ...groups,
  ...introductions,
  ...whatsapp,
  ...events,
];
