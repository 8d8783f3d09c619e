"""What EC2 would say to one of its instances, on this machine."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.answering import Answer, Heard, answering

_ITEMS = "/latest/meta-data/"
_TOKEN = "X-aws-ec2-metadata-token"


@dataclass
class Instance:
    """An instance's metadata, by item; IMDSv2 tells it only to who shows a token of its own."""

    items: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)  # how to find it

    def answer(self, heard: Heard) -> Answer:
        """What the service answers."""
        if (heard.method, heard.path) == ("PUT", "/latest/api/token"):
            assert 0 < int(heard.headers[f"{_TOKEN}-ttl-seconds"]) <= 21600
            self.tokens.append(uuid.uuid4().hex)
            return 200, {}, self.tokens[-1].encode()
        if heard.headers[_TOKEN] not in self.tokens:
            return 401, {}, b""
        item = heard.path.removeprefix(_ITEMS)
        self.asked.append(item)
        found = self.items.get(item)
        return (404, {}, b"<html>Not Found</html>") if found is None else (200, {}, found.encode())


@contextmanager
def instance() -> Iterator[Instance]:
    """Run the metadata service of an instance that no group has started."""
    found = Instance({"instance-id": f"i-{uuid.uuid4().hex[:17]}"})
    with answering(found.answer) as server:
        found.environ = {
            "AWS_EC2_METADATA_DISABLED": "false",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.address,
        }
        yield found
