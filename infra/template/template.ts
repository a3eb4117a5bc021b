import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Handler } from "../../core/handler.ts";
import { queueFront } from "../../core/platforms/queue-front.ts";
import { type Endpoint, endpoints, handlerOf, root } from "../endpoints.ts";
import { firstSentence, leadOf, pageFileOf, readPage } from "../summary.ts";
import { FUNCTIONS, type FunctionSettings } from "./functions.ts";

/** The path of the SAM template, which is generated from the frame and the functions. */
export const templateFile = join(root, "infra/template.yaml");

const FRAME_FILE = "infra/template/frame.yaml";
const MARKER = /^ {2}# Generated functions.*\n/m;
const ROUTES_MARKER = /^ {6}# Generated route settings.*\n/m;
const GENERATED = "# Written by `npm run template` from infra/template, which is where to change it.\n";

/** The timeout of a queue consumer in seconds: no caller waits for it. */
const CONSUMER_SECONDS = 30;

/** A Lambda function of the template. */
interface LambdaFunction {
  /** Shown in the Lambda console. */
  readonly description: string;
  /** The role of its class, or its own if it uses a queue. */
  readonly role: string;
  /** The limit of each of its routes in requests per second, if it differs from the others'. */
  readonly rateLimit?: number;
  /** The queue that a consumer reads. */
  readonly takesFrom?: string;
  /** The queue that a function in front of a consumer writes to, or a function whose work continues there. */
  readonly sendsTo?: string;
  /** See {@link FunctionSettings}. */
  readonly statements?: readonly string[];
  /** The name of its bundle. */
  readonly name: string;
  /** Its routes: path and methods. None for a consumer. */
  readonly methods: readonly string[];
  /** The variables that it reads. */
  readonly variables: readonly string[];
}

/** The text of the SAM template, generated from the frame, the endpoints' definitions and the functions' settings. */
export async function makeTemplate(): Promise<string> {
  const frame = readFileSync(join(root, FRAME_FILE), "utf8");
  const functions = await lambdaFunctions(FUNCTIONS);
  return fillFrame(frame, functions);
}

/** Inserts functions, their roles and alarms into a frame. @throws for a variable that the frame does not define. */
export function fillFrame(frame: string, functions: readonly LambdaFunction[]): string {
  for (const [marker, name] of [
    [MARKER, "functions"],
    [ROUTES_MARKER, "route settings"],
  ] as const) {
    if (!marker.test(frame)) throw new Error(`${FRAME_FILE} has no line "# Generated ${name} …".`);
  }
  const queues = functions.flatMap(({ name, sendsTo, takesFrom }) =>
    sendsTo === undefined || takesFrom !== undefined ? [] : [[sendsTo, queueOf(name, sendsTo)] as const],
  );
  const roles = [...new Map(functions.map((one) => [one.role, roleOf(one)])).values()];
  const known = [frame, ...queues.map(([, text]) => text), ...roles].join("\n");
  const blocks = [
    ...queues.map(([, text]) => text),
    ...roles,
    ...functions.map((one) => `${functionOf(one, known)}\n${alarmOf(one)}`),
  ];
  return (
    GENERATED +
    frame.replace(MARKER, () => blocks.join("\n")).replace(ROUTES_MARKER, () => routeSettings(functions))
  );
}

/**
 * Every Lambda function, in order of name.
 *
 * @throws when settings have no endpoint, or a function has no description.
 */
export async function lambdaFunctions(
  settings: Readonly<Record<string, FunctionSettings>>,
): Promise<LambdaFunction[]> {
  const all: LambdaFunction[] = [];
  for (const endpoint of endpoints()) {
    const { name, isQueued, isContinued } = endpoint;
    const handler = await handlerOf(endpoint);
    const methods = [...handler.methods, ...(handler.cors ? ["OPTIONS"] : [])];
    const { variables } = isQueued ? queueFront : handler;
    const common = { description: summaryOf(name), name, methods, variables };
    const { role, ...limit } = classOf(endpoint, handler);
    if (!isQueued && !isContinued) {
      all.push({ ...common, ...limit, role });
      continue;
    }
    const queue = `${pascalCase(name)}Queue`;
    const consumer = `${name}-consumer`;
    const statementsOf = (one: string) =>
      (Object.hasOwn(settings, one) ? settings[one] : undefined)?.statements ?? [];
    all.push(
      { ...common, ...limit, role: roleNameOf(name), sendsTo: queue, statements: statementsOf(name) },
      {
        name: consumer,
        description: isQueued ? `Handles the queued events of ${name}.` : `Continues long calls of ${name}.`,
        role: roleNameOf(consumer),
        methods: [],
        variables: handler.variables,
        takesFrom: queue,
        ...(isContinued && { sendsTo: queue }),
        statements: statementsOf(consumer),
      },
    );
  }
  const stray = Object.keys(settings).find((name) => !all.some((one) => one.name === name));
  if (stray !== undefined) throw new Error(`infra/template/functions.ts: there is no endpoint ${stray}.`);
  return all;
}

