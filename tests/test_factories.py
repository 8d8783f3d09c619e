"""The factories themselves: what every other test builds on."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from backends import storage
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_ready_entry_is_published_with_files_on_disk(tmp_path: Path) -> None:
    entry = factories.make_ready_entry()
    assert entry.published
    kinds = {each.kind: storage.size(each.key) for each in entry.published.renditions.all()}
    assert kinds == {"mp4": 4, "poster": len(factories.picture())}
    assert tmp_path in Path(settings.MEDIA_ROOT).parents


def test_a_contest_is_open_for_everything() -> None:
    contest, now = factories.make_contest(), timezone.now()
    assert (contest.accepts_entries(now), contest.accepts_votes(now)) == (True, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_the_cache_starts_empty(run: int) -> None:
    assert cache.get("left_over") is None
    cache.set("left_over", run)
