"""Everything at once, at random, for half a minute (`make soak` makes it longer)."""

import os
import secrets

import pytest

from tests.faults import soak


@pytest.mark.long
def test_under_random_faults_nothing_is_lost_doubled_or_stuck(world, record_property):
    seconds = float(os.environ.get("SOAK_SECONDS", "30"))
    seed = int(os.environ.get("SEED") or secrets.randbelow(10**6))
    print(f"{seconds:g} s of faults from seed {seed}")
    outcome = soak.Soak(world, seed).run(seconds)
    record_property("outcome", str(outcome))
    assert outcome.kills >= seconds / 6
    assert outcome == soak.Outcome(seed, kills=outcome.kills, entries=outcome.entries)
