"""Figures for CloudWatch, as members of a log line in its embedded metric format.

CloudWatch finds them in the logs it is sent; there is nothing else to call.
"""

import time
from typing import Any

from django.conf import settings

NAMESPACE = "VideoShare"
_UNITS = {"Duration": "Seconds", "Wait": "Seconds", "Failures": "Count"}


def conversion(outcome: str, duration: float, wait: float) -> dict[str, Any]:
    """Return the members for a conversion that ended; none on one machine.

    `duration` and `wait` are seconds. `outcome` is the only dimension: each value of one is a
    metric that is paid for, so no id may ever be.
    """
    if not settings.CONFIG.secret_name:
        return {}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Outcome"]],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in _UNITS.items()],
    }
    return {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "Outcome": outcome,
        "Duration": duration,
        "Wait": wait,
        "Failures": int(outcome == "failed"),
    }
