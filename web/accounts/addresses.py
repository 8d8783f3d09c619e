"""E-mail addresses that mail can be sent to."""

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode


def check_domain(email: str) -> None:
    """Refuse an address whose domain can't be written in ASCII, as every mail must.

    Django's own check lets some pass, and fails when the mail is made. Raises ValidationError.
    """
    try:
        punycode(email.rpartition("@")[2])
    except UnicodeError as error:
        raise ValidationError(EmailValidator.message, code="invalid") from error
