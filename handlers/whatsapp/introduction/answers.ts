import { OPT_OUT_WORDS } from "../../../core/twilio/opt-out.ts";

/** How a person answered an invitation. */
export type Answer = "yes" | "no" | "stop" | "unclear";

/** Words and phrases for yes and no. */
export interface AnswerWords {
  readonly yes: readonly string[];
  readonly no: readonly string[];
}

/** The responder's messages in one language. */
export interface Texts {
  /** To the invitee, after a yes. */
  readonly wait: string;
  /** To the invitee, after a no. */
  readonly declined: string;
  /** To the invitee, once, after an unclear answer. */
  readonly unclear: string;
}

/** A built-in language of the responder. */
interface Language extends AnswerWords {
  readonly texts: Texts;
}

const ENGLISH: Language = {
  yes: [
    "yes",
    "y",
    "yeah",
    "yep",
    "yup",
    "sure",
    "ok",
    "okay",
    "of course",
    "please do",
    "i agree",
    "i am",
    "agreed",
    "accept",
    "👍",
    "✅",
  ],
  no: [
    "no",
    "n",
    "nope",
    "nah",
    "no thanks",
    "no thank you",
    "not now",
    "never",
    "decline",
    "reject",
    "👎",
    "❌",
  ],
  texts: {
    wait: "Great! Just a moment while we connect you…",
    declined: "All right, we will not connect you. Thank you for letting us know.",
    unclear: "Sorry, we did not get that. Please reply YES to be connected, or NO if you would rather not.",
  },
};

const LANGUAGES: ReadonlyMap<string, Language> = new Map<string, Language>([
  ["en", ENGLISH],
  [
    "de",
    {
      yes: ["ja", "jo", "jap", "gerne", "klar", "natürlich", "in ordnung", "einverstanden"],
      no: ["nein", "nö", "nee", "nein danke", "lieber nicht", "jetzt nicht", "ablehnen"],
      texts: {
        wait: "Prima! Einen Moment bitte, wir verbinden Sie…",
        declined: "In Ordnung, wir verbinden Sie nicht. Danke für Ihre Antwort.",
        unclear: "Das haben wir leider nicht verstanden. Bitte antworten Sie mit JA oder NEIN.",
      },
    },
  ],
  [
    "es",
    {
      yes: ["sí", "si", "claro", "vale", "por supuesto", "de acuerdo", "acepto"],
      no: ["no", "no gracias", "ahora no", "rechazo"],
      texts: {
        wait: "¡Genial! Un momento mientras le conectamos…",
        declined: "De acuerdo, no le conectaremos. Gracias por avisarnos.",
        unclear: "Perdone, no le hemos entendido. Responda SÍ para conectar, o NO si prefiere no hacerlo.",
      },
    },
  ],
  [
    "fr",
    {
      yes: ["oui", "ouais", "d'accord", "bien sûr", "volontiers", "j'accepte"],
      no: ["non", "non merci", "pas maintenant", "je refuse"],
      texts: {
        wait: "Parfait ! Un instant, nous vous mettons en relation…",
        declined: "Très bien, nous ne vous mettrons pas en relation. Merci de nous l'avoir dit.",
        unclear: "Désolé, nous n'avons pas compris. Répondez OUI pour être mis en relation, ou NON.",
      },
    },
  ],
  [
    "it",
    {
      yes: ["sì", "si", "certo", "va bene", "volentieri", "d'accordo", "accetto"],
      no: ["no", "no grazie", "non ora", "rifiuto"],
      texts: {
        wait: "Ottimo! Un attimo, vi mettiamo in contatto…",
        declined: "Va bene, non vi metteremo in contatto. Grazie per avercelo detto.",
        unclear: "Scusi, non abbiamo capito. Risponda SÌ per essere messo in contatto, oppure NO.",
      },
    },
  ],
  [
    "nl",
    {
      yes: ["ja", "jazeker", "prima", "graag", "natuurlijk", "akkoord"],
      no: ["nee", "nee bedankt", "liever niet", "nu niet", "weigeren"],
      texts: {
        wait: "Mooi! Een ogenblik, we verbinden u…",
        declined: "In orde, we verbinden u niet. Bedankt voor uw antwoord.",
        unclear: "Sorry, dat begrepen we niet. Antwoord JA om verbonden te worden, of NEE.",
      },
    },
  ],
  [
    "pt",
    {
      yes: ["sim", "claro", "com certeza", "pode ser", "aceito", "de acordo"],
      no: ["não", "nao", "não obrigado", "não obrigada", "agora não", "recuso"],
      texts: {
        wait: "Ótimo! Só um momento enquanto conectamos você…",
        declined: "Tudo bem, não vamos conectar você. Obrigado por avisar.",
        unclear: "Desculpe, não entendemos. Responda SIM para ser conectado, ou NÃO se preferir.",
      },
    },
  ],
]);

