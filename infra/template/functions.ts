/** What a Lambda function needs beside what the definition and the page of its endpoint say. */
export interface FunctionSettings {
  /** Statements of its role's policy beside those that every function behind a queue has, as lines of YAML. */
  readonly statements: readonly string[];
}

/** The Lambda functions that need settings, by the name of their bundle. */
export const FUNCTIONS: Readonly<Record<string, FunctionSettings>> = {
  "webhooks/post-event-consumer": {
    statements: [
      "- !If",
      "  - HasArchiveBucket",
      "  - Effect: Allow",
      "    Action: s3:PutObject",
      '    Resource: !Join ["", ["arn:", !Ref AWS::Partition, ":s3:::", !Ref ArchiveBucket, "/*"]]',
      "  - !Ref AWS::NoValue",
    ],
  },
};
