"""How allauth behaves here."""

import logging
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage, get_connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.addresses import check_domain

logger = logging.getLogger(__name__)


def _at_home(link: str) -> str:
    """Return a link to one of our pages at our configured address.

    Allauth takes the address from the request, whose Host may name any port of this machine, and
    who asks for a new password for somebody else may write it.
    """
    there = urlsplit(link)
    return settings.WEB_URL + urlunsplit(("", "", there.path, there.query, ""))


class Adapter(DefaultAccountAdapter):
    """Allauth's own, but a mail server that is down is a message to the person, not a 500."""

    def clean_email(self, email: str) -> str:
        """Refuse an address that no mail can be sent to. Raises ValidationError."""
        check_domain(email)
        return str(super().clean_email(email))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one account mail; when that fails say so on the page."""
        links = {name: _at_home(link) for name, link in context.items() if name.endswith("_url")}
        try:
            super().send_mail(template_prefix, email, context | links)
        except (SMTPException, OSError) as error:
            # The kind only: an error's text may quote the address.
            logger.error("%s was not sent: %s", template_prefix, type(error).__name__)
            self.request.account_mail_failed = True
            messages.error(
                self.request, _("We could not send the e-mail. Please try again in a few minutes.")
            )

    def render_mail(self, *args: Any, **options: Any) -> EmailMessage:
        """Write a mail that is given up soon where the mail server is silent: somebody waits."""
        message: EmailMessage = super().render_mail(*args, **options)
        message.connection = get_connection(quick=True)
        return message

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *more: Any,
        **named: Any,
    ) -> None:
        """Show one of allauth's messages, except that a mail was sent when it was not."""
        failed = getattr(request, "account_mail_failed", False)
        if not (failed and message_template == "account/messages/email_confirmation_sent.txt"):
            super().add_message(request, level, message_template, *more, **named)
