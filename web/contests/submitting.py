"""From a chosen file to an entry waiting for conversion.

The upload comes first and belongs to whoever knows its token; the form that follows turns it into
an entry. A form sent twice finds the entry it made the first time.
"""

import shutil
import tempfile
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from backends import splunk, storage, uploads
from backends.transactions import retried
from contests import accepting, auditing, converting, notifying
from contests.accepting import Given
from contests.models import Code, Contest, Entry, Kind, Moderation, Upload
from contests.reasons import Refused

# The containers we take; the worker looks at the content, this only spares a pointless upload.
EXTENSIONS = (
    *("avi", "flv", "f4v", "wmv", "asf", "mp4", "m4v", "mov", "3gp", "3g2", "mkv", "webm", "mpg"),
    *("mpeg", "m2p", "vob", "ts", "mts", "m2ts", "ogv", "ogg", "dv", "mxf", "rm", "rmvb"),
)
_HEAD_BYTES = 4096
_NOT_VIDEO = (b"PK\x03\x04", b"%PDF", b"\x7fELF", b"MZ", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")


def begin_upload(
    contest: Contest,
    filename: str,
    size: int,
    now: datetime,
    late_code: Code | None = None,
    *,
    by_team: bool = False,
) -> Upload:
    """Open an upload of `size` bytes, with its disk space reserved. Raises Refused.

    `late_code`, which must be usable, opens one after the deadline too; `by_team` one at any date.
    """
    is_open = contest.accepts_entries(now)
    if not (is_open or by_team or (late_code and accepting.takes_late(contest, now))):
        raise Refused("closed_submissions")
    if PurePath(filename.strip()).suffix.lower().lstrip(".") not in EXTENSIONS:
        raise Refused("file_type")
    if size <= 0:
        raise Refused("empty_file")
    if size > max_bytes(contest):
        raise Refused("file_too_big")
    if by_team and not contest.keeps_people(now):
        raise Refused("closed_submissions")
    if by_team and _was_sent(contest, clean_filename(filename), size):
        raise Refused("already_sent")
    key = storage.new_key(storage.SOURCES)
    try:
        backend_id = uploads.create(key, size)
    except uploads.NoSpace as error:
        raise Refused("no_space") from error
    return Upload.objects.create(
        contest=contest,
        backend_id=backend_id,
        key=key,
        filename=clean_filename(filename),
        size=size,
        by_team=by_team,
        late_code=None if is_open else late_code,
    )


def _was_sent(contest: Contest, filename: str, size: int) -> bool:
    """Say whether the team has made an entry of such a file: it then begins its list anew."""
    same = contest.uploads.filter(by_team=True, filename=filename, size=size)
    return same.filter(entry__isnull=False, entry__withdrawn_at=None).exists()


def max_bytes(contest: Contest) -> int:
    """Return the size of the biggest file that a contest takes."""
    most = min(settings.MAX_UPLOAD_BYTES, uploads.MAX_PARTS * uploads.PART_BYTES)
    return min(most, contest.max_bytes or most)


def clean_filename(name: str) -> str:
    """Return a name fit to be shown: printable, without folders, 255 characters at most."""
    shown = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())
    return shown[:255] or "video"


def sign_part(upload: Upload, number: int) -> str:
    """Return the address that takes part `number` (from 1). Raises Refused for a wrong number."""
    if upload.state != Upload.State.OPEN or not uploads.part_size(upload.size, number):
        raise Refused("upload_unknown")
    _touch(upload)
    if upload.first_byte_at is None:  # the word "in time" hangs on it: by the database's clock
        Upload.objects.filter(pk=upload.pk, first_byte_at=None).update(first_byte_at=Now())
    return uploads.sign_part(upload.backend_id, upload.key, number, upload.size)


def list_parts(upload: Upload) -> list[uploads.Part]:
    """Return the parts that have arrived; none of them travels again. Raises Refused.

    Those of a complete upload that has not become an entry have all arrived.
    """
    if Entry.objects.filter(upload=upload).exists():
        raise Refused("upload_unknown")
    _touch(upload)
    if upload.state == Upload.State.COMPLETE:
        return uploads.all_parts(upload.size)
    try:
        return uploads.list_parts(upload.backend_id, upload.key, upload.size)
    except FileNotFoundError as error:
        raise Refused("upload_unknown") from error


def complete_upload(upload: Upload) -> None:
    """Assemble the file and look at its first bytes; twice is once. Raises Refused."""
    if upload.state == Upload.State.COMPLETE:
        return
    try:
        version = uploads.complete(upload.backend_id, upload.key, upload.size)
        head = storage.head(upload.key, _HEAD_BYTES, version)
    except uploads.Incomplete as error:
        raise Refused("upload_incomplete") from error
    except FileNotFoundError as error:
        raise Refused("upload_unknown") from error
    if not looks_like_video(head):
        discard_upload(upload)
        raise Refused("content_mismatch")
    if not _touch(upload, state=Upload.State.COMPLETE, version=version, completed_at=Now()):
        # Dropped in the meantime: nobody would ever find the file.
        storage.delete(upload.key, unseen=True)
        raise Refused("upload_unknown")
    upload.state = Upload.State.COMPLETE


