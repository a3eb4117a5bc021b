import { readFileSync } from "node:fs";
import { join } from "node:path";
import { queueFront } from "../../core/platforms/queue-front.ts";
import { endpoints, handlerOf, root } from "../endpoints.ts";
import { firstSentence, leadOf, pageFileOf, readPage } from "../summary.ts";
import { FUNCTIONS, type FunctionSettings } from "./functions.ts";

/** Where the SAM template is, made of the frame and of the functions. */
export const templateFile = join(root, "infra/template.yaml");

const FRAME_FILE = "infra/template/frame.yaml";
const PLACE = /^ {2}# Here come the functions.*\n/m;
const GENERATED = "# Written by `npm run template` from infra/template, which is where to change it.\n";

/** A Lambda function, with all that the template says about it. */
interface LambdaFunction extends FunctionSettings {
  readonly description: string;
  /** The name of its bundle. */
  readonly name: string;
  /** Its routes: path and methods. None for a consumer. */
  readonly methods: readonly string[];
  /** The variables that it may read. */
  readonly variables: readonly string[];
}

/** The SAM template as the frame, the definitions of the endpoints and the settings of the functions have it. */
export async function makeTemplate(): Promise<string> {
  const frame = readFileSync(join(root, FRAME_FILE), "utf8");
  const functions = await lambdaFunctions(FUNCTIONS);
  return fillFrame(frame, functions);
}

/** Puts functions and their alarms into a frame. @throws for a variable or a role that the frame knows nothing of. */
export function fillFrame(frame: string, functions: readonly LambdaFunction[]): string {
  if (!PLACE.test(frame)) throw new Error(`${FRAME_FILE} has no line "# Here come the functions …".`);
  const blocks = functions.map((one) => `${functionOf(one, frame)}\n${alarmOf(one)}`);
  return GENERATED + frame.replace(PLACE, () => blocks.join("\n"));
}

/**
 * Every Lambda function, in order of name.
 *
 * @throws when settings have no endpoint, or a function has no description.
 */
export async function lambdaFunctions(
  settings: Readonly<Record<string, FunctionSettings>>,
): Promise<LambdaFunction[]> {
  const settingsOf = (name: string) => (Object.hasOwn(settings, name) ? settings[name] : undefined) ?? {};
  const all: LambdaFunction[] = [];
  for (const endpoint of endpoints()) {
    const { name, isQueued } = endpoint;
    const handler = await handlerOf(endpoint);
    const methods = [...handler.methods, ...(handler.cors ? ["OPTIONS"] : [])];
    const { variables } = isQueued ? queueFront : handler;
    all.push({ description: summaryOf(name), ...settingsOf(name), name, methods, variables });
    if (!isQueued) continue;
    const consumer = `${name}-consumer`;
    const { description = summaryOf(name), ...others } = settingsOf(consumer);
    all.push({ ...others, description, name: consumer, methods: [], variables: handler.variables });
  }
  const stray = Object.keys(settings).find((name) => !all.some((one) => one.name === name));
  if (stray !== undefined) throw new Error(`infra/template/functions.ts: there is no endpoint ${stray}.`);
  return all;
}

/** The seconds that a function has, by the name of its bundle. */
export function secondsOf(name: string): number {
  const own = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]?.timeout : undefined;
  const [globals = ""] = readFileSync(join(root, FRAME_FILE), "utf8").split(/^Resources:$/m);
  return own ?? Number(/^ +Timeout: (\d+)$/m.exec(globals)?.[1]);
}

/** Lambda takes up to 256 characters. */
const LONGEST_DESCRIPTION = 256;

function summaryOf(name: string): string {
  const page = readPage({ name });
  const file = pageFileOf({ name });
  if (page === undefined) throw new Error(`${file} is missing: run npm run reference.`);
  const summary = firstSentence(leadOf(file, page)).replaceAll("`", "");
  if (summary.length <= LONGEST_DESCRIPTION) return summary;
  throw new Error(`${file}: the first sentence is longer than ${LONGEST_DESCRIPTION} characters.`);
}

