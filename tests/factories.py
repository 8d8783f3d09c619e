"""Rows for tests, one plain function per kind; what a test does not care about has a default."""

import io
import itertools
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone
from PIL import Image

from accounts.models import User
from backends import storage, storage_folder
from contests.models import (
    Code,
    Contest,
    Conversion,
    Entry,
    Member,
    Rendition,
    Role,
    Rules,
    State,
    TeamInvitation,
    Upload,
    Voter,
)

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def make_user(email: str = "", *, verified: bool = True, password: str = PASSWORD) -> User:
    """A person with an account; log in with `client.force_login` or the password."""
    user = User.objects.create_user(email or f"person{next(_numbers)}@example.org", password)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def make_contest(organizer: User | None = None, **fields: Any) -> Contest:
    """An announced contest; without other dates it is open, now, for submissions and for voting."""
    number = next(_numbers)
    now = timezone.now().replace(microsecond=0)
    defaults: dict[str, Any] = {
        "name": f"Contest {number}",
        "url": f"contest-{number}",
        "submissions_open": now - timedelta(days=1),
        "submissions_close": now + timedelta(days=1),
        "voting_open": now - timedelta(days=1),
        "voting_close": now + timedelta(days=2),
        "announced_at": now - timedelta(days=1),
    }
    contest = Contest.objects.create(**defaults | fields)
    Member.objects.create(contest=contest, user=organizer or make_user(), role=Role.OWNER)
    return contest


def owner_of(contest: Contest) -> User:
    """The person who runs a contest."""
    return contest.team.get(role=Role.OWNER).user


def make_upload(
    contest: Contest | None = None, content: bytes = b"\0source", **fields: Any
) -> Upload:
    """A complete upload whose source lies in the storage, outside of any entry."""
    defaults: dict[str, Any] = {
        "key": storage.new_key(storage.SOURCES),
        "filename": "holidays.avi",
        "size": len(content),
        "state": Upload.State.COMPLETE,
    }
    upload = Upload.objects.create(contest=contest or make_contest(), **defaults | fields)
    store(upload.key, content)
    return upload


def make_entry(
    contest: Contest | None = None,
    *,
    state: State = State.QUEUED,
    reason: str = "",
    upload: Upload | None = None,
    **fields: Any,
) -> Entry:
    """An entry with one conversion in `state`; no message of it is in the queue."""
    number = next(_numbers)
    contest = contest or make_contest()
    defaults: dict[str, Any] = {
        "title": f"Video {number}",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": f"author{number}@example.org",
        "language": "en",
    }
    entry = Entry.objects.create(
        contest=contest, upload=upload or make_upload(contest), **defaults | fields
    )
    make_conversion(entry, state, reason=reason)
    return entry


def make_conversion(entry: Entry, state: State = State.QUEUED, **fields: Any) -> Conversion:
    """A conversion with the times that its state asks for."""
    now = timezone.now()
    ended = state in {State.SUCCEEDED, State.FAILED, State.DEAD, State.CANCELLED}
    began: datetime | None = None if state == State.QUEUED else now - timedelta(seconds=10)
    defaults: dict[str, Any] = {
        "state": state,
        "queued_at": now,
        "ring_at": now,
        "started_at": began,
        "finished_at": now if ended else None,
        "attempt": 0 if began is None else 1,
        "lease_until": now + timedelta(seconds=60) if state == State.RUNNING else None,
        "percent": 100 if state == State.SUCCEEDED else 0,
    }
    return Conversion.objects.create(entry=entry, **defaults | fields)


def make_ready_entry(
    contest: Contest | None = None, *, video: bytes = b"\0mp4", **fields: Any
) -> Entry:
    """An entry whose video and poster are published; `video` is what the MP4's file holds."""
    entry = make_entry(contest, state=State.SUCCEEDED, **fields)
    conversion = entry.conversions.get()
    _publish(conversion, Rendition.Kind.MP4, storage.VIDEOS, ".mp4", "h264", video, duration=2.0)
    _publish(conversion, Rendition.Kind.POSTER, storage.POSTERS, ".jpg", "mjpeg", picture())
    entry.published, entry.public_at = conversion, conversion.finished_at
    entry.save()
    return entry


def _publish(
    conversion: Conversion,
    kind: str,
    prefix: str,
    suffix: str,
    codec: str,
    content: bytes,
    **fields: Any,
) -> None:
    key = storage.new_key(prefix, suffix)
    store(key, content)
    Rendition.objects.create(
        conversion=conversion,
        kind=kind,
        key=key,
        codec=codec,
        width=320,
        height=180,
        size=len(content),
        **fields,
    )


def make_voter(contest: Contest | None = None, email: str = "", *, verified: bool = True) -> Voter:
    """A voter; without `verified` one whose address nobody has confirmed yet."""
    return Voter.objects.create(
        contest=contest or make_contest(),
        email=email or f"voter{next(_numbers)}@example.org",
        verified_at=timezone.now() if verified else None,
    )


def store(key: str, content: bytes) -> None:
    """Put bytes into the storage."""
    storage_folder.path_of(key).parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=storage_folder.path_of(key).parent, delete=False) as file:
        file.write(content)
    storage.put(Path(file.name), key)


def picture(width: int = 320, height: int = 180, form: str = "JPEG", **options: Any) -> bytes:
    """Return a plain picture's file; sizes in pixels."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#3b5bdb").save(file, form, **options)
    return file.getvalue()


def make_rules(contest: Contest, *consents: tuple[str, bool], text: str = "Be kind.") -> Rules:
    """A contest's next rules; of each consent the text and whether it is required."""
    version = contest.rules.count() + 1
    wanted = [{"text": each, "required": required} for each, required in consents]
    return Rules.objects.create(contest=contest, version=version, text=text, consents=wanted)


def make_code(contest: Contest, kind: Code.Kind = Code.Kind.SUBMIT, **fields: Any) -> Code:
    """A code that may be used any number of times."""
    defaults: dict[str, Any] = {"code": f"CODE{next(_numbers)}"}
    return Code.objects.create(contest=contest, kind=kind, **defaults | fields)


def make_invitation(contest: Contest, email: str = "", **fields: Any) -> TeamInvitation:
    """An invitation into a contest's team, to look after the videos."""
    defaults: dict[str, Any] = {
        "email": email or f"invited{next(_numbers)}@example.org",
        "role": Role.MODERATOR,
    }
    return TeamInvitation.objects.create(contest=contest, **defaults | fields)


def make_member(contest: Contest, role: Role = Role.MODERATOR, user: User | None = None) -> Member:
    """Somebody in a contest's team."""
    return Member.objects.create(contest=contest, user=user or make_user(), role=role)
