"""Stored files that no row names: deleted a day after they were first seen so.

That day is for whoever has restored a backup of the database and finds out what it lacks. Of very
many none is deleted until ops say so: it is likelier then that the database is an old one, or
another's, than that so much was left behind.
"""

import logging
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from backends import storage
from backends.models import Undeleted
from contests.models import Contest, Nameless, Rendition, Upload

logger = logging.getLogger(__name__)

GRACE = timedelta(hours=24)  # since a file was first seen nameless, by the database's clock
MANY, SHARE = 100, 0.1  # very many are more than these files, and more than this share of all
_AT_ONCE = 1000  # files a sweep


def note(noted: QuerySet[Nameless], listed: Collection[str]) -> None:
    """Note which of the listed files are nameless.

    `noted` is what was noted of the same part of the storage's list before. What has a name now, or
    is gone, is forgotten.
    """
    keys = _nameless(listed)
    noted.exclude(key__in=keys).delete()
    rows = [Nameless(key=key, seen_at=Now()) for key in keys]
    Nameless.objects.bulk_create(rows, ignore_conflicts=True)


def too_many() -> bool:
    """Say whether so many files are nameless that none is deleted unasked."""
    nameless = Nameless.objects.count()
    if nameless <= MANY:
        return False
    named = Upload.objects.count() + Rendition.objects.count()
    return nameless > SHARE * (nameless + named)


def delete(even_many: bool = False) -> int:
    """Delete some files that have been nameless for a day; return how many.

    When there are too many of them none is, unless ops have said so: `even_many`.
    """
    # A database without any upload is a new one, or the wrong one.
    if not Upload.objects.exists() or (not even_many and too_many()):
        return 0
    due = Nameless.objects.filter(seen_at__lte=Now() - GRACE).order_by("pk")
    noted = dict(due.values_list("pk", "key")[:_AT_ONCE])
    keys = _nameless(noted.values())
    if keys:
        logger.warning("%s stored files that nothing names are deleted", len(keys))
        storage.delete(*sorted(keys))
    Nameless.objects.filter(pk__in=noted).delete()
    return len(keys)


def _nameless(keys: Collection[str]) -> set[str]:
    """Those of the keys that are ours and that no row names."""
    ours = {key for key in keys if storage.KEY.fullmatch(key)}
    names: tuple[QuerySet[Any, str], ...] = (
        Upload.objects.filter(key__in=ours).values_list("key", flat=True),
        Rendition.objects.filter(key__in=ours).values_list("key", flat=True),
        Contest.objects.filter(image_key__in=ours).values_list("image_key", flat=True),
        Contest.objects.filter(logo_key__in=ours).values_list("logo_key", flat=True),
        Undeleted.objects.filter(key__in=ours).values_list("key", flat=True),
    )
    return ours.difference(*names)
