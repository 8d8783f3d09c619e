"""System checks (`manage.py check`): what ops should know before users do."""

from typing import Any

from django.core import checks


@checks.register()
def sandbox_works(**_: Any) -> list[checks.CheckMessage]:
    """Warn where ffmpeg would run without its sandbox."""
    from workerjob import sandbox

    if sandbox.available():
        return []
    return [
        checks.Warning(
            "ffmpeg runs without a sandbox: a hostile video could read this machine's files.",
            hint="Install bubblewrap and allow unprivileged user namespaces.",
            id="videoshare.W001",
        )
    ]
