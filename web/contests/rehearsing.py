"""A rehearsal: a made-up contest on the real system, counted to the last mail, and cleared away."""

import itertools
import random
import secrets
import statistics
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from backends import mail
from contests import submitting, voting
from contests.converting import UNFINISHED
from contests.deleting import delete_contest
from contests.models import (
    Choice,
    Contest,
    Conversion,
    Entry,
    Member,
    Notification,
    Role,
    State,
    Voter,
)
from contests.models.contest import Visibility

ORGANIZER = "rehearsal@videoshare.invalid"  # a name that RFC 2606 keeps from ever existing
_VOTES_EACH = 5
_VOTERS_AT_ONCE = 4  # threads


class UnderWay(Exception):
    """There is a rehearsal already, or what is left of one that was interrupted."""


@dataclass(frozen=True)
class Report:
    """What came of a rehearsal. Seconds lie between submitting and ready."""

    entries: int
    ready: int
    doubled: int
    seconds: list[float]
    votes_cast: int
    votes_counted: int
    mails_once: int
    mails_twice: int  # perhaps: their sender was killed before it could say
    mails_unsent: int

    @property
    def lost(self) -> int:
        """Entries that did not become ready."""
        return self.entries - self.ready

    @property
    def fine(self) -> bool:
        """Whether nothing was lost, doubled or left lying.

        A second mail is the price of killing somebody who is sending the first.
        """
        wrong = self.lost + self.doubled + self.mails_unsent
        return not wrong and self.votes_cast == self.votes_counted

    def __str__(self) -> str:
        ready = "none"
        if self.seconds:
            p50, p95 = (_percentile(self.seconds, share) for share in (50, 95))
            ready = f"p50 {p50:.1f} s, p95 {p95:.1f} s"
        return (
            f"lost {self.lost}, doubled {self.doubled} of {self.entries} entries\n"
            f"time to ready: {ready}\n"
            f"votes: {self.votes_counted} counted of {self.votes_cast} cast\n"
            f"mails: {self.mails_once} sent once, {self.mails_twice} perhaps twice, "
            f"{self.mails_unsent} unsent"
        )


class Rehearsal:
    """One rehearsal under way: its contest, and the votes cast in it."""

    def __init__(self, contest: Contest, mail_to: str) -> None:
        self.contest = contest
        self._mail_to = mail_to
        self._votes = 0

    def submit(self, clips: list[tuple[str, Path]], count: int) -> None:
        """Submit so many entries, of these titles and files in turn."""
        for number, (title, path) in enumerate(itertools.islice(itertools.cycle(clips), count), 1):
            about = {"title": title, "first_name": "Ensayo", "email": self._address(number)}
            submitting.submit_file(self.contest, path, language="es", **about)

    def vote(self, voters: int) -> None:
        """Let so many new people vote, several at a time, for some of what is ready."""
        if not voters:
            return
        ready = list(Entry.objects.filter(contest=self.contest, published__isnull=False))
        with ThreadPoolExecutor(_VOTERS_AT_ONCE) as pool:
            self._votes += sum(pool.map(lambda _: self._vote(ready), range(voters)))

    def _vote(self, ready: list[Entry]) -> int:
        try:
            # Never mailed: they are verified as if they had opened their link already.
            voter = Voter.objects.create(
                contest=self.contest,
                email=f"{random.randbytes(8).hex()}@videoshare.invalid",  # noqa: S311
                verified_at=timezone.now(),
            )
            chosen = random.sample(ready, min(_VOTES_EACH, len(ready)))
            for entry in chosen:
                voting.vote(voter, entry, random.choice((1, -1)), timezone.now())  # noqa: S311
            return len(chosen)
        finally:
            connection.close()  # this thread's own

    def ended(self) -> bool:
        """Say whether nothing is left to do: no conversion, no mail."""
        unfinished = self._conversions().filter(state__in=UNFINISHED)
        return not unfinished.exists() and not self._mails().filter(sent_at=None).exists()

    def states(self) -> Counter[State]:
        """Count the conversions by state."""
        return Counter(map(State, self._conversions().values_list("state", flat=True)))

    def report(self) -> Report:
        """Count everything."""
        conversions, mails = self._conversions(), self._mails()
        entries = Entry.objects.filter(contest=self.contest)
        public = Count("conversions", filter=Q(conversions__state=State.SUCCEEDED))
        ended = conversions.filter(state=State.SUCCEEDED).values_list("queued_at", "finished_at")
        counted = Choice.objects.filter(entry__contest=self.contest)
        sent, once = mails.exclude(sent_at=None), Q(tries=F("failures") + 1)
        return Report(
            entries=entries.count(),
            ready=entries.exclude(published=None).count(),
            doubled=entries.annotate(public=public).filter(public__gt=1).count(),
            seconds=[(end - begin).total_seconds() for begin, end in ended if end],
            votes_cast=self._votes,
            votes_counted=counted.count(),
            mails_once=sent.filter(once).count(),
            mails_twice=sent.exclude(once).count(),
            mails_unsent=mails.filter(sent_at=None).count(),
        )

    def _conversions(self) -> QuerySet[Conversion]:
        return Conversion.objects.filter(entry__contest=self.contest)

    def _mails(self) -> QuerySet[Notification]:
        return Notification.objects.filter(entry__contest=self.contest)

    def _address(self, number: int) -> str:
        name, _, domain = self._mail_to.partition("@")
        return f"{name}+{self.contest.url}-{number}@{domain}"


@contextmanager
def rehearsal(mail_to: str) -> Iterator[Rehearsal]:
    """Open an unlisted contest at an address that nobody guesses; at the end delete it all.

    Participants' mail goes to `mail_to` with that address and a number behind a plus sign. Raises
    UnderWay: one at a time, for each deletes what it finds.
    """
    try:
        with transaction.atomic():
            organizer = User.objects.create_user(ORGANIZER)
    except IntegrityError as error:
        raise UnderWay from error
    try:
        yield Rehearsal(_open(organizer), mail_to)
    finally:
        clear()


def _open(organizer: User) -> Contest:
    now = timezone.now()
    contest = Contest.objects.create(
        announced_at=now,
        name="Ensayo",
        url=f"rehearsal-{secrets.token_hex(8)}",
        visibility=Visibility.UNLISTED,
        submissions_open=now,
        submissions_close=now + timedelta(days=1),
        voting_open=now,
        voting_close=now + timedelta(days=1),
    )
    Member.objects.create(contest=contest, user=organizer, role=Role.OWNER)
    return contest


def clear() -> None:
    """Delete what a rehearsal made: contest, entries, votes, files, mail, organizer."""
    for contest in Contest.objects.filter(team__user__email=ORGANIZER):
        addresses = set(contest.entries.values_list("email", flat=True))
        delete_contest(contest)
        mail.remove(addresses)
    User.objects.filter(email=ORGANIZER).delete()


def mailbox() -> str:
    """Return an address that takes mail and bothers nobody; "" when mail goes out by SMTP.

    SES's is its simulator's: docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
    """
    if settings.CONFIG.ses_email:
        return "success@simulator.amazonses.com"
    return "" if settings.CONFIG.smtp_host else ORGANIZER


def _percentile(values: list[float], percent: int) -> float:
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
