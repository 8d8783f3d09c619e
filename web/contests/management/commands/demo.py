"""`manage.py demo`: a contest to look at, with old formats made on the spot."""

import random
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import User
from contests import deleting, sample_clips, submitting
from contests.models import Ballot, Choice, Contest, Entry, Member, Role, Voter

URL = "demo"
EMAIL = "demo@videoshare.invalid"  # a name that RFC 2606 keeps from ever existing
VOTERS = 12


class Command(BaseCommand):
    """Makes the demo contest anew: clips in old formats, submitted, with votes."""

    help = "Make a contest whose FLV, WMV and AVI entries are being converted."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make organizer, contest, clips and votes; print where to look."""
        old = Contest.objects.filter(url=URL).first()
        if old and not old.team.filter(user__email=EMAIL).exists():
            raise CommandError(f"somebody's own contest has the address {URL!r}")
        if old:
            deleting.delete_contest(old)
        password = get_random_string(16)
        contest = _contest(_organizer(password))
        with tempfile.TemporaryDirectory() as folder:
            entries = list(_entries(contest, Path(folder)))
        _votes(contest, entries)
        self.stdout.write(f"contest:   {settings.WEB_URL}{contest.get_absolute_url()}")
        self.stdout.write(f"organizer: {settings.WEB_URL}/cuenta/login/  {EMAIL}  {password}")


def _organizer(password: str) -> User:
    user = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL)
    user.set_password(password)
    user.save()
    EmailAddress.objects.update_or_create(
        user=user, email=EMAIL, defaults={"verified": True, "primary": True}
    )
    return user


def _contest(organizer: User) -> Contest:
    now = timezone.now()
    contest = Contest.objects.create(
        announced_at=now,
        name="Demo: formatos de otra época",
        url=URL,
        description="Clips FLV, WMV y AVI hechos en este equipo, camino de convertirse en MP4.",
        submissions_open=now,
        submissions_close=now + timedelta(days=7),
        voting_open=now,
        voting_close=now + timedelta(days=14),
    )
    Member.objects.create(contest=contest, user=organizer, role=Role.OWNER)
    return contest


def _entries(contest: Contest, folder: Path) -> Iterator[Entry]:
    for title, path in sample_clips.make(folder, seconds=12):
        yield submitting.submit_file(
            contest, path, language="es", title=title, first_name="Demo", email=EMAIL
        )


def _votes(contest: Contest, entries: list[Entry]) -> None:
    """Vote at once; `voting.vote` would rightly refuse entries that are not ready yet."""
    now = timezone.now()
    for number in range(VOTERS):
        voter = Voter.objects.create(
            contest=contest, email=f"voter{number}@videoshare.invalid", verified_at=now
        )
        ballot = Ballot.objects.create(voter=voter)
        for place, entry in enumerate(entries):
            # Later clips please fewer, so that the ranking has something to rank.
            likes = random.random() > place / len(entries)  # noqa: S311
            value = Choice.Value.FOR if likes else Choice.Value.AGAINST
            Choice.objects.create(ballot=ballot, entry=entry, value=value)
