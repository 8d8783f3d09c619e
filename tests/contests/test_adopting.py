"""What the version before this one writes while it is being replaced."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contests import ordering, results, sweeping
from contests.erasing import erase_entry
from contests.models import Contest, Entry, Member
from tests.factories import make_contest, make_ready_entry, make_user
from tests.personal import over

pytestmark = pytest.mark.django_db


def test_a_contest_that_it_makes_is_its_organizers_and_no_draft():
    known, ada = make_contest(), make_user()
    contest = make_contest(organizer=ada)
    Member.objects.filter(contest=contest).delete()
    # The one before the public knows of, and whose first owner has left, stays as it is.
    Contest.objects.update(organizer=ada, announced_at=None)
    sweeping.sweep()
    assert list(Contest.objects.of_team(ada, "owner")) == [contest]
    assert list(Contest.objects.announced()) == [contest]
    assert Member.objects.filter(contest=known).exclude(user=ada).count() == 1


def test_a_video_that_it_publishes_is_found_by_who_was_there_and_stays_in_the_result():
    contest = make_contest()
    held = ordering.deck_for(contest)
    entry = make_ready_entry(contest)
    Entry.objects.update(public_at=None)
    assert ordering.order(held, 1) == []
    sweeping.sweep()
    assert ordering.order(held, 1) == [entry.pk]
    over(contest)
    erase_entry(Entry.objects.get(), timezone.now() + timedelta(seconds=1))
    assert list(results.ranking(contest)) == [entry]
