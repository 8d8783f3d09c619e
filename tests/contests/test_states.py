"""No order of events leaves two truths about a conversion, or loses one.

Hypothesis draws the events: workers, participants, organizers and ops call the real verbs on the
real database and the embedded queue, messages are lost and come twice, time passes. Some events
come in the middle of a verb, between two of its statements, as another process might. After each
event the rows have to agree with each other; at the end honest workers have to get all work done.

Nothing is rolled back, since what follows a commit (doorbells, mail) is part of the verbs: each
example begins by emptying the tables.
"""

import logging
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backends import queue, queue_table, storage
from backends.models import QueueMessage, Undeleted
from contests import converting, deleting, reconverting, submitting, sweeping, withdrawing
from contests.converting import MAX_FAILURES, Claim
from contests.models import Contest, Conversion, Entry, State, SweepLock
from contests.reasons import Refused
from tests.contests import model
from tests.contests.model import EVENT, MEANWHILE, STORIES, Event, Job, pick
from tests.factories import make_contest, make_upload

WORKERS = ("w1", "w2", "w3")
# Long leases: what an example takes in real time must never count. In seconds, all of them.
LEASE = 3600
A_WHILE, TOO_LONG, A_DAY = LEASE // 3, LEASE + 10, 25 * 3600


class Service(RuleBasedStateMachine):
    def __init__(self, story: tuple[str, ...], log: pytest.LogCaptureFixture) -> None:
        super().__init__()
        for table in (QueueMessage, SweepLock, Undeleted, Contest):  # all else hangs on contests
            table.objects.all().delete()
        shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
        self.log = log
        self.log.clear()
        self.clock = 0
        self.contest: Contest | None = None
        self.entries: list[Entry] = []  # as they were when they were submitted
        self.going: set[int] = set()  # entries that are being withdrawn or deleted
        self.jobs: list[Job] = []
        self.attempts: Counter[int] = Counter()
        self.plan: tuple[int, Event] | None = None
        for name in ("submit", "submit", *story):
            self.do((name, 0))

    # --- what happens, and what comes in between --------------------------------------------------

    @rule(event=EVENT, meanwhile=MEANWHILE)
    def happens(self, event: Event, meanwhile: tuple[int, Event] | None) -> None:
        self.plan = meanwhile
        self.do(event)
        self.plan = None

    def do(self, event: Event) -> None:
        getattr(self, event[0])(event[1])

    @contextmanager
    def interrupted(self) -> Iterator[None]:
        """Let what was planned come in the middle of the block."""
        plan, self.plan = self.plan, None
        if plan is None:
            yield
            return
        after, event = plan

        def act() -> None:
            self.one_truth()
            self.do(event)

        with model.interrupted(after, act):
            yield

    # --- people -----------------------------------------------------------------------------------

    def submit(self, which: int) -> None:
        self.contest = self.contest or make_contest()
        upload = make_upload(self.contest)
        about = {"title": "A", "first_name": "B", "email": "a@example.org", "language": "es"}
        try:
            with self.interrupted():
                entry = submitting.submit(self.contest, upload, now=timezone.now(), **about)
        except Refused:  # the contest was deleted just now
            assert self.contest is None
            return
        if self.contest:
            self.entries.append(entry)

    def withdraw(self, which: int) -> None:
        if entry := pick(self.entries, which):
            with self.taking_away(entry.pk), self.interrupted():
                withdrawing.withdraw(entry, timezone.now())

    def delete_contest(self, which: int) -> None:
        contest, self.contest = self.contest, None
        if contest:
            gone, self.entries = self.entries, []
            with self.taking_away(*(entry.pk for entry in gone)), self.interrupted():
                deleting.delete_contest(Contest.objects.get(pk=contest.pk))

    def reconvert(self, which: int) -> None:
        if entry := pick(self.entries, which):
            with self.interrupted():
                reconverting.reconvert(entry)

    def decide(self, which: int) -> None:
        if entry := pick(self.entries, which):
            with self.interrupted():
                model.decide(entry.pk)

    def redrive(self, which: int) -> None:
        state = (State.DEAD, State.FAILED)[which % 2]
        with self.interrupted():
            converting.redrive(Conversion.objects.filter(state=state))
            queue.revive_dead()

    @contextmanager
    def taking_away(self, *entries: int) -> Iterator[None]:
        """Whoever works on these may lose the claim during the block, and has lost it after."""
        self.going.update(entries)
        yield
        for job in self.jobs:
            job.over |= job.claim.entry_id in entries

    # --- workers ----------------------------------------------------------------------------------

    def take(self, which: int) -> None:
        """Receive a message and claim what it points to."""
        worker, kept_until = WORKERS[which % len(WORKERS)], self.clock + LEASE
        with self.interrupted():
            for message in queue.receive(1, LEASE + 1):
                number = message.body["conversion"]
                claim = converting.claim(number, worker)
                if claim is None:
                    queue.delete(message.handle)
                    continue
                for job in self.jobs:
                    if job.claim.id == number:
                        assert not self.is_kept(job), "two holders"
                        job.over = True
                self.jobs.append(Job(claim, worker, message.handle, kept_until))

    def heartbeat(self, which: int) -> None:
        kept_until = self.clock + LEASE
        if job := self.write(which, converting.heartbeat, ends=False):
            job.kept_until = kept_until
            queue.extend(job.handle, LEASE + 1)

    def report(self, which: int) -> None:
        self.write(which, lambda claim: converting.report(claim, 50, 1.0, 60), ends=False)

    def finish(self, which: int) -> None:
        made = model.rendition()
        if job := self.write(which, lambda claim: converting.finish(claim, [made])):
            queue.delete(job.handle)
        else:
            storage.delete(made["key"], unseen=True)

    def refuse(self, which: int) -> None:
        if job := self.write(which, lambda claim: converting.refuse(claim, "no_video")):
            queue.delete(job.handle)

    def fail(self, which: int) -> None:
        if job := self.write(which, model.failed):
            queue.extend(job.handle, A_WHILE)

    def release(self, which: int) -> None:
        if job := self.write(which, converting.release):
            queue.extend(job.handle, 0)

    def write(self, which: int, verb: Callable[[Claim], bool], ends: bool = True) -> Job | None:
        """Write to what a worker believes to hold; return its job, or None if the claim is lost."""
        if not (job := pick([job for job in self.jobs if not job.over], which)):
            return None
        alone, before = self.plan is None, model.rows()
        kept_until, job.kept_until = job.kept_until, 0  # from now on it may be over
        with self.interrupted():
            won = verb(job.claim)
        job.kept_until = max(job.kept_until, kept_until)
        if won:
            assert not (job.ended and ends), "ended twice"
        else:
            assert not self.is_kept(job), "a claim was lost too soon"
            assert not alone or model.rows() == before, "a lost claim wrote"
        job.over |= ends or not won
        job.ended |= ends and won
        return job if won else None

    def is_kept(self, job: Job) -> bool:
        """Say whether a job's claim can't be lost: its lease still runs and nothing ended it."""
        lives = self.clock < job.kept_until and job.claim.entry_id not in self.going
        return lives and not job.over

    def write_too_late(self, which: int) -> None:
        """All who lost a claim, and do not know it, write all they can."""
        before = model.rows()
        late = [job.claim for job in self.jobs if job.over]
        assert not any(verb(claim) for claim in late for verb in model.WRITES)
        assert model.rows() == before, "a lost claim wrote"

    def fail_often(self, which: int) -> None:
        """Worker after worker fails at the same video."""
        if entry := pick(self.entries, which):
            number = entry.conversions.latest("pk").pk
            with self.interrupted():
                for _ in range(MAX_FAILURES - which):
                    if claim := converting.claim(number, "w1"):
                        converting.fail(claim, "no space")

    # --- the world --------------------------------------------------------------------------------

    def sweep(self, which: int) -> None:
        with self.interrupted():
            sweeping.sweep()

    def time_passes(self, which: int) -> None:
        seconds = (TOO_LONG, A_WHILE, A_DAY)[which % 3]
        self.clock += seconds
        model.pass_time(seconds)

    def lose_message(self, which: int) -> None:
        if message := pick(list(QueueMessage.objects.order_by("pk")), which):
            message.delete()

    def repeat_message(self, which: int) -> None:
        """An old message comes again, or a ring comes late."""
        if conversion := pick(list(Conversion.objects.order_by("pk")), which):
            converting.ring(conversion.pk)

    def show_message(self, which: int) -> None:
        """A message is there before its time, or has been received too often."""
        if message := pick(list(QueueMessage.objects.order_by("pk")), which):
            message.visible_at = timezone.now() - timedelta(seconds=1)
            message.receives += queue_table.MAX_RECEIVES * (which % 2)
            message.save()

    # --- what has to be true ----------------------------------------------------------------------

    @invariant()
    def one_truth(self) -> None:
        conversions = list(Conversion.objects.all())
        model.check(conversions)
        for row in conversions:
            assert row.attempt >= self.attempts[row.pk]
            self.attempts[row.pk] = row.attempt
        running = {(c.pk, c.attempt, c.worker) for c in conversions if c.state == State.RUNNING}
        for job in self.jobs:
            held = (job.claim.id, job.claim.attempt, job.worker) in running
            assert held or not self.is_kept(job), "a claim was lost too soon"
            assert not (held and job.over), "a lost claim came back"
            job.over |= not held
        faults = [r for r in self.log.records if r.levelno >= logging.ERROR]
        # A mail that is being written while its contest is deleted is allowed to fail.
        assert [r.getMessage() for r in faults if r.name != "contests.notifying"] == []

    def teardown(self) -> None:
        if sys.exc_info()[0]:  # what failed says more than that the work is not done
            return
        self.plan = None
        for _ in range(4):  # leases run out; the queue is found short; it is rung; files go
            self.time_passes(2)  # a day
            self.sweep(0)
            while queue.depth().visible:
                self.take(0)
                self.finish(0)
            self.one_truth()
        model.check_all_done()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("story", STORIES)
def test_no_order_of_events_leaves_two_truths(settings, caplog, story):
    settings.LEASE_SECONDS = LEASE
    run_state_machine_as_test(
        lambda: Service(STORIES[story], caplog),  # type: ignore[arg-type]
        settings=hypothesis_settings(
            max_examples=10,  # of more, five in six would be near copies of another
            stateful_step_count=40,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
