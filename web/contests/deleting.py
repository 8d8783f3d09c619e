"""Deleting a contest with everything in it."""

from backends import storage, uploads
from backends.transactions import retried
from contests.models import Contest, Entry, Rendition, Upload


def delete_contest(contest: Contest) -> None:
    """Delete a contest, its entries, votes and files. A running conversion then finds no row."""
    keys, under_way = _delete_rows(contest)
    for key, backend_id in under_way:
        uploads.abort(backend_id, key)
    storage.delete(*keys)


@retried
def _delete_rows(contest: Contest) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the keys of all files, and keys and ids of the uploads that are still under way."""
    # Locked, so that no conversion publishes files that we would not know of.
    list(Entry.objects.select_for_update().filter(contest=contest).values_list("pk"))
    sources = Upload.objects.filter(contest=contest)
    renditions = Rendition.objects.filter(conversion__entry__contest=contest)
    keys = [*sources.values_list("key", flat=True), *renditions.values_list("key", flat=True)]
    keys += filter(None, [contest.image_key, contest.logo_key])
    storage.doom(*keys)
    under_way = sources.filter(state=Upload.State.OPEN).exclude(backend_id="")
    found = list(under_way.values_list("key", "backend_id"))
    contest.delete()
    return keys, found
