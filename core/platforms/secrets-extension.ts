import type { Environment } from "../environment.ts";
import { Misconfigured } from "../errors.ts";
import { sendRequest } from "../http.ts";

const DEFAULT_PORT = "2773";
const TIMEOUT_MS = 3_000;

/**
 * Reads the deployment's secrets through the AWS Parameters and Secrets Lambda extension: an HTTP endpoint inside
 * the sandbox, so no AWS SDK has to be loaded, and the function's configuration contains no secret.
 *
 * @param secretId Name or ARN of a Secrets Manager secret that contains one JSON object of environment variables.
 * @returns those variables.
 * @throws {Misconfigured} when the extension does not answer or the secret is no such object.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
 */
export async function readSecrets(secretId: string, environment: Environment): Promise<Environment> {
  const port = environment.PARAMETERS_SECRETS_EXTENSION_HTTP_PORT ?? DEFAULT_PORT;
  const answer = await sendRequest({
    url: `http://localhost:${port}/secretsmanager/get?secretId=${encodeURIComponent(secretId)}`,
    method: "GET",
    headers: { "x-aws-parameters-secrets-token": String(environment.AWS_SESSION_TOKEN ?? "") },
    timeoutMs: TIMEOUT_MS,
  }).catch((cause: unknown) => {
    throw new Misconfigured(
      "The secrets extension does not answer. Is its layer attached to this function?",
      { cause },
    );
  });
  if (answer.status !== 200) {
    throw new Misconfigured(
      `The secrets extension answered ${answer.status} for the secret in SECRET_ID. May this function's role read it?`,
    );
  }
  return secretOf(answer.body);
}

function secretOf(body: string): Environment {
  try {
    const { SecretString } = JSON.parse(body) as { SecretString: string };
    const variables: unknown = JSON.parse(SecretString);
    if (typeof variables === "object" && variables !== null && !Array.isArray(variables))
      return { ...variables };
  } catch {
    // A parser's message quotes what it could not read, and this is a secret.
  }
  throw new Misconfigured(
    'The secret in SECRET_ID must be a JSON object of variables, such as {"AUTH_TOKEN":"…"}.',
  );
}
