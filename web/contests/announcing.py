"""A contest meets its public: a preview for a few, the announcement, the result."""

from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from backends.transactions import retried
from contests import accepting, auditing, entrance, redeeming
from contests.models import Code, Contest, Visibility
from contests.models.tokens import new_token


@retried
def announce(contest: Contest, by: User) -> bool:
    """Let the public in: from now on the contest's dates count. False: it was announced before.

    Its preview link is none any more.
    """
    row = Contest.objects.filter(pk=contest.pk, announced_at=None)
    if not row.update(announced_at=Now(), preview_token=""):
        return False
    auditing.record(contest, "contest_announced", user=by)
    return True


def oddities(contest: Contest, now: datetime) -> list[str]:
    """Return what whoever announces a contest should know, as codes; the worst first."""
    rules, codes = accepting.rules_of(contest), redeeming.alive(contest, now)
    private, invited = contest.visibility == Visibility.PRIVATE, contest.by_invitation
    opened = contest.password or codes.filter(kind__in=entrance.OPENING).exists()
    found = {
        "over": contest.voting_close <= now,
        "submissions_over": contest.submissions_close <= now < contest.voting_close,
        "opens_at_once": contest.submissions_open <= now < contest.submissions_close,
        "nobody_gets_in": private and not opened,
        "nobody_submits": invited and not codes.filter(kind=Code.Kind.SUBMIT).exists(),
        "no_rules": not rules or not (rules.text or rules.consents),
        "no_contact": not contest.contact,
        "no_result_date": not contest.live_counts and not contest.results_at,
    }
    return [code for code, is_so in found.items() if is_so]


@retried
def make_preview(contest: Contest, by: User) -> bool:
    """Make a preview link in place of any other; False when the contest is a draft no more."""
    draft = Contest.objects.filter(pk=contest.pk, announced_at=None)
    if not draft.update(preview_token=new_token()):
        return False
    auditing.record(contest, "preview_made", user=by)
    return True


@retried
def revoke_preview(contest: Contest, by: User) -> bool:
    """Let the preview link show nothing any more; False when there is none."""
    if not Contest.objects.filter(pk=contest.pk).exclude(preview_token="").update(preview_token=""):
        return False
    auditing.record(contest, "preview_revoked", user=by)
    return True


@retried
def publish_result(contest: Contest, by: User, now: datetime) -> bool:
    """Publish the result now. False while voting is not over, and when it is published already."""
    over = Contest.objects.filter(pk=contest.pk, announced_at__isnull=False, voting_close__lte=now)
    if not over.filter(Q(results_at=None) | Q(results_at__gt=now)).update(results_at=now):
        return False
    auditing.record(contest, "result_published", user=by)
    return True


@retried
def take_back_result(contest: Contest, by: User, now: datetime) -> bool:
    """Let the result be unpublished until somebody publishes it again; False when it is."""
    if not Contest.objects.filter(pk=contest.pk, results_at__lte=now).update(results_at=None):
        return False
    auditing.record(contest, "result_taken_back", user=by)
    return True
