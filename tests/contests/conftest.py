"""Fixtures of the domain's tests."""

import pytest


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.aws)])
def kind(request):
    """Each test that asks for it runs on both."""
    if request.param == "s3":
        request.getfixturevalue("aws")
