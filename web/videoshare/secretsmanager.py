"""The one secret that holds the distributed service's configuration, read from Secrets Manager."""

import json

# Each of up to three tries; the default of 60 s would let a start hang for minutes.
_TIMEOUT = 5  # seconds


class Unreadable(Exception):
    """The secret can't be read; the message says which and why, and nothing of its content."""


def read(name: str, region: str) -> dict[str, str]:
    """Return the secret's keys and values, numbers as text. Raises Unreadable."""
    import boto3  # 0.2 s that the one-machine service does not spend
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    retries = {"mode": "standard", "total_max_attempts": 3}
    options = Config(connect_timeout=_TIMEOUT, read_timeout=_TIMEOUT, retries=retries)
    try:
        client = boto3.client("secretsmanager", region_name=region, config=options)
        text = client.get_secret_value(SecretId=name).get("SecretString", "")
    except ClientError as error:
        why = error.response.get("Error", {}).get("Code", "unknown")
        raise Unreadable(f"the secret {name} ({region}) can't be read: {why}") from error
    except (BotoCoreError, ValueError) as error:
        why = type(error).__name__
        raise Unreadable(f"the secret {name} ({region}) can't be read: {why}") from error
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict) or any(isinstance(v, dict | list) for v in content.values()):
        raise Unreadable(f"the secret {name} is not a flat JSON object")
    return {key: _text(value) for key, value in content.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
