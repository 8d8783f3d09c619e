"""All that we hold about a person, as plain data that they can read and take elsewhere.

What is a secret of ours or speaks of others (who of the team did something) is left out.
"""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from allauth.account.models import EmailAddress
from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User
from backends import storage
from contests import packing
from contests.models import Choice, Entry, Member, Rendition, Voter


def of_entry(entry: Entry) -> dict[str, Any]:
    """Return what we hold about an entry and who submitted it."""
    upload = entry.upload
    fields = (
        *("title", "description", "text_description", "first_name", "last_name", "email"),
        *("language", "submitted_at", "edited_at", "public_at", "withdrawn_at", "erased_at"),
        *("poster", "seen", "moderation", "moderation_reason"),
    )
    times = ("queued_at", "started_at", "finished_at", "state", "reason")
    return {
        "contest": _contest(entry.contest),
        "number": entry.pk,
        **{name: getattr(entry, name) for name in fields},
        "category": entry.category and entry.category.name,
        "code": entry.code and entry.code.code,
        "answers": [
            {"question": each.question.text, "answer": each.text, "public": each.question.public}
            for each in entry.answers.select_related("question").order_by("question__position")
        ],
        "consents": [_acceptance(each) for each in entry.acceptances.select_related("rules")],
        "captions": list(entry.captions.values("language", "text", "changed_at")),
        "upload": {
            **{name: getattr(upload, name) for name in ("filename", "size", "digest")},
            "created_at": upload.created_at,
            "first_byte_at": upload.first_byte_at,
            "completed_at": upload.completed_at,
        },
        "conversions": list(entry.conversions.order_by("pk").values(*times)),
        "mails": list(
            entry.notification_set.order_by("pk").values("kind", "created_at", "sent_at")
        ),
        "reports": list(entry.reports.order_by("pk").values("reason", "created_at", "closed_at")),
        "history": list(entry.events.order_by("pk").values("action", "actor", "at")),
    }


def of_voter(voter: Voter) -> dict[str, Any]:
    """Return what we hold about a voter in one contest."""
    choices = Choice.objects.filter(ballot__voter=voter).select_related("entry").order_by("pk")
    return {
        "contest": _contest(voter.contest),
        "email": voter.email,
        "code": voter.code and voter.code.code,
        "verified_at": voter.verified_at,
        "votes": [
            {"video": each.entry.pk, "title": each.entry.title, "vote": each.value}
            | {"changed_at": each.changed_at}
            for each in choices
        ],
    }


def of_account(user: User) -> dict[str, Any]:
    """Return what we hold about a person with an account, their votes in all contests too."""
    addresses = EmailAddress.objects.filter(user=user).order_by("pk")
    teams = Member.objects.filter(user=user).select_related("contest").order_by("pk")
    verified = addresses.filter(verified=True).values("email")
    voters = Voter.objects.filter(email__in=verified).select_related("contest", "code")
    return {
        "email": user.email,
        "date_joined": user.date_joined,
        "last_login": user.last_login,
        "addresses": list(addresses.values("email", "verified", "primary")),
        "teams": [
            {"contest": _contest(each.contest), "role": each.role, "joined_at": each.joined_at}
            for each in teams
        ],
        "votes": [of_voter(each) for each in voters.order_by("pk")],
    }


def as_json(data: dict[str, Any]) -> str:
    """Write data for people and programs."""
    return DjangoJSONEncoder(ensure_ascii=False, indent=2).encode(data) + "\n"


def archive(entry: Entry) -> Iterator[bytes]:
    """Return a ZIP archive of an entry's data and all of its files that are there, in pieces."""
    return packing.stream(_members(entry))


def _members(entry: Entry) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "data.json", [as_json(of_entry(entry)).encode()]
    for each in entry.captions.all():
        yield f"captions-{each.language}.vtt", [each.text.encode()]
    source = entry.upload
    # A name of ours: what the browser called it stands in the data.
    ending = PurePosixPath(source.filename).suffix.lower()
    ending = ending if ending.isascii() and ending[1:].isalnum() else ""
    files = {f"original{ending}": source.key}
    for made in Rendition.objects.filter(conversion=entry.published_id).order_by("kind", "number"):
        name = f"{made.kind}-{made.number + 1}" if made.kind == Rendition.Kind.POSTER else made.kind
        name = "video" if made.kind == Rendition.Kind.MP4 else name
        files[name + PurePosixPath(made.key).suffix] = made.key
    for name, key in files.items():
        if _is_there(key):
            yield name, storage.chunks(key)


def _is_there(key: str) -> bool:
    try:
        storage.size(key)
    except OSError:
        return False
    return True


def _contest(contest: Any) -> dict[str, str]:
    return {"name": contest.name, "url": contest.url}


def _acceptance(acceptance: Any) -> dict[str, Any]:
    rules, given = acceptance.rules, set(acceptance.consents)
    return {
        "rules": rules.version,
        "accepted_at": acceptance.accepted_at,
        "consents": [
            {"text": each["text"], "given": place in given}
            for place, each in enumerate(rules.consents)
        ],
    }
