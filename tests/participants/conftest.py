"""What the tests of participants' pages share."""

import pytest

from backends import uploads
from tests.participants import s3_uploads


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of a thousand bytes, where S3 wants five megabytes."""
    monkeypatch.setattr(uploads, "PART_BYTES", s3_uploads.PART)
