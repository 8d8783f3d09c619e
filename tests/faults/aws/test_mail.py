"""SES takes no mail for a while."""

from django.db.models.functions import Now

from contests.models import Kind, Notification, State
from tests.answering import Answer, Heard, answering
from tests.waiting import until

THROTTLED = (429, {"X-Amzn-ErrorType": "TooManyRequestsException"}, b"{}")
REJECTED = (400, {"X-Amzn-ErrorType": "MessageRejected"}, b"{}")


def test_throttled_then_rejected_then_accepted_a_mail_is_sent_once(world):
    conversion = world.submit()
    ready = Notification.objects.filter(kind=Kind.READY, sent_at=None)

    def refuse(heard: Heard) -> Answer:
        status, headers, body = THROTTLED if len(ses.heard) < 3 else REJECTED
        return status, headers | {"Connection": "close"}, body

    with answering(refuse) as ses:
        world.system.mail.divert(ses.port)
        world.start()
        until(lambda: ready.filter(failures=1).exists())
        assert world.reread(conversion).state == State.SUCCEEDED
        assert len(ses.heard) == 1
        ready.update(due_at=Now())  # rather than wait for half a minute
        until(lambda: ready.filter(failures=2).exists())
        assert len(ses.heard) == 2  # SES can't tell a second try from a second mail
        ready.update(due_at=Now())
        until(lambda: ready.filter(failures=3).exists())
        assert len(ses.heard) == 3
        world.system.mail.mend()
    ready.update(due_at=Now())
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)
