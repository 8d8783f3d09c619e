"""`make soak SECONDS=600`: the test of aws/test_soak.py, longer; its outcome is the last line."""

import sys
from pathlib import Path

import pytest


class LastLine:
    """Prints, after all that pytest has to say, what a test left under this name."""

    text = "the soak did not end"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.text = str(dict(report.user_properties).get("outcome", self.text))


if __name__ == "__main__":
    last = LastLine()
    words = ["--ds=tests.settings_mariadb", "-q", "-s"]
    code = pytest.main([*words, str(Path(__file__).parent / "aws/test_soak.py")], plugins=[last])
    print(last.text)
    sys.exit(code)
