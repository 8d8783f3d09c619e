"""What organizers are told of our own faults."""

import pytest
from django.utils import translation

from contests import faults

OTHER = "Something unexpected; those who run the site see what."


@pytest.mark.parametrize(
    "error, kind",
    [
        ("OSError: [Errno 28] No space left on device (put)", "One of our disks was full."),
        ("OperationalError: database or disk is full (execute)", "One of our disks was full."),
        (
            "Unavailable: EndpointConnectionError (plain_errors)",
            "Our file storage did not answer, or had lost the file.",
        ),
        (
            "FileNotFoundError: …/7f (fetch)",
            "Our file storage did not answer, or had lost the file.",
        ),
        ("OperationalError: (2006, 'gone away') (query)", "Our database did not answer."),
        ("the worker vanished", "The machine that was converting it stopped in the middle."),
        (
            "KeyError: 'Unavailable' (plan)",
            OTHER,
        ),
        ("", OTHER),
    ],
)
def test_are_told_by_their_kind(error, kind):
    with translation.override("en"):
        assert faults.kind(error) == kind
    with translation.override("es"):
        assert faults.kind(error) != kind
