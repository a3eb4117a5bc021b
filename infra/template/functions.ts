/** Settings of a Lambda function that the definition and the page of its endpoint do not contain. */
export interface FunctionSettings {
  /** Additional statements of its role's policy, as lines of YAML. Only for functions with a queue. */
  readonly statements: readonly string[];
}

const archiving: FunctionSettings = {
  statements: [
    "- !If",
    "  - HasArchiveBucket",
    "  - Effect: Allow",
    "    Action: s3:PutObject",
    '    Resource: !Join ["", ["arn:", !Ref AWS::Partition, ":s3:::", !Ref ArchiveBucket, "/*"]]',
    "  - !Ref AWS::NoValue",
  ],
};

/** The Lambda functions that need settings, by the name of their bundle. */
export const FUNCTIONS: Readonly<Record<string, FunctionSettings>> = {
  "users/export": archiving,
  "users/export-consumer": archiving,
  "webhooks/post-event-consumer": archiving,
};