/** Unambiguous opt-out words, which also count within a short sentence. */
const PLAIN_STOP_WORDS: readonly string[] = ["stop", "stopall", "unsubscribe", "optout"];

/**
 * Words that may follow a yes or a no without changing it. Any other word makes the answer unclear: consent that was not given
 * must not be recorded, and asking again is cheap.
 */
const POLITE_WORDS: readonly string[] = (
  "please thanks thank you very much ty thx i am that s is fine great good lovely perfect absolutely definitely willing " +
  "do go ahead now sir madam mate bitte danke sehr gern gerne schön super por favor muchas gracias merci beaucoup svp s il " +
  "vous te plaît plait grazie mille per favore alstublieft graag bedankt dank je u wel obrigado obrigada muito"
).split(" ");
const REGRETS: readonly string[] =
  "sorry way chance thank thanks you not now today tonight later interested i m am".split(" ");

/** Longer answers are sentences, whose end may contradict their beginning. */
const MOST_WORDS = 6;

/** Codes (ISO 639-1) of the built-in languages. */
export const LANGUAGE_CODES: readonly string[] = [...LANGUAGES.keys()];

/** The texts of a language; English if it is not built in. */
export const defaultTexts = (language: string): Texts => (LANGUAGES.get(language) ?? ENGLISH).texts;

/**
 * Interprets a reply. A quick-reply button arrives as its title, so it counts like typed text.
 *
 * @param body The text, or the title of the button. `undefined` for media without text.
 * @param language The language whose words count, in addition to English.
 * @param own Words of the deployment or the caller, such as the titles of a template's buttons.
 */
export function readAnswer(body: string | undefined, language: string, own: AnswerWords): Answer {
  const reply = normalise(body ?? "");
  if (reply === "") return "unclear";
  if (OPT_OUT_WORDS.includes(reply)) return "stop";
  const known = [own, LANGUAGES.get(language) ?? ENGLISH, ENGLISH];
  // The invitation's own words first: a button may be called "No problem".
  for (const words of known) {
    if (words.yes.map(normalise).includes(reply)) return "yes";
    if (words.no.map(normalise).includes(reply)) return "no";
  }
  const words = reply.split(" ");
  if (words.length > MOST_WORDS) return "unclear";
  if (words.some((word) => PLAIN_STOP_WORDS.includes(word)))
    return words.some(isNegation) ? "unclear" : "stop";
  const yes = known.flatMap((words) => words.yes).map(normalise);
  const no = known.flatMap((words) => words.no).map(normalise);
  if (isMadeOf(reply, yes, POLITE_WORDS)) return "yes";
  if (isMadeOf(reply, no, [...POLITE_WORDS, ...REGRETS])) return "no";
  return "unclear";
}

const isNegation = (word: string): boolean => ["not", "don", "dont", "never"].includes(word);

/** Whether a reply starts with one of the phrases and continues only with more of them and harmless words. */
function isMadeOf(reply: string, phrases: readonly string[], harmless: readonly string[]): boolean {
  const words = new Set([...harmless, ...phrases.flatMap((phrase) => phrase.split(" "))]);
  const isHarmless = (word: string) => words.has(word) || /^[\p{Extended_Pictographic}\u200D]+$/u.test(word);
  return (
    phrases.some((phrase) => phrase !== "" && reply.startsWith(`${phrase} `)) &&
    reply.split(" ").every(isHarmless)
  );
}

/** Lower case, without punctuation, with single spaces; letters of any script and emoji stay. */
function normalise(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{P}\p{Cf}\p{Emoji_Modifier}\p{Variation_Selector}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
}
