"""Receipts: a participant's own to keep, and a page that says of any whether it is ours."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from contests import receipts
from participants.forms import ReceiptForm
from participants.owned import find


@never_cache
@require_safe
def download(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the receipt as a text file."""
    entry = find(token)
    receipt = receipts.of(entry)
    if receipt is None:
        raise Http404
    address = settings.WEB_URL + reverse("participants:verify")
    head = _("Receipt: this file was received by VideoShare. Verify it at %(address)s")
    text = f"{head % {'address': address}}\n\n{receipts.text(receipt)}"
    name = f'attachment; filename="videoshare-{entry.pk}.txt"'
    headers = {"Content-Disposition": name, "X-Robots-Tag": "noindex"}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Say whether a pasted or opened receipt is ours, and what it states."""
    sent = request.method == "POST"
    form, receipt = ReceiptForm(*((request.POST, request.FILES) if sent else ())), None
    if form.is_valid():
        try:
            receipt = receipts.find(form.cleaned_data["text"])
            if receipt is None:
                form.add_error(None, _("This receipt is not ours, or somebody has changed it."))
        except ValueError:
            form.add_error(None, _("There is no receipt in it. Copy all of its lines."))
    context = {"form": form, "receipt": receipt}
    status = 422 if form.errors else 200
    return render(request, "participants/verify.html", context, status=status)