/** Twilio does not deliver a rejected webhook again. */
const WEBHOOKS_PER_SECOND = 500;
/** Anybody may call these. A password costs 50 ms of CPU, and more than four at a time are rejected by an instance. */
const TOKENS_PER_SECOND = 50;
const PASSWORDS_PER_SECOND = 5;

/** The role and limit of a function without a queue, by who may call it. */
function classOf(
  { name, isProtected }: Endpoint,
  { cors }: Handler,
): Pick<LambdaFunction, "role" | "rateLimit"> {
  if (isProtected) return { role: "WebhookRole", rateLimit: WEBHOOKS_PER_SECOND };
  if (!cors) return { role: "BackEndRole" };
  return {
    role: "WebPageRole",
    rateLimit: name === "token-service" ? PASSWORDS_PER_SECOND : TOKENS_PER_SECOND,
  };
}

function routeSettings(functions: readonly LambdaFunction[]): string {
  const routes = functions.flatMap(({ name, methods, rateLimit }) =>
    rateLimit === undefined
      ? []
      : methods.map((method) => [
          `        "${method} /${name}":`,
          "          DetailedMetricsEnabled: true",
          `          ThrottlingBurstLimit: ${2 * rateLimit}`,
          `          ThrottlingRateLimit: ${rateLimit}`,
        ]),
  );
  return lines("      RouteSettings:", ...routes.flat());
}

/** The timeout of a function in seconds, by the name of its bundle. */
export function secondsOf(name: string): number {
  if (name.endsWith("-consumer")) return CONSUMER_SECONDS;
  const [globals = ""] = readFileSync(join(root, FRAME_FILE), "utf8").split(/^Resources:$/m);
  return Number(/^ +Timeout: (\d+)$/m.exec(globals)?.[1]);
}

/** Lambda accepts up to 256 characters. */
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
  const { name, description, role, takesFrom } = one;
  const variables = ownVariables(one, frame).map(([variable, from]) => `          ${variable}: !Ref ${from}`);
  return lines(
    `  ${pascalCase(name)}Function:`,
    "    Type: AWS::Serverless::Function",
    "    Properties:",
    `      Description: ${JSON.stringify(description)}`,
    `      CodeUri: ../dist/lambda/${name}`,
    `      Role: !GetAtt ${role}.Arn`,
    ...(takesFrom === undefined ? [] : [`      Timeout: ${CONSUMER_SECONDS}`]),
    ...(variables.length === 0 ? [] : ["      Environment:", "        Variables:", ...variables]),
    "      Events:",
    ...(takesFrom === undefined
      ? one.methods.flatMap((method) => routeOf(method, name))
      : takingFrom(takesFrom)),
  );
}

/**
 * The variables that only this function reads, each with the parameter of that name or the resource that
 * provides its value. Those in the secret are named in its parameter's description; the emulator's URL is for local
 * runs only.
 *
 * @throws for a variable that the frame does not set.
 */
function ownVariables({ name, variables, sendsTo }: LambdaFunction, frame: string): [string, string][] {
  const secret = /^ {2}SecretArn:[\s\S]*?AllowedPattern/m.exec(frame)?.[0] ?? "";
  const isSet = (variable: string) =>
    frame.includes(` ${variable}: !Ref `) ||
    new RegExp(`\\b${variable}\\b`).test(secret) ||
    variable === "TWILIO_BASE_URL";
  return [...new Set(variables)]
    .filter((variable) => !isSet(variable))
    .map((variable): [string, string] => {
      const from = variable === "EVENT_QUEUE_URL" && sendsTo ? sendsTo : pascalCase(variable);
      if (frame.includes(`\n  ${from}:\n`)) return [variable, from];
      throw new Error(`${FRAME_FILE}: add a parameter ${from} for ${variable}, which ${name} reads.`);
    });
}

const roleNameOf = (name: string): string => `${pascalCase(name)}Role`;

