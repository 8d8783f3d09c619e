"""The clock of the workers' machine jumps while they convert.

On one machine it is the database's clock, too: a jump ahead ends all leases, and a conversion may
be done again. In a fleet the database has a clock of its own, and nobody notices.
"""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from contests.models import Conversion, State
from tests.faults.world import World
from tests.waiting import until


@pytest.mark.parametrize("hours", [1, -1])
def test_when_the_clock_jumps_nothing_is_lost_and_nothing_doubled(world, tmp_path, hours):
    clock, library = tmp_path / "ahead", tmp_path / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True)
    clock.write_text("0")
    own = {"LD_PRELOAD": str(library), "CLOCK_AHEAD": str(clock)}
    conversion = world.submit()
    for _ in range(2):
        world.start("before backends.storage:put 1 wait=5", **own)
    until(lambda: world.reread(conversion).state == State.RUNNING)
    clock.write_text(str(hours * 3600))
    world.check({conversion: State.SUCCEEDED})
    ahead = ended(world, conversion) - timezone.now()
    assert abs(ahead - timedelta(hours=hours)) < timedelta(minutes=2)
    if world.system:
        assert world.tries(conversion) == (1, 0)


def ended(world: World, conversion: Conversion) -> datetime:
    """Return when a conversion ended by its worker's clock."""
    if not world.system:
        return world.reread(conversion).finished_at
    events = map(json.loads, world.system.events.read_text().splitlines())
    times = [each["time"] for each in events if each["event"]["event"] == "conversion_finished"]
    return datetime.fromtimestamp(times[-1], UTC)
