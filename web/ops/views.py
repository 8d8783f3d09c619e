"""The fleet's page. Its addresses are those of no page to whoever is not staff: 404."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import limits
from accounts.models import User
from accounts.staff import staff_only
from backends import storage
from contests import finding, overview, reasons, retrying, snapshot
from ops import charts


class StaffRequest(HttpRequest):
    """A request of somebody of the staff."""

    user: User


@staff_only
@never_cache
@require_safe
def fleet(request: HttpRequest) -> HttpResponse:
    """Show workers, queue, what is stuck or lost, and the last 24 hours."""
    return render(request, "ops/fleet.html", _seen())


@staff_only
@never_cache
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """Answer the part of the page that changes; the page asks every five seconds."""
    return render(request, "ops/_state.html", _seen())


@staff_only
@require_POST
def try_again(request: StaffRequest, conversion: int | None = None) -> HttpResponse:
    """Queue stuck conversions again: one, or all."""
    stuck = overview.stuck()
    if conversion is not None:
        stuck = stuck.filter(pk=conversion)
    if limits.allow(request, "try_again"):
        messages.success(request, retrying.try_again(stuck, request.user, "staff"))
    else:
        messages.error(request, reasons.text("too_many_requests", get_language() or ""))
    return redirect("ops:fleet")


@staff_only
@never_cache
def find(request: HttpRequest) -> HttpResponse:
    """Find a person by e-mail address, which comes in a form's body and so into no address."""
    email = request.POST.get("email", "").strip().lower()
    person = finding.person(email) if email else None
    return render(request, "ops/find.html", {"email": email, "person": person})


def _seen() -> dict[str, Any]:
    seen = snapshot.take()
    return {
        "fleet": seen,
        "little_room": storage.little_room(),
        "alive": sum(each.alive for each in seen.workers),
        "throughput": charts.throughput(seen.hours),
        "refusals": charts.refusals(seen.reasons),
    }