/** A queue and its dead-letter queue for events that failed four times, with an alarm. */
const queueOf = (name: string, queue: string): string =>
  lines(
    "  # Events of one conversation, or the work of one person, are a message group, which is delivered in order.",
    `  ${queue}:`,
    "    Type: AWS::SQS::Queue",
    "    Properties:",
    "      FifoQueue: true",
    "      DeduplicationScope: messageGroup",
    "      FifoThroughputLimit: perMessageGroupId",
    "      # Six times the consumer's timeout, as AWS recommends.",
    `      VisibilityTimeout: ${CONSUMER_SECONDS * 6}`,
    "      MessageRetentionPeriod: 345600",
    "      SqsManagedSseEnabled: true",
    "      RedrivePolicy:",
    `        deadLetterTargetArn: !GetAtt Dead${queue}.Arn`,
    "        maxReceiveCount: 4",
    "",
    `  Dead${queue}:`,
    "    Type: AWS::SQS::Queue",
    "    Properties:",
    "      FifoQueue: true",
    "      MessageRetentionPeriod: 1209600",
    "      SqsManagedSseEnabled: true",
    "",
    `  ${queue}Policy:`,
    "    Type: AWS::SQS::QueuePolicy",
    "    Properties:",
    `      Queues: [!Ref ${queue}, !Ref Dead${queue}]`,
    "      PolicyDocument:",
    '        Version: "2012-10-17"',
    "        Statement:",
    "          - Effect: Deny",
    '            Principal: "*"',
    "            Action: sqs:*",
    '            Resource: "*"',
    "            Condition:",
    '              Bool: { aws:SecureTransport: "false" }',
    "",
    "  # Messages that failed four times. Fix the cause, then redrive them with SQS.",
    `  Dead${queue}Alarm:`,
    "    Type: AWS::CloudWatch::Alarm",
    "    Properties:",
    `      AlarmDescription: A message of ${name} could not be handled and waits in the dead-letter queue`,
    "      Namespace: AWS/SQS",
    "      MetricName: ApproximateNumberOfMessagesVisible",
    "      Dimensions:",
    "        - Name: QueueName",
    `          Value: !GetAtt Dead${queue}.QueueName`,
    "      Statistic: Maximum",
    "      Period: 60",
    "      EvaluationPeriods: 1",
    "      Threshold: 1",
    "      ComparisonOperator: GreaterThanOrEqualToThreshold",
    "      TreatMissingData: notBreaching",
    "      AlarmActions: !If [HasAlarmTopic, [!Ref AlarmTopicArn], !Ref AWS::NoValue]",
  );

/** A role. That of a function with a queue is not shared with other functions. */
const roleOf = ({ role, sendsTo, takesFrom, statements = [] }: LambdaFunction): string =>
  lines(
    `  ${role}:`,
    "    Type: AWS::IAM::Role",
    "    Properties:",
    "      AssumeRolePolicyDocument:",
    '        Version: "2012-10-17"',
    "        Statement:",
    "          - Effect: Allow",
    "            Action: sts:AssumeRole",
    "            Principal:",
    "              Service: lambda.amazonaws.com",
    "      Policies:",
    `        - PolicyName: write-own-logs-and-read-own-secret${takesFrom || sendsTo ? "-and-use-own-queue" : ""}`,
    "          PolicyDocument:",
    '            Version: "2012-10-17"',
    "            Statement:",
    "              - Effect: Allow",
    "                Action: [logs:CreateLogStream, logs:PutLogEvents]",
    "                Resource: !GetAtt FunctionLogGroup.Arn",
    "              - Effect: Allow",
    "                Action: secretsmanager:GetSecretValue",
    "                Resource: !Ref SecretArn",
    "              - !If",
    "                - HasSecretKey",
    "                - Effect: Allow",
    "                  Action: kms:Decrypt",
    "                  Resource: !Ref SecretKeyArn",
    "                  Condition:",
    "                    StringEquals:",
    '                      kms:ViaService: !Join [".", [secretsmanager, !Ref AWS::Region, !Ref AWS::URLSuffix]]',
    "                      kms:EncryptionContext:SecretARN: !Ref SecretArn",
    "                - !Ref AWS::NoValue",
    ...(takesFrom === undefined
      ? []
      : allowing("[sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]", takesFrom)),
    ...(sendsTo === undefined ? [] : allowing("sqs:SendMessage", sendsTo)),
    ...statements.map((line) => `              ${line}`),
  );

const allowing = (actions: string, queue: string): string[] => [
  "              - Effect: Allow",
  `                Action: ${actions}`,
  `                Resource: !GetAtt ${queue}.Arn`,
];

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
  "            # Events behind one that fails would be received as often as it, and become dead letters unhandled.",
  "            BatchSize: 1",
  "            # Twilio limits an account's requests; bursts wait in the queue.",
  "            ScalingConfig: { MaximumConcurrency: 20 }",
  "            FunctionResponseTypes: [ReportBatchItemFailures]",
];

/** The alarm for a function that does not start, times out or runs out of memory. */
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
