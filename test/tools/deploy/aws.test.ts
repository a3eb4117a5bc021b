import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../../infra/endpoints.ts";
import { parametersOf, rulesOf } from "../../../infra/template/parameters.ts";
import { templateFile } from "../../../infra/template/template.ts";
import { overridesOf } from "../../../tools/deploy/parameters.ts";

import { secretsLayerArn } from "../../../tools/deploy/secrets-layer.ts";

const SETTINGS = {
  ACCOUNT_SID: `AC${"1".repeat(32)}`,
  AUTH_TOKEN: "the auth token of the account",
  TWILIO_API_KEY_SID: `SK${"0".repeat(32)}`,
  TWILIO_API_KEY_SECRET: "the secret of the API key",
  CHAT_SERVICE_SID: `IS${"2".repeat(32)}`,
  JWT_SECRET: "the secret of the issuer of callers' tokens",
};

/** Runs `npm run deploy:aws` on a machine without the AWS CLI and the SAM CLI. */
function deploy(settings: Readonly<Record<string, string>>, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "parley-aws-"));
  try {
    const file = join(folder, ".env");
    writeFileSync(
      file,
      Object.entries(settings).reduce((text, [name, value]) => `${text}${name}='${value}'\n`, ""),
    );
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "tools/deploy/aws.ts"), "--env", file, ...args],
      { encoding: "utf8", env: { PATH: folder, HOME: folder } },
    );
    return { status, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const { CHAT_SERVICE_SID: _, ...withoutService } = SETTINGS;

describe("npm run deploy:aws", () => {
  it("prints the commands on request, without a secret", () => {
    const settings = {
      ...SETTINGS,
      LOG_RETENTION_DAYS: "90",
      PROXY_ADDRESSES: "+15005550001",
      POST_EVENT_REACTIONS: '{"archive":{"bucket":"our-archive"}}',
    };
    const { status, stdout, stderr } = deploy(
      settings,
      "--print",
      "--region",
      "eu-west-1",
      "--stack",
      "chat",
      ...["--webhooks", "--yes"],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("aws secretsmanager create-secret --region eu-west-1 --name chat/settings");
    expect(stdout).toMatch(/^sam deploy .* --stack-name chat --region eu-west-1 --parameter-overrides /m);
    expect(stdout).toContain(`ChatServiceSid="${SETTINGS.CHAT_SERVICE_SID}"`);
    expect(stdout).toContain('LogRetentionDays="90"');
    expect(stdout).toContain('ArchiveBucket="our-archive"');
    expect(stdout).toContain('MediaLargestMb=""');
    expect(stdout).toMatch(
      /\nnpm run account -- apply --env \S+ --yes --base-url "\$\(aws .*--region eu-west-1 --stack-name chat .*\)"\n$/,
    );
    const secrets = [SETTINGS.AUTH_TOKEN, SETTINGS.TWILIO_API_KEY_SECRET, SETTINGS.JWT_SECRET];
    expect(secrets.filter((secret) => stdout.includes(secret))).toEqual([]);
  });

  it.each([
    [["--regoin", "x"], SETTINGS, "Unknown option '--regoin'"],
    [["--print"], SETTINGS, "The region is not set. Pass --region, or set AWS_REGION."],
    [["--print", "--region", "xx-west-9"], SETTINGS, "not known for xx-west-9. Pass --layer"],
    [["--region", "eu-west-1"], SETTINGS, "Pass --webhooks or --no-webhooks"],
    [["--region", "eu-west-1", "--no-webhooks"], SETTINGS, "aws is not installed: https://"],
    [["--print", "--region", "eu-west-1"], withoutService, "CHAT_SERVICE_SID is missing"],
    [
      ["--print", "--region", "eu-west-1"],
      { ...SETTINGS, GUESTS: "yes" },
      'GUESTS (.env) must be "true" or "false"',
    ],
    [["--print"], { ...SETTINGS, TWILIO_BASE_URL: "http://localhost" }, "TWILIO_BASE_URL names an emulator"],
    [
      ["--print", "--region", "eu-west-1"],
      { ...SETTINGS, LOG_RETENTION_DAYS: "31", CHAT_PAGE: "yes", CERTIFICATE_ARN: "arn" },
      "LOG_RETENTION_DAYS must be one of 1, 3, 5, 7, 14, 30, 60, 90, 180, 365\n- CHAT_PAGE must be one of true, false",
    ],
    [
      ["--print", "--region", "eu-west-1"],
      { ...SETTINGS, CUSTOM_DOMAIN: "chat.example.com" },
      "- CustomDomain needs CertificateArn",
    ],
    [
      ["--print", "--region", "eu-west-1"],
      { ...SETTINGS, CUSTOM_DOMAIN: "https://chat.example.com", CERTIFICATE_ARN: "x" },
      "CUSTOM_DOMAIN must be a domain such as parley.example.com\n- CERTIFICATE_ARN must be the ARN of an ACM certificate",
    ],
    [
      ["--print", "--region", "eu-west-1", "--layer", "x"],
      SETTINGS,
      "SECRETS_EXTENSION_LAYER_ARN must be the ARN of a version of the layer AWS-Parameters",
    ],
  ])("stops with what to do: %j", (args, settings, message) => {
    const { status, stdout, stderr } = deploy(settings, ...args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(message);
  });

  it("prints its help text", () => {
    expect(deploy(SETTINGS, "--help")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("--print"),
    });
  });
});

describe("parameters of the stack", () => {
  const parameters = parametersOf(readFileSync(templateFile, "utf8"));
  const one = (value: string) =>
    overridesOf([{ name: "Rules", variable: "RULES", default: "{}" }], { RULES: value });

  it("are read from the template with their settings and defaults", () => {
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: "SecretArn", variable: "SECRET_ARN", default: undefined }),
    );
    expect(parameters).toContainEqual(
      expect.objectContaining({
        ...{ name: "PreEventRules", variable: "PRE_EVENT_RULES", default: "" },
        description: "Rules of webhooks/pre-event, a JSON object; see docs/endpoints/webhooks/pre-event.md.",
      }),
    );
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: "PushCredentialSidIos", variable: "PUSH_CREDENTIAL_SID_IOS" }),
    );
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: "Guests", allowedValues: ["", "true", "false"] }),
    );
  });

  it("are quoted so that sam reads the same value, or the same JSON", () => {
    expect(one("two words, it's")).toEqual([`Rules="two words, it's"`]);
    expect(one('{"text":"a"}')).toEqual([String.raw`Rules="{\"text\":\"a\"}"`]);
    expect(one(String.raw`{"text":"\"a\\"}`)).toEqual([String.raw`Rules="{\"text\":\"\u0022a\u005c\"}"`]);
    expect(one("")).toEqual(['Rules="{}"']);
  });

  it("that sam or CloudFormation cannot take are errors that name the setting", () => {
    expect(() => one(String.raw`C:\ x`)).toThrow("RULES: sam cannot pass on");
    expect(() => one("two\nlines")).toThrow("RULES: sam cannot pass on");
    expect(() => one("x".repeat(4_097))).toThrow("RULES is longer than 4096 bytes");
    expect(() => rulesOf("Rules:\n  Other:\n    RuleCondition: x\n\nConditions:\n")).toThrow(
      "cannot be read",
    );
    expect(() => overridesOf(parameters, {})).toThrow("SECRET_ARN is missing");
  });

  it("name the extension's layer in each partition, and none for an unknown region", () => {
    const name = "layer:AWS-Parameters-and-Secrets-Lambda-Extension-Arm64";
    expect(secretsLayerArn("eu-west-1")).toBe(`arn:aws:lambda:eu-west-1:015030872274:${name}:101`);
    expect(secretsLayerArn("us-gov-west-1")).toBe(
      `arn:aws-us-gov:lambda:us-gov-west-1:127562683043:${name}:87`,
    );
    expect(secretsLayerArn("cn-north-1")).toBe(`arn:aws-cn:lambda:cn-north-1:287114880934:${name}:89`);
    expect(secretsLayerArn("constructor")).toBeUndefined();
  });
});
