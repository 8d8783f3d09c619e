import email
import smtplib
from email import policy

import pytest
from django.core.mail import EmailMultiAlternatives

from backends.mail import EmlBackend, is_refusal


def test_each_message_is_one_eml_file_in_order_of_time(settings):
    for number in (1, 2):
        message = EmailMultiAlternatives(f"Año {number}", "Texto", "a@example.org", ["b@x.org"])
        message.attach_alternative("<p>HTML</p>", "text/html")
        assert EmlBackend().send_messages([message]) == 1
    files = sorted(settings.MAIL_ROOT.glob("*"))
    parsed = [email.message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]
    assert [m["subject"] for m in parsed] == ["Año 1", "Año 2"]
    assert [f.suffix for f in files] == [".eml", ".eml"]


@pytest.mark.parametrize(
    "error, surely",
    [
        (smtplib.SMTPDataError(451, b"later"), True),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"unknown")}), True),
        (smtplib.SMTPServerDisconnected("in the middle"), False),
        (ConnectionRefusedError(), True),
        (TimeoutError(), False),
        (ConnectionResetError(), False),
    ],
)
def test_a_mail_whose_answer_was_lost_may_have_been_sent(error, surely):
    assert is_refusal(error) is surely