/** `WhatsappOptIn` for `whatsapp/opt-in` and for `WHATSAPP_OPT_IN`. */
const pascalCase = (name: string): string =>
  name
    .toLowerCase()
    .split(/[^a-z0-9]/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");

function functionOf(one: LambdaFunction, frame: string): string {
  const { name, description, role = "FunctionRole", timeout, queue } = one;
  if (!frame.includes(`\n  ${role}:\n`)) throw new Error(`${FRAME_FILE} has no role ${role}, for ${name}.`);
  const variables = ownVariables(one, frame).map(([variable, from]) => `          ${variable}: !Ref ${from}`);
  return lines(
    `  ${pascalCase(name)}Function:`,
    "    Type: AWS::Serverless::Function",
    "    Properties:",
    `      Description: ${JSON.stringify(description)}`,
    `      CodeUri: ../dist/lambda/${name}`,
    `      Role: !GetAtt ${role}.Arn`,
    ...(timeout === undefined ? [] : [`      Timeout: ${timeout}`]),
    ...(variables.length === 0 ? [] : ["      Environment:", "        Variables:", ...variables]),
    "      Events:",
    ...(queue === undefined ? one.methods.flatMap((method) => routeOf(method, name)) : takingFrom(queue)),
  );
}

/**
 * The variables that the function reads and others do not, each with the parameter of that name or the resource that it
 * gets its value from. Those in the secret are named in its parameter's description; the emulator's address is for local
 * runs alone.
 *
 * @throws for a variable that nothing in the frame sets.
 */
function ownVariables(
  { name, variables, resources = {} }: LambdaFunction,
  frame: string,
): [string, string][] {
  const secret = /^ {2}SecretArn:[\s\S]*?AllowedPattern/m.exec(frame)?.[0] ?? "";
  const isSet = (variable: string) =>
    frame.includes(` ${variable}: !Ref `) ||
    new RegExp(`\\b${variable}\\b`).test(secret) ||
    variable === "TWILIO_BASE_URL";
  return [...new Set(variables)]
    .filter((variable) => !isSet(variable))
    .map((variable): [string, string] => {
      const from = resources[variable] ?? pascalCase(variable);
      if (frame.includes(`\n  ${from}:\n`)) return [variable, from];
      throw new Error(`${FRAME_FILE}: give ${variable}, which ${name} reads, a parameter ${from}.`);
    });
}

const routeOf = (method: string, name: string): string[] => [
  `        ${pascalCase(method)}:`,
  "          Type: HttpApi",
  `          Properties: { ApiId: !Ref Api, Method: ${method}, Path: /${name} }`,
];

const takingFrom = (queue: string): string[] => [
  "        Queue:",
  "          Type: SQS",
  "          Properties:",
  `            Queue: !GetAtt ${queue}.Arn`,
  "            BatchSize: 5",
  "            # Twilio limits how often an account may ask; the queue is where a burst can wait.",
  "            ScalingConfig: { MaximumConcurrency: 10 }",
  "            FunctionResponseTypes: [ReportBatchItemFailures]",
];

/** For a function that does not start, or runs out of time or of memory. */
const alarmOf = ({ name }: LambdaFunction): string =>
  lines(
    `  ${pascalCase(name)}ErrorAlarm:`,
    "    Type: AWS::CloudWatch::Alarm",
    "    Properties:",
    `      AlarmDescription: The ${name} function failed`,
    "      Namespace: AWS/Lambda",
    "      MetricName: Errors",
    "      Dimensions:",
    "        - Name: FunctionName",
    `          Value: !Ref ${pascalCase(name)}Function`,
    "      Statistic: Sum",
    "      Period: 60",
    "      EvaluationPeriods: 1",
    "      Threshold: 1",
    "      ComparisonOperator: GreaterThanOrEqualToThreshold",
    "      TreatMissingData: notBreaching",
    "      AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]",
  );

const lines = (...all: readonly string[]): string => `${all.join("\n")}\n`;
