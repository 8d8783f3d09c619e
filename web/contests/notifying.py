"""Mail through an outbox: written with the state it speaks of, sent after the commit.

Each notification is claimed before it is sent and marked once the mail server has taken it. Only
when a process dies between those two moments, or the server's answer is lost, is one sent twice.
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import translation

from backends import mail
from backends.transactions import retried
from contests import confirming, mine, reasons
from contests.models import Conversion, Entry, Kind, Notification, TeamInvitation, Voter

logger = logging.getLogger(__name__)

_LONGEST_ROUND = 30  # seconds, when the mail server takes its time; the rest waits for the next
# Longer than any mail server may take: EMAIL_TIMEOUT, or three tries with SES.
_CLAIM = timedelta(seconds=120)
_MAX_TRIES = 20  # with the growing delay, about two days


def notify(
    kind: Kind,
    dedup_key: str,
    *,
    language: str,
    entry: Entry | None = None,
    voter: Voter | None = None,
    invitation: TeamInvitation | None = None,
    choice: int | None = None,
    wait: timedelta = timedelta(0),
) -> None:
    """Put a mail into the outbox with the caller's transaction; a known `dedup_key` adds none.

    Nor does an entry whose author has no address. It is sent right after the commit, unless the
    mail server takes its time, or it is to `wait`: then the sweeper does.
    """
    if entry and not entry.email:
        return
    row = Notification(
        kind=kind,
        dedup_key=dedup_key,
        language=language,
        entry=entry,
        voter=voter,
        invitation=invitation,
        choice=choice,
        created_at=Now(),
        # A sum has six decimals on SQLite, and sorts after the same moment with three.
        due_at=Now() + wait if wait else Now(),
    )
    Notification.objects.bulk_create([row], ignore_conflicts=True)
    if not wait:
        transaction.on_commit(lambda: send_due(quick=True, dedup_key=dedup_key), robust=True)


@retried
def send_again(notification: Notification) -> bool:
    """Send once more what was sent, or given up: its reader has not got it.

    False: it is on its way, or nobody is left whom it could tell something.
    """
    mine = Notification.objects.filter(pk=notification.pk)
    ended = mine.filter(Q(sent_at__isnull=False) | Q(tries__gte=_MAX_TRIES))
    entry, voter = notification.entry, notification.voter
    reader = voter.email if voter else entry and not entry.withdrawn_at and entry.email
    if not reader or not ended.update(sent_at=None, due_at=Now(), tries=0, failures=0):
        return False
    key = notification.dedup_key
    transaction.on_commit(lambda: send_due(quick=True, dedup_key=key), robust=True)
    return True


def send_due(most: int = 50, quick: bool = False, **only: str) -> int:
    """Send what is due, oldest first (of those that match `only`); return how many were sent.

    `quick`: give SES seconds only, because somebody waits for us.
    """
    due = Notification.objects.filter(sent_at=None, due_at__lte=Now(), tries__lt=_MAX_TRIES, **only)
    ids = list(due.order_by("due_at").values_list("pk", flat=True)[:most])
    began, sent = time.monotonic(), 0
    for pk in ids:
        if time.monotonic() > began + _LONGEST_ROUND:
            break
        sent += _send(pk, quick)
    return sent


def _send(pk: int, quick: bool = False) -> bool:
    row = Notification.objects.filter(pk=pk, sent_at=None, due_at__lte=Now())
    if not row.update(due_at=Now() + _CLAIM, tries=F("tries") + 1):
        return False  # another process is sending it
    mine = Notification.objects.filter(pk=pk)
    notification = mine.select_related("entry__published", "voter", "invitation").first()
    if notification is None:
        return False  # what it speaks of was withdrawn or deleted just now
    try:
        message = _message(notification)
        message.connection = get_connection(quick=quick)  # other backends know no such option
        message.send()
    except Exception as error:
        # Whatever the mail server says, the mail waits for its next try; addresses may stand in
        # the error's text, so the log gets the place only.
        logger.error("notification %s was not sent", pk)
        delay = timedelta(seconds=min(30 * 2 ** (notification.tries - 1), 4 * 3600))
        refused = int(mail.is_refusal(error))
        mine.update(failures=F("failures") + refused, due_at=Now() + delay)
        return False
    retried(mine.update)(sent_at=Now())  # else it would be sent once more
    return True


def _message(notification: Notification) -> EmailMultiAlternatives:
    """Render one mail, text and HTML, in its reader's language.

    The addresses are not verified, so nothing a user wrote (title, contest name, person's name)
    goes into a mail: nobody can send their words to strangers through us.
    """
    entry, voter, invitation = notification.entry, notification.voter, notification.invitation
    with translation.override(notification.language):
        context = {"web_url": settings.WEB_URL, "language": notification.language}
        if voter:
            to = voter.email or ""
            context["link"] = settings.WEB_URL + confirming.link(notification)
        elif invitation:
            to = invitation.email
            context["link"] = settings.WEB_URL + invitation.get_absolute_url()
        elif entry:
            to = entry.email
            leads_to_all = notification.kind == Kind.MINE
            path = mine.link(entry) if leads_to_all else entry.manage_url
            context["link"] = settings.WEB_URL + path
            context["moderation"] = entry.moderation
        else:
            raise ValueError("a notification speaks of an entry or to a person")
        if notification.kind in {Kind.FAILED, Kind.READY} and entry:
            code = Conversion.of(entry).reason
            context["reason"] = reasons.text(code, notification.language) if code else ""
        subject = render_to_string(f"mail/{notification.kind}.subject.txt", context)
        message = EmailMultiAlternatives(
            subject=" ".join(subject.split()),
            body=render_to_string(f"mail/{notification.kind}.txt", context),
            to=[to],
        )
        message.attach_alternative(
            render_to_string(f"mail/{notification.kind}.html", context), "text/html"
        )
    return message
