"""Deleting a contest with everything in it."""

from django.db import transaction

from backends import storage, uploads
from contests.models import Contest, Rendition, Upload


def delete_contest(contest: Contest) -> None:
    """Delete a contest, its entries, votes and files. A running conversion then finds no row."""
    with transaction.atomic():
        sources = list(Upload.objects.filter(contest=contest).values_list("key", "backend_id"))
        renditions = Rendition.objects.filter(conversion__entry__contest=contest)
        keys = [key for key, _ in sources] + list(renditions.values_list("key", flat=True))
        if contest.image_key:
            keys.append(contest.image_key)
        contest.delete()
    # After the commit: a failure here leaves files that no row names, never rows without files.
    for key, backend_id in sources:
        if backend_id:
            uploads.abort(backend_id, key)
    storage.delete(*keys)
