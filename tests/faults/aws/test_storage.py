"""S3 breaks off in the middle of an object, or says that we ask too much."""

import pytest

from contests.models import State
from tests.answering import answering
from tests.waiting import until

LARGE = "avi_dv"  # 7 MB
PART = 4_000_000  # bytes
SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"


def test_a_download_that_is_reset_is_begun_again(world):
    conversion = world.submit(LARGE)
    struck = world.system.bucket.after(PART, world.system.bucket.reset)
    world.start()
    world.check({conversion: State.SUCCEEDED})
    assert struck.is_set()
    assert world.tries(conversion) == (1, 0)


def test_a_worker_killed_in_the_middle_of_a_download_leaves_nothing(world):
    conversion = world.submit(LARGE)
    struck = world.system.bucket.after(PART, world.system.bucket.clog)
    worker = world.start()
    until(struck.is_set)
    until(lambda: sum(path.stat().st_size for path in world.found(worker, "*/source*")))
    worker.kill()
    worker.wait()
    world.system.bucket.mend()
    world.start()
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (2, 1)


@pytest.mark.parametrize("step", ["fetch", "put"])
def test_told_to_slow_down_we_do_and_count_one_failure_at_most(world, step):
    conversion = world.submit()
    with answering(lambda _: (503, {"Connection": "close"}, SLOW_DOWN)) as s3:
        world.start(f"before backends.storage:{step} 1 wait=1")
        until(lambda: world.reread(conversion).state == State.RUNNING)
        world.system.bucket.divert(s3.port)
        until(lambda: world.tries(conversion)[1])
        seen = len(s3.heard)
        until(lambda: len(s3.heard) > seen + 6)  # as often as two questions are asked
        assert world.tries(conversion) == (1, 1)
        world.system.bucket.mend()
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (2, 1)
