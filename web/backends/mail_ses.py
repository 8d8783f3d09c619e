"""Mail on AWS: SES through django-anymail, except to addresses that must get none."""

import logging
from http import HTTPStatus
from typing import Any

from anymail.backends.amazon_ses import EmailBackend
from anymail.exceptions import AnymailAPIError, AnymailError
from anymail.utils import parse_single_address
from botocore.exceptions import ClientError
from botocore.exceptions import ConnectionError as NotReached
from django.core.mail import EmailMessage

from backends import aws, suppression

logger = logging.getLogger(__name__)


class NotSent(AnymailError, OSError):
    """SES did not say that it took a mail; the text is a code such as TooManyRequestsException.

    `refused`: it surely did not. Else its answer was lost, or was that of a fault of its own.

    An OSError as where an SMTP server is down, so that callers need to know of one kind only.
    """

    refused: bool


class SesBackend(EmailBackend):
    """Anymail's own, with the client that the process keeps and errors that name no address.

    `quick`: give up soon, because somebody waits and the mail will be sent later.
    """

    def __init__(self, *, quick: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._quick = quick

    def open(self) -> bool:
        """Take the process's client: a new one takes 60 ms of processor time. Never closed."""
        self.client = aws.client("sesv2", quick=self._quick)
        return False

    def _send(self, message: EmailMessage) -> bool:
        try:
            for field in ("to", "cc", "bcc"):
                addresses = getattr(message, field)
                setattr(message, field, [each for each in addresses if self._wants_mail(each)])
            # With nobody left it sends nothing and raises nothing, so nobody tries again.
            return bool(super()._send(message))
        except AnymailError as error:
            cause = error.__cause__ or error
            known = isinstance(cause, ClientError)
            code = aws.error_code(cause) if known else type(cause).__name__
            logger.warning("SES did not take a mail: %s", code)
            # Not `from error`, whose text may quote addresses.
            told = NotSent(code)
            told.refused = _is_refused(error, cause)
            raise told from None

    def _wants_mail(self, address: str) -> bool:
        plain = parse_single_address(address).format_addr_spec(idna_encode=self.idna_encode)
        if suppression.is_suppressed(plain):
            logger.info("a mail to a suppressed address was dropped")
            return False
        return True


def _is_refused(error: AnymailError, cause: BaseException) -> bool:
    """Say whether SES surely did not take a mail that failed so."""
    if isinstance(cause, ClientError):
        status = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return bool(status < HTTPStatus.INTERNAL_SERVER_ERROR)
    # It was not reached, or not even asked; else it said nothing of use.
    return isinstance(cause, NotReached) or not isinstance(error, AnymailAPIError)
