"""Erasing people's data once a contest's time for it has come."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from contests import erasing, results, sweeping, voting
from contests.erasing import erase_due
from contests.models import (
    Ballot,
    Contest,
    Entry,
    Event,
    Rendition,
    Voter,
)
from tests.factories import (
    make_code,
    make_contest,
    make_entry,
    make_ready_entry,
    make_voter,
)
from tests.personal import SECRET, everything, make_full_entry, over

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def files(folder) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


class TestRetention:
    def sweep_all(self) -> int:
        """Erase part by part; return how many parts had people."""
        parts = 0
        while erase_due():
            parts += 1
        return parts

    def test_names_go_and_what_is_public_stays(self, settings):
        contest = make_contest(retention_days=30)
        entry, hidden = make_full_entry(contest), make_full_entry(contest)
        Entry.objects.filter(pk=hidden.pk).update(moderation="rejected")
        Entry.objects.filter(pk=entry.pk).update(
            title="The sea", description="", text_description=""
        )
        entry.captions.all().delete()
        voter = make_voter(contest, f"{SECRET}@example.org")
        voting.vote(voter, entry, 1, NOW)
        make_voter(contest, verified=False)
        over(contest, days=30)
        assert self.sweep_all() == 1
        sweeping.sweep()
        assert SECRET.lower() not in everything().lower()
        [ranked] = results.ranking(contest)
        assert (ranked, ranked.title, ranked.score) == (entry, "The sea", 1)
        assert {r.conversion_id for r in Rendition.objects.all()} == {ranked.published_id}
        assert files(settings.MEDIA_ROOT) == 2
        assert Voter.objects.count() == Ballot.objects.count() == 1

    def test_not_before_its_day_nor_without_one(self):
        days = (30, None)
        contests = [over(make_contest(retention_days=each), days=29) for each in days]
        for each in contests:
            make_entry(each)
        assert self.sweep_all() == 0
        assert {each.erased_at for each in Contest.objects.all()} == {None}

    def test_part_by_part_until_it_is_done(self, monkeypatch):
        monkeypatch.setattr(erasing, "_ENTRIES", 2)
        contest = make_contest(retention_days=1)
        for _ in range(3):
            make_ready_entry(contest)
        code = make_code(contest, label="Ada")
        over(contest, days=1)
        assert self.sweep_all() == 2
        code.refresh_from_db()
        assert (Contest.objects.get().erased_at is None, code.label) == (False, "")
        assert self.sweep_all() == 0
        assert Event.objects.filter(action="people_erased").count() == 1

    def test_one_opened_again_is_due_again(self):
        contest = over(make_contest(retention_days=1), days=1)
        self.sweep_all()
        Contest.objects.update(erased_at=Now() - timedelta(days=9))
        make_entry(contest)
        assert self.sweep_all() == 1
