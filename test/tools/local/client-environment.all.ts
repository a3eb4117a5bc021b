import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const exec = fileURLToPath(new URL("../../../tools/local/exec.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "parley-languages-"));
afterAll(() => rmSync(folder, { recursive: true }));

const url = "https://conversations.twilio.com/v1/Conversations";

/** A program's text in a file. */
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** The HTTP clients of docs/clients.md: how their programs, which print a status, are started, and what they need. */
const clients: Readonly<
  Record<string, { readonly needs: readonly string[]; readonly command: readonly string[] }>
> = {
  curl: {
    needs: ["curl", "--version"],
    command: [
      "sh",
      "-c",
      `curl -sS -o /dev/null -w '%{http_code}' -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" ${url}`,
    ],
  },
  "PHP's curl": {
    needs: ["php", "-r", "exit(function_exists('curl_init') ? 0 : 1);"],
    command: [
      "php",
      file(
        "curl.php",
        `<?php $c = curl_init('${url}'); curl_setopt_array($c, [CURLOPT_RETURNTRANSFER => true,
            CURLOPT_USERPWD => getenv('TWILIO_ACCOUNT_SID') . ':' . getenv('TWILIO_AUTH_TOKEN')]);
          curl_exec($c); echo curl_error($c), curl_getinfo($c, CURLINFO_RESPONSE_CODE);`,
      ),
    ],
  },
  "PHP's streams": {
    needs: ["php", "--version"],
    command: [
      "php",
      file(
        "stream.php",
        `<?php $auth = base64_encode(getenv('TWILIO_ACCOUNT_SID') . ':' . getenv('TWILIO_AUTH_TOKEN'));
          $proxy = str_replace('http://', 'tcp://', getenv('HTTPS_PROXY'));
          $context = stream_context_create(['http' => ['proxy' => $proxy, 'header' => "Authorization: Basic $auth"]]);
          file_get_contents('${url}', false, $context); echo explode(' ', $http_response_header[0])[1];`,
      ),
    ],
  },
  "Python's urllib": {
    needs: ["python3", "--version"],
    command: [
      "python3",
      file(
        "urls.py",
        `import base64, os, urllib.request as r
auth = base64.b64encode((os.environ["TWILIO_ACCOUNT_SID"] + ":" + os.environ["TWILIO_AUTH_TOKEN"]).encode()).decode()
print(r.urlopen(r.Request("${url}", headers={"Authorization": "Basic " + auth})).status)`,
      ),
    ],
  },
  "Python's requests": {
    needs: ["python3", "-c", "import requests"],
    command: [
      "python3",
      file(
        "prepared.py",
        `import os, requests
auth = (os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"])
prepared = requests.Request("GET", "${url}", auth=auth).prepare()
print(requests.Session().send(prepared, proxies={"https": os.environ["HTTPS_PROXY"]}).status_code)`,
      ),
    ],
  },
  "Ruby's net/http": {
    needs: ["ruby", "-ropenssl", "-e", ""],
    command: [
      "ruby",
      file(
        "http.rb",
        `require "net/http"
uri = URI("${url}")
request = Net::HTTP::Get.new(uri)
request.basic_auth ENV["TWILIO_ACCOUNT_SID"], ENV["TWILIO_AUTH_TOKEN"]
puts Net::HTTP.start(uri.host, uri.port, use_ssl: true) { |http| http.request(request).code }`,
      ),
    ],
  },
  "Go's net/http": {
    needs: ["go", "version"],
    command: [
      "go",
      "run",
      file(
        "main.go",
        `package main
import ("fmt"; "net/http"; "os")
func main() {
  request, _ := http.NewRequest("GET", "${url}", nil)
  request.SetBasicAuth(os.Getenv("TWILIO_ACCOUNT_SID"), os.Getenv("TWILIO_AUTH_TOKEN"))
  response, err := http.DefaultClient.Do(request)
  if err != nil { panic(err) }
  fmt.Println(response.StatusCode)
}`,
      ),
    ],
  },
  "Java's HttpURLConnection": {
    needs: ["java", "--version"],
    command: [
      "java",
      file(
        "Get.java",
        `import java.net.*; import java.util.Base64;
class Get { public static void main(String[] args) throws Exception {
  var connection = (HttpURLConnection) new URL("${url}").openConnection();
  var user = System.getenv("TWILIO_ACCOUNT_SID") + ":" + System.getenv("TWILIO_AUTH_TOKEN");
  connection.setRequestProperty("Authorization", "Basic " + Base64.getEncoder().encodeToString(user.getBytes()));
  System.out.println(connection.getResponseCode());
} }`,
      ),
    ],
  },
};

const run = ([program = "", ...args]: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(program, args, { encoding: "utf8" });

describe("the environment of npm run exec", () => {
  for (const [name, { needs, command }] of Object.entries(clients)) {
    it.skipIf(run(needs).status !== 0)(`reaches the emulator from ${name}`, () => {
      const { stdout, stderr } = run([process.execPath, exec, ...command]);
      // Java reports the variable that it reads.
      const errors = stderr.replace(/^Picked up JAVA_TOOL_OPTIONS: .*\n/, "");
      expect({ stdout: stdout.trim(), errors }).toEqual({ stdout: "200", errors: "" });
    });
  }

  it.skipIf(run(["git", "--version"]).status !== 0)("reaches the emulator from git", () => {
    const { stderr } = run([
      process.execPath,
      exec,
      "env",
      "GIT_TERMINAL_PROMPT=0",
      "git",
      "ls-remote",
      "https://conversations.twilio.com/v1/Conversations",
    ]);
    expect(stderr).toContain("could not read Username");
  });
});
