"""
Stands in for the SAM CLI's `sam deploy`, which not every machine has: packages and transforms the template with AWS's own
libraries, and deploys it to the endpoint of AWS_ENDPOINT_URL. Options are read as the SAM CLI reads them; unknown ones fail.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tomllib

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

BUCKET = "aws-sam-cli-managed-default"
# As in samcli/cli/types.py, for `Key=Value`.
OVERRIDE = re.compile(r' ([A-Za-z0-9\\"\']+)=(\"(?:\\.|[^\"\\]+)*\"|\'(?:\\.|[^\'\\]+)*\'|(?:\\.|[^ \"\\]+)+)')


def unquoted(text):
    if text and (text[0] == text[-1] == '"' or text[0] == text[-1] == "'"):
        text = text[1:-1]
    return text.replace("\\ ", " ").replace('\\"', '"').replace("\\'", "'")


def overrides_of(values):
    found = {}
    for value in values:
        matches = OVERRIDE.findall(" " + value.strip())
        if not matches:
            sys.exit(f"Error: Invalid value for '--parameter-overrides': {value}")
        found.update({unquoted(key): unquoted(text) for key, text in matches})
    return found


if sys.argv[1:] == ["--version"]:
    print("SAM CLI, stand-in")
    sys.exit(0)
parser = argparse.ArgumentParser(allow_abbrev=False)
parser.add_argument("command", choices=["deploy"])
for name in ["--template-file", "--config-file", "--stack-name", "--region"]:
    parser.add_argument(name, required=True)
parser.add_argument("--parameter-overrides", nargs="+", default=[])
options = parser.parse_args()
os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = options.region
with open(options.config_file, "rb") as file:
    config = tomllib.load(file)["default"]["deploy"]["parameters"]
if not config["resolve_s3"] or config["confirm_changeset"]:
    sys.exit("The configuration leaves a question open.")

store = boto3.client("s3", region_name=options.region)
if BUCKET not in {bucket["Name"] for bucket in store.list_buckets()["Buckets"]}:
    store.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": options.region})
package = ["aws", "cloudformation", "package", "--template-file", options.template_file]
package += ["--s3-bucket", BUCKET, "--s3-prefix", config["s3_prefix"], "--region", options.region]
packaged = subprocess.run(package, check=True, capture_output=True, text=True).stdout
template = yaml_parse(packaged[packaged.index("AWSTemplateFormatVersion") :])
overrides = overrides_of(options.parameter_overrides)
unknown = set(overrides) - set(template["Parameters"])
missing = {name for name, one in template["Parameters"].items() if "Default" not in one} - set(overrides)
if unknown or missing:
    sys.exit(f"Parameters that do not exist: {unknown or 'none'}; that are missing: {missing or 'none'}")
transformed = Translator({}, Parser()).translate(template, overrides)
# Moto has no HTTP APIs, and does not end the name that it gives a FIFO queue in `.fifo`, as CloudFormation does.
transformed["Outputs"]["BaseUrl"]["Value"] = "https://api.example"
for name, resource in transformed["Resources"].items():
    if resource["Type"] == "AWS::SQS::Queue" and resource["Properties"].get("FifoQueue"):
        resource["Properties"]["QueueName"] = f"{options.stack_name}-{name}.fifo"

cloud = boto3.client("cloudformation", region_name=options.region)
arguments = {
    "StackName": options.stack_name,
    "TemplateBody": json.dumps(transformed),
    "Capabilities": [config["capabilities"]],
    "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in overrides.items()],
}
# Moto cannot change a function with a layer that it does not hold.
if options.stack_name in {stack["StackName"] for stack in cloud.describe_stacks()["Stacks"]}:
    cloud.delete_stack(StackName=options.stack_name)
cloud.create_stack(**arguments)
print(f"Successfully created/updated stack - {options.stack_name} in {options.region}")
