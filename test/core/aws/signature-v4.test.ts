import { describe, expect, it } from "vitest";
import { encodeRfc3986, errorCodeOf, roleAccess, sha256, signV4 } from "../../../core/aws/signature-v4.ts";

/** Source: AWS's test suite for Signature Version 4 (aws-sig-v4-test-suite). */
const suite = {
  access: {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    region: "us-east-1",
  },
  now: Date.parse("2015-08-30T12:36:00Z"),
};
/** Source: the examples in the S3 API reference ("Authenticating Requests: Using the Authorization Header"). */
const s3 = {
  access: {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    region: "us-east-1",
  },
  now: Date.parse("2013-05-24T00:00:00Z"),
  host: "https://examplebucket.s3.amazonaws.com",
};
const signatureOf = (headers: Record<string, string>) =>
  /Signature=(\w+)$/.exec(headers.authorization ?? "")?.[1];

describe("signV4", () => {
  it.each([
    ["get-vanilla", "GET", "/", {}, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    ["post-vanilla", "POST", "/", {}, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
    [
      "get-vanilla-query-order-key-case",
      "GET",
      "/?Param2=value2&Param1=value1",
      {},
      "",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
    [
      "post-x-www-form-urlencoded",
      "POST",
      "/",
      { "Content-Type": "application/x-www-form-urlencoded" },
      "Param1=value1",
      "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ],
  ])("computes the signature of AWS's test suite: %s", (_name, method, path, headers, body, signature) => {
    const request = { method, url: `https://example.amazonaws.com${path}`, headers, body };
    const signed = signV4(request, suite.access, "service", suite.now);
    expect(signatureOf(signed)).toBe(signature);
    expect(signed.authorization).toContain("Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request");
  });

  it.each([
    [
      "GET Object",
      "GET",
      "/test.txt",
      { Range: "bytes=0-9" },
      "",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "PUT Object",
      "PUT",
      `/${encodeRfc3986("test$file.text")}`,
      { Date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
      "Welcome to Amazon S3.",
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    [
      "GET Bucket (List Objects)",
      "GET",
      "/?max-keys=2&prefix=J",
      {},
      "",
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ])(
    "computes the signature of the S3 API reference: %s",
    (_name, method, path, headers, body, signature) => {
      const all = { ...headers, "x-amz-content-sha256": sha256(body) };
      const request = { method, url: `${s3.host}${path}`, headers: all, body };
      expect(signatureOf(signV4(request, s3.access, "s3", s3.now))).toBe(signature);
    },
  );

  it("also signs the session token of temporary credentials", () => {
    const access = { ...suite.access, sessionToken: "a token" };
    const request = { method: "POST", url: "https://sqs.us-east-1.amazonaws.com/", headers: {}, body: "{}" };
    const signed = signV4(request, access, "sqs", suite.now);
    expect(signed["x-amz-security-token"]).toBe("a token");
    expect(signed.authorization).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token,");
  });
});

describe("errorCodeOf", () => {
  it.each([
    [
      "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>x-amz-security-token:a token</CanonicalRequest></Error>",
      "SignatureDoesNotMatch",
    ],
    [
      '{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"x-amz-security-token:a token"}',
      "com.amazon.coral.service#InvalidSignatureException",
    ],
    ["x-amz-security-token:a token", "no code"],
  ])("returns only the code of %j", (body, code) => expect(errorCodeOf(body)).toBe(code));
});

describe("roleAccess", () => {
  it("names the missing variables where there is no role", () => {
    expect(() => roleAccess({ AWS_REGION: "eu-central-1" })).toThrow(
      "AWS_ACCESS_KEY_ID is missing; AWS_SECRET_ACCESS_KEY is missing",
    );
  });
});
