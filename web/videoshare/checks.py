"""System checks (`manage.py check`): what ops should know before users do."""

from typing import Any

from django.core import checks


@checks.register()
def sandbox_works(**_: Any) -> list[checks.CheckMessage]:
    """Warn where ffmpeg would run without its sandbox, or in one that leaves out the filter."""
    from workerjob import sandbox

    if sandbox.filtered():
        return []
    if sandbox.available():
        return [
            checks.Warning(
                "ffmpeg's sandbox has no filter of system calls: a hostile video could attack the"
                " kernel.",
                hint="Install libseccomp2 and the Python package pyseccomp.",
                id="videoshare.W002",
            )
        ]
    return [
        checks.Warning(
            "ffmpeg runs without a sandbox: a hostile video could read this machine's files.",
            hint="Install bubblewrap and allow unprivileged user namespaces.",
            id="videoshare.W001",
        )
    ]
