"""`manage.py fleet`: who works on what, what waits, what went wrong."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from contests import snapshot
from contests.snapshot import Held, Seen, Snapshot, clock


class Command(BaseCommand):
    """Prints the fleet as it is now, for a terminal or for a program."""

    help = "Show workers, the queue, what is stuck or lost, and the last 24 hours."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form."""
        parser.add_argument("--json", action="store_true", help="for programs; times in seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look once and print."""
        seen = snapshot.take()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(seen), cls=DjangoJSONEncoder, indent=2))
            return
        for lines in (_summary(seen), _workers(seen), _stuck(seen), _lost(seen), _hours(seen)):
            self.stdout.write("\n".join(lines))


def _summary(seen: Snapshot) -> Iterable[str]:
    states = "  ".join(f"{state} {count}" for state, count in seen.states.items())
    yield f"at           {seen.at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"conversions  {states}"
    yield f"waiting      the oldest for {clock(seen.oldest)}"
    if seen.depth is None:
        yield "messages     no answer from the queue"
    else:
        named = "  ".join(f"{name} {count}" for name, count in asdict(seen.depth).items())
        yield f"messages     {named}"
    yield "last 24 h"
    yield f"  wait       median {clock(seen.wait.median)}, 95 % within {clock(seen.wait.p95)}"
    took = seen.duration
    yield f"  duration   median {clock(took.median)}, 95 % within {clock(took.p95)}"
    refused = "  ".join(f"{reason} {count}" for reason, count in seen.reasons.items())
    yield f"  refused    {refused or 'none'}"


def _workers(seen: Snapshot) -> Iterable[str]:
    yield ""
    width = max(len("WORKER"), *(len(each.name) for each in seen.workers), 0)
    yield f"{'WORKER':<{width}}  {'STATE':<8} {'BUSY':>5} {'SEEN':>9} {'UP':>11}  VERSION"
    for each in seen.workers:
        busy = f"{len(each.held)}/{each.concurrency}"
        yield (
            f"{each.name:<{width}}  {_state(each):<8} {busy:>5} {clock(each.silent):>9}"
            f" {clock(each.up):>11}  {each.version}"
        ).rstrip()
        yield from map(_held, each.held)
    if not seen.workers:
        yield "none"
    for held in seen.strays:
        yield f"{held.worker}: not heard of"
        yield _held(held)


def _state(worker: Seen) -> str:
    if not worker.alive:
        return "silent"
    return "draining" if worker.draining else "alive"


def _held(held: Held) -> str:
    return (
        f"  conversion {held.conversion} of entry {held.entry}: {held.percent} %,"
        f" for {clock(held.running)}, lease {held.lease:.0f} s, attempt {held.attempt}"
    )


def _stuck(seen: Snapshot) -> Iterable[str]:
    yield f"\nSTUCK  {seen.stuck_count}"
    for each in seen.stuck:
        yield (
            f"  conversion {each.conversion} of entry {each.entry} in {each.contest},"
            f" {clock(each.ago)} ago: {' '.join(each.error.split())[:200]}"
        )


def _lost(seen: Snapshot) -> Iterable[str]:
    yield f"\nFILES GONE  {seen.lost_count}"
    for each in seen.lost:
        what = [name for name in ("published", "source") if getattr(each, name)]
        again = ", is made again" if each.again else ""
        yield f"  entry {each.entry} in {each.contest}: {', '.join(what)}{again}"
    if seen.nameless is not None:
        yield f"\nNAMELESS FILES  {seen.nameless}, too many to delete unasked: see web/README.md"


def _hours(seen: Snapshot) -> Iterable[str]:
    yield f"\n{'HOUR':<6} {'ready':>6} {'refused':>8} {'stuck':>6}"
    for each in seen.hours:
        yield f"{each.start:%H:%M}  {each.succeeded:>6} {each.failed:>8} {each.dead:>6}"
