"""Receipts: our signed word that a file arrived, when, and which.

A few lines of plain text, which people keep and show to whoever doubts. The signature is made with
the key that all instances share, over these lines and nothing around them: a mail may indent them,
an editor end them otherwise.
"""

from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime

from django.core import signing
from django.utils.crypto import constant_time_compare

from backends.transactions import retried
from contests.models import Entry, Upload

MAX_BYTES = 16 * 1024  # of a text in which a receipt is looked for
_SALT = "receipt"


@dataclass(frozen=True)
class Receipt:
    """What a receipt states: times in UTC, the size in bytes, the SHA-256 in hex."""

    entry: str
    contest: str
    first_byte: str
    complete: str
    bytes: str
    sha256: str


_NAMES = {field.name.replace("_", " "): field.name for field in fields(Receipt)}


@retried
def note_digest(entry_id: int, digest: str) -> None:
    """Keep the digest of an entry's file, unless it is known."""
    # In two steps: MySQL would lock the entry's row, too, for which others wait.
    uploads = list(Entry.objects.filter(pk=entry_id).values_list("upload_id", flat=True))
    Upload.objects.filter(pk__in=uploads, digest="").update(digest=digest)


def of(entry: Entry) -> Receipt | None:
    """Return an entry's receipt; None until a worker has read its file."""
    upload = entry.upload
    if not upload.digest:
        return None
    return Receipt(
        entry=str(entry.pk),
        contest=entry.contest.url,
        first_byte=_time(upload.first_byte_at),
        complete=_time(upload.completed_at),
        bytes=str(upload.size),
        sha256=upload.digest,
    )


def text(receipt: Receipt) -> str:
    """Return a receipt's lines, signed."""
    return f"{_statement(receipt)}\nsignature: {_signature(receipt)}\n"


def find(given: str) -> Receipt | None:
    """Return the receipt in a text, such as a pasted mail, if it is one of ours and unchanged.

    Raises ValueError when there is none in it.
    """
    lines = (line.strip(" \t>|\ufeff").partition(":") for line in given.splitlines())
    found = {name.strip(): value.strip() for name, _, value in lines}
    signature = found.get("signature")
    if not signature or not _NAMES.keys() <= found.keys():
        raise ValueError("no receipt")
    receipt = Receipt(**{field: found[name] for name, field in _NAMES.items()})
    return receipt if constant_time_compare(signature, _signature(receipt)) else None


def _statement(receipt: Receipt) -> str:
    pairs = zip(_NAMES, astuple(receipt), strict=True)
    return "\n".join(f"{name}: {value}" for name, value in pairs)


def _signature(receipt: Receipt) -> str:
    return signing.Signer(salt=_SALT).signature(_statement(receipt))


def _time(time: datetime | None) -> str:
    if time is None:
        return "unknown"
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