def _touch(upload: Upload, **changes: Any) -> bool:
    """Record a sign of life, so that the sweeper leaves the upload alone. False: it is gone."""
    row = Upload.objects.filter(pk=upload.pk)
    return bool(row.update(touched_at=timezone.now(), **changes))


def looks_like_video(head: bytes) -> bool:
    """Say whether a file's first bytes could be a video's.

    Turns away only what certainly is none (text, pages, playlists, documents, pictures, programs),
    so that the person learns it now; the worker judges the rest.
    """
    if head.startswith(_NOT_VIDEO):
        return False
    # Text has no NUL; every container we take has some within the first bytes.
    return b"\x00" in head


def discard_upload(upload: Upload) -> None:
    """Drop an upload that became no entry, with all that arrived of it. Raises Refused."""
    # The row first: should a form be turning it into an entry right now, one of the two loses
    # before any file is gone.
    _forget(upload)
    if upload.backend_id:
        uploads.abort(upload.backend_id, upload.key)
    storage.delete(upload.key, unseen=True)


@retried
def _forget(upload: Upload) -> None:
    row = Upload.objects.select_for_update().filter(pk=upload.pk)
    if Entry.objects.filter(upload=upload).exists():
        raise Refused("upload_unknown")
    row.delete()
    storage.doom(upload.key)


def submit(
    contest: Contest,
    upload: Upload,
    given: Given | None = None,
    /,
    *,
    language: str,
    now: datetime,
    **about: Any,
) -> Entry:
    """Make the entry of a complete upload, queue its conversion and tell the participant.

    `about` holds title, description, first_name, last_name, email and the like, already validated.
    Raises Refused when submissions are closed, the upload is not complete or `given` is not what
    the contest asks for (see accepting.py).
    """
    if existing := Entry.objects.filter(upload=upload).first():
        return existing
    if not accepting.in_time(contest, upload, now):
        raise Refused("closed_submissions")
    return _submit(contest, upload, language, about, given or Given(), now)


@retried
def _submit(
    contest: Contest,
    upload: Upload,
    language: str,
    about: dict[str, Any],
    given: Given,
    now: datetime,
) -> Entry:
    row = _lock(contest, upload)
    if existing := Entry.objects.filter(upload=row).first():
        return existing
    about["code"] = accepting.admit(contest, row, about["email"], given, now)
    entry = _create_entry(contest, row, language, about)
    accepting.keep(entry, given)
    return entry


@retried
def submit_for_other(
    contest: Contest, upload: Upload, by: User, *, language: str, **about: Any
) -> Entry:
    """Make the entry of what the team uploaded for somebody else, at any date. Twice is once.

    `about`: as for `submit`, but its e-mail may be "". Nobody accepts rules in another's name.
    Raises Refused.
    """
    row = _lock(contest, upload)
    if existing := Entry.objects.filter(upload=row).first():
        return existing
    if not row.by_team:
        raise Refused("upload_unknown")
    if not contest.keeps_people(timezone.now()):
        raise Refused("closed_submissions")
    entry = _create_entry(contest, row, language, about | {"submitted_by": by})
    auditing.record(contest, "entry_submitted", entry=entry, user=by)
    return entry


def submit_file(contest: Contest, path: Path, *, language: str, **about: Any) -> Entry:
    """Submit a local file for somebody, at any date: what ops do. Raises Refused, OSError."""
    if not path.stat().st_size:
        raise Refused("empty_file")
    with path.open("rb") as file:
        if not looks_like_video(file.read(_HEAD_BYTES)):
            raise Refused("content_mismatch")
    upload = Upload(
        contest=contest,
        key=storage.new_key(storage.SOURCES),
        filename=clean_filename(path.name),
        size=path.stat().st_size,
        state=Upload.State.COMPLETE,
        completed_at=timezone.now(),
    )
    settings.WORK_ROOT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.WORK_ROOT) as folder:
        copy = Path(folder, "source")
        shutil.copyfile(path, copy)
        storage.put(copy, upload.key)
    upload.save()
    return _create_entry(contest, upload, language, about)


def _lock(contest: Contest, upload: Upload) -> Upload:
    """Hold a complete upload's row, so that a form sent twice at once finds one entry."""
    row = Upload.objects.select_for_update().filter(pk=upload.pk, contest=contest).first()
    if row is None:
        raise Refused("upload_unknown")
    if row.state != Upload.State.COMPLETE:
        raise Refused("upload_incomplete")
    return row


@retried
def _create_entry(contest: Contest, upload: Upload, language: str, about: dict[str, Any]) -> Entry:
    moderation = Moderation.PENDING if contest.moderated else Moderation.APPROVED
    entry = Entry.objects.create(
        contest=contest, upload=upload, language=language, moderation=moderation, **about
    )
    Upload.objects.filter(pk=upload.pk).update(draft=None)
    conversion = converting.enqueue(entry)
    notifying.notify(Kind.RECEIVED, f"received:{entry.pk}", entry=entry, language=language)
    ids = {"entry": entry.pk, "conversion": conversion.pk, "contest": contest.pk}
    transaction.on_commit(
        lambda: splunk.send("entry_submitted", **ids, bytes=upload.size), robust=True
    )
    return entry
