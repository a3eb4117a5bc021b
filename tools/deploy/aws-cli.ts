import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../../infra/account/user-error.ts";

const run = promisify(execFile);

const INSTALL: Readonly<Record<string, string>> = {
  aws: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
  sam: "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html",
};

/** @throws {UserError} with the address of its instructions if a tool is not installed. */
export async function requireTool(name: "aws" | "sam"): Promise<void> {
  await run(name, ["--version"]).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new UserError(`${name} is not installed: ${INSTALL[name]}`);
    throw error;
  });
}

/** The AWS CLI, for one region. */
export class AwsCli {
  readonly #region: string;

  constructor(region: string) {
    this.#region = region;
  }

  /** The region that the user's configuration of the AWS CLI names. */
  static async configuredRegion(): Promise<string | undefined> {
    const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
    if (AWS_REGION || AWS_DEFAULT_REGION) return AWS_REGION || AWS_DEFAULT_REGION;
    const output = await run("aws", ["configure", "get", "region"]).then(
      ({ stdout }) => stdout.trim(),
      () => "",
    );
    return output || undefined;
  }

  /** Runs a command. @returns its answer. @throws {UserError} with AWS's message. */
  async call(...args: string[]): Promise<Record<string, unknown>> {
    const all = [...args, "--region", this.#region, "--output", "json"];
    try {
      const { stdout } = await run("aws", all, { env: { ...process.env, AWS_PAGER: "" } });
      return stdout.trim() === "" ? {} : (JSON.parse(stdout) as Record<string, unknown>);
    } catch (error) {
      const { stderr = "" } = error as { stderr?: string };
      throw new AwsError(`aws ${args.slice(0, 2).join(" ")}: ${stderr.trim() || error}`);
    }
  }

  /** The content of a secret. Undefined if it does not exist. */
  async secret(name: string): Promise<{ readonly arn: string; readonly text: string } | undefined> {
    try {
      const answer = await this.call("secretsmanager", "get-secret-value", "--secret-id", name);
      return { arn: String(answer.ARN), text: String(answer.SecretString ?? "") };
    } catch (error) {
      if (error instanceof AwsError && error.message.includes("ResourceNotFoundException")) return undefined;
      throw error;
    }
  }

  /** Makes or changes a secret; its content is passed in a file, since arguments are visible to other users. @returns its ARN. */
  async saveSecret(name: string, text: string, exists: boolean): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), "parley-secret-"));
    try {
      const file = join(folder, "secret.json");
      writeFileSync(file, text, { mode: 0o600 });
      const command = exists ? ["put-secret-value", "--secret-id", name] : ["create-secret", "--name", name];
      const { ARN } = await this.call("secretsmanager", ...command, "--secret-string", `file://${file}`);
      return String(ARN);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** The outputs of a stack. */
  async outputs(stack: string): Promise<Map<string, string>> {
    const answer = await this.call("cloudformation", "describe-stacks", "--stack-name", stack);
    const [{ Outputs = [] } = {}] = answer.Stacks as {
      Outputs?: { OutputKey: string; OutputValue: string }[];
    }[];
    return new Map(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  }
}

/** A call that AWS refused. */
class AwsError extends UserError {}
