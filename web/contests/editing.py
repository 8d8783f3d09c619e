"""Making a contest and changing its settings."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from backends import storage
from backends.transactions import retried
from contests import auditing, images, placing
from contests.models import Contest, Member, Role, Visibility

PICTURES = ("image_key", "logo_key")
# Of these the trail tells whether there was one and whether there is one now.
_UNTOLD = ("password", *PICTURES)


@retried
def create_contest(contest: Contest, by: User) -> None:
    """Save a new, validated contest: a draft that `by` owns.

    Raises ValidationError when another contest has just taken its address.
    """
    with _taken_address_told(contest):
        contest.save(force_insert=True)
    Member.objects.create(contest=contest, user=by, role=Role.OWNER)
    auditing.record(contest, "contest_made", user=by)


def save_contest(
    contest: Contest,
    by: User,
    fields: Collection[str] = (),
    pictures: Mapping[str, IO[bytes] | None] | None = None,
) -> bool:
    """Save these fields of a validated contest; False when nothing is different.

    `pictures` holds, by the field of its key (`image_key`, `logo_key`), a new file or None to drop
    the old one.

    Raises images.BadImage with the picture's field, and ValidationError when another contest has
    just taken its address.
    """
    keys = _stored(pictures or {}, private=contest.visibility == Visibility.PRIVATE)
    try:
        changed, dropped = _save(contest, by, fields, keys)
    except ValidationError:
        storage.delete(*filter(None, keys.values()), unseen=True)
        raise
    for field, key in keys.items():
        setattr(contest, field, key)
    storage.delete(*dropped)
    return changed


def _stored(pictures: Mapping[str, IO[bytes] | None], *, private: bool) -> dict[str, str]:
    """Store the files; return the new keys, "" where a picture is dropped."""
    keys: dict[str, str] = {}
    for field, file in pictures.items():
        try:
            logo = field == "logo_key"
            keys[field] = images.store(file, logo=logo, private=private) if file else ""
        except images.BadImage as error:
            storage.delete(*filter(None, keys.values()), unseen=True)
            raise images.BadImage(field) from error
    return keys


@retried
def _save(
    contest: Contest, by: User, fields: Collection[str], keys: Mapping[str, str]
) -> tuple[bool, list[str]]:
    """Write what is different; return whether anything is, and the keys of dropped pictures."""
    row = Contest.objects.select_for_update().get(pk=contest.pk)
    wanted = {name: getattr(contest, name) for name in fields} | dict(keys)
    values = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if not values:
        return False, []
    if "visibility" in values and Visibility.PRIVATE in (row.visibility, values["visibility"]):
        placing.mark(contest.entries.all())
    with _taken_address_told(contest):
        Contest.objects.filter(pk=row.pk).update(**values)
    changes = {name: [_plain(row, name), _plain(contest, name, values)] for name in values}
    auditing.record(contest, "contest_changed", user=by, changes=changes)
    dropped = [key for name in keys if name in values and (key := getattr(row, name))]
    storage.doom(*dropped)
    return True, dropped


def _plain(contest: Contest, name: str, values: Mapping[str, Any] | None = None) -> Any:
    """A field's value as the trail keeps it."""
    value = (values or {}).get(name, getattr(contest, name))
    if name in _UNTOLD:
        return bool(value)
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


@contextmanager
def _taken_address_told(contest: Contest) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not Contest.objects.filter(url=contest.url).exclude(pk=contest.pk).exists():
            raise
        text = _("Another contest already has this address. Choose another.")
        raise ValidationError({"url": text}) from error
