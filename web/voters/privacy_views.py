"""What becomes of people's data: in one contest, and on the site. Told from what is really so."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from contests import accepting
from contests.models import Code, Contest, Visibility
from videoshare.config import current
from voters import visible


@require_safe
def contest(request: HttpRequest, url: str) -> HttpResponse:
    """Say what a contest asks of people, who sees it, and when it goes."""
    contest, previewing = visible.find(request, url)
    context = {"contest": contest} | _of_site() | _of_contest(contest)
    response = render(request, "voters/contest_privacy.html", context)
    return visible.keep_private(response) if previewing else response


@require_safe
def site(request: HttpRequest) -> HttpResponse:
    """Say what is so in all contests, and of people with an account."""
    return render(request, "voters/privacy.html", _of_site())


def _of_contest(contest: Contest) -> dict[str, Any]:
    usable = contest.codes.filter(revoked_at=None)
    kinds = set(usable.order_by().values_list("kind", flat=True).distinct())
    due = contest.erasure_due
    return {
        "questions": list(contest.questions.all()),
        "has_categories": contest.categories.exists(),
        "rules": accepting.rules_of(contest),
        "asks_code": contest.by_invitation or bool(kinds & {Code.Kind.SUBMIT, Code.Kind.LATE}),
        "votes_by_code": Code.Kind.VOTE in kinds,
        "is_private": contest.visibility == Visibility.PRIVATE,
        "erased_on": due,
        "is_due": bool(due and due <= timezone.now()),
    }


def _of_site() -> dict[str, Any]:
    """Say where this very site keeps what, and who else is told anything."""
    on_aws = bool(settings.S3_BUCKET)
    return {
        "region": settings.AWS_REGION if on_aws else "",
        "by_cloudfront": on_aws and bool(settings.CDN_URL),
        "by_ses": settings.EMAIL_BACKEND.endswith("SesBackend"),
        "by_splunk": bool(current().splunk_api_url),
        "upload_days": 2,
        "session_days": settings.SESSION_COOKIE_AGE // (24 * 3600),
    }
