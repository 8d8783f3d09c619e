"""How allauth behaves here."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)


class Adapter(DefaultAccountAdapter):
    """Allauth's own, but a mail server that is down is a message to the person, not a 500."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one account mail; when that fails say so on the page."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError):
            logger.exception("account mail %s was not sent", template_prefix)
            messages.error(
                self.request, _("We could not send the e-mail. Please try again in a few minutes.")
            )
