"""AWS on this machine: an emulator that tests reach through boto3 only."""

import json
import os
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import boto3

from tests.waiting import until
from videoshare.config import ROOT

REGION = "us-east-1"
PROGRAM = ROOT / ".venv/emulator/bin/ministack"


@contextmanager
def running() -> Iterator[str]:
    """Start it on a free port and point this process, and all it starts, to it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # It refuses wrong and expired signatures, as AWS does, and listens on this machine only.
    own = {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "ERROR",
    }
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [PROGRAM],
            cwd=folder,
            env=os.environ | own,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        found = {name: os.environ.get(name) for name in _variables("")}
        os.environ |= _variables(f"http://127.0.0.1:{port}")
        try:
            until(lambda: process.poll() is not None or _listens(port))
            yield os.environ["AWS_ENDPOINT_URL"]
        finally:
            for name, value in found.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
            process.terminate()
            process.wait()


def _variables(endpoint: str) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return {"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": REGION, **keys}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True)
class Account:
    """What the stacks would have made: a versioned bucket, two queues, a distribution."""

    bucket: str
    queue: str
    dead_letters: str
    distribution: str
    cdn: str

    @classmethod
    def new(cls) -> "Account":
        """Make all of it, under names of their own."""
        name = f"videoshare-{uuid.uuid4().hex[:12]}"
        s3, sqs = boto3.client("s3"), boto3.client("sqs")
        s3.create_bucket(Bucket=name)
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [_CORS]})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        asked = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
        policy = {"deadLetterTargetArn": asked["Attributes"]["QueueArn"], "maxReceiveCount": "20"}
        attributes = {"RedrivePolicy": json.dumps(policy)}
        queue = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        made = boto3.client("cloudfront").create_distribution(
            DistributionConfig=_distribution(name)
        )
        found = made["Distribution"]
        return cls(name, queue, dead, found["Id"], f"https://{found['DomainName']}")


# Browsers send parts straight to the bucket, from the site's pages, and read each part's ETag.
_CORS = {
    "AllowedOrigins": ["http://localhost:*"],
    "AllowedMethods": ["PUT"],
    "AllowedHeaders": ["content-type"],  # a file of one part is sent with its type
    "ExposeHeaders": ["ETag"],
}


def _distribution(bucket: str) -> dict[str, object]:
    origin = {"Id": "s3", "DomainName": f"{bucket}.s3.amazonaws.com", "S3OriginConfig": {}}
    origin["S3OriginConfig"] = {"OriginAccessIdentity": ""}
    behaviour = {
        "TargetOriginId": "s3",
        "ViewerProtocolPolicy": "redirect-to-https",
        "MinTTL": 0,
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
    }
    return {
        "CallerReference": bucket,
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
    }
