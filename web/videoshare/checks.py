"""System checks (`manage.py check`): what ops should know before users do."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections


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


@checks.register(checks.Tags.database)
def database_takes_all_characters(
    databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Refuse a MySQL database whose tables would turn away 🎬; `migrate` runs this first."""
    found: list[checks.CheckMessage] = []
    for connection in (connections[alias] for alias in databases or ()):
        if connection.vendor != "mysql":
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@character_set_database")
            charset = cursor.fetchone()[0]
        if charset != "utf8mb4":
            hint = f"ALTER DATABASE `{connection.settings_dict['NAME']}` CHARACTER SET utf8mb4;"
            text = f"the database's character set is {charset}, which lacks characters"
            found.append(checks.Error(text, hint=hint, id="videoshare.E001"))
    return found
