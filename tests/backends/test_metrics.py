"""The embedded metric format, by its specification."""

import time
from dataclasses import replace

from backends import metrics


def test_each_member_that_the_format_asks_for(settings):
    settings.CONFIG = replace(settings.CONFIG, secret_name="videoshare")
    before = int(time.time() * 1000)
    line = metrics.conversion("failed", 12.5, 3.25)
    found = line.pop("_aws")
    assert before <= found.pop("Timestamp") <= time.time() * 1000
    assert found == {
        "CloudWatchMetrics": [
            {
                "Namespace": "VideoShare",
                "Dimensions": [["Outcome"]],
                "Metrics": [
                    {"Name": "Duration", "Unit": "Seconds"},
                    {"Name": "Wait", "Unit": "Seconds"},
                    {"Name": "Failures", "Unit": "Count"},
                ],
            }
        ]
    }
    assert line == {"Outcome": "failed", "Duration": 12.5, "Wait": 3.25, "Failures": 1}


def test_what_went_well_is_no_failure(settings):
    settings.CONFIG = replace(settings.CONFIG, secret_name="videoshare")
    assert metrics.conversion("finished", 1, 1)["Failures"] == 0


def test_on_one_machine_there_are_none():
    assert metrics.conversion("finished", 1, 1) == {}
