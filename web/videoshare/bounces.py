"""Where Amazon SNS tells us which mails bounced and whose readers complained.

In the project, like `/media/`: it is no audience's face, and it concerns all mail, which the faces
of one audience and `contests` know only in part.
"""

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from backends import sns, suppression

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024  # SNS's own limit for a message


@csrf_exempt  # a signature says who sends it
@require_POST
def bounces(request: HttpRequest) -> HttpResponse:
    """Take one message: 200 done, 403 not for us, 503 try again. Without a topic of ours: 404."""
    if not settings.SES_TOPIC_ARN:
        raise Http404
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
        return HttpResponse(status=413)
    try:
        _take(sns.verified(request.body, settings.SES_TOPIC_ARN))
    except sns.Untrusted as error:
        logger.warning("a message from SNS was refused: %s", error)
        return HttpResponse(status=403)
    except sns.Unreachable as error:
        logger.error("SNS can't be asked about its message: %s", error)
        return HttpResponse(status=503)
    return HttpResponse()


def _take(message: dict[str, str]) -> None:
    if message["Type"] == "SubscriptionConfirmation":
        sns.confirm(message)
        logger.info("subscribed to SES's events")
    elif message["Type"] == "UnsubscribeConfirmation":
        logger.error("the subscription to SES's events was ended")
    elif addresses := suppression.undeliverable(message["Message"]):
        suppression.suppress(*addresses)
        logger.info("addresses suppressed: %d", len(addresses))
