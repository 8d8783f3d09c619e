import email
from email import policy

from django.core.mail import EmailMultiAlternatives

from backends.mail import EmlBackend


def test_each_message_is_one_eml_file_in_order_of_time(settings):
    for number in (1, 2):
        message = EmailMultiAlternatives(f"Año {number}", "Texto", "a@example.org", ["b@x.org"])
        message.attach_alternative("<p>HTML</p>", "text/html")
        assert EmlBackend().send_messages([message]) == 1
    files = sorted(settings.MAIL_ROOT.glob("*"))
    parsed = [email.message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]
    assert [m["subject"] for m in parsed] == ["Año 1", "Año 2"]
    assert [f.suffix for f in files] == [".eml", ".eml"]
