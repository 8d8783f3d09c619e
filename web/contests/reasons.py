"""Why something was refused: stable codes, each with a sentence in Spanish and English.

Free of Django, so the worker and the pages share it. Codes are stored in the database and shown
by the API: never rename one. To add a reason, add a line to
reason_texts.py.
"""

from contests.reason_texts import REASONS, UNKNOWN


class Refused(Exception):
    """A permanent "no" that the person who caused it can understand and act on.

    `code` is a key of REASONS; `details` is for logs and operators, never shown to participants,
    because it may quote the media file; `line`, from 1, is the one of a text file that is wrong.
    """

    def __init__(self, code: str, details: str = "", line: int | None = None) -> None:
        super().__init__(f"{code}: {details}" if details else code)
        self.code = code
        self.details = details
        self.line = line


def text(code: str, language: str, line: int | None = None) -> str:
    """The sentence for `code` in `language` ("es", "en-GB"…); Spanish unless it is English.

    `line`: see `Refused`; the sentence then says where to look.
    """
    reason = REASONS.get(code, UNKNOWN)
    english = language.lower().startswith("en")
    sentence = reason.en if english else reason.es
    if line is None:
        return sentence
    return f"{sentence} {'Look at line' if english else 'Mira la línea'} {line}."


def page() -> str:
    """The reference page of all codes, in Markdown; `python -m contests.reasons` prints it."""
    rows = [f"| `{code}` | {reason.es} | {reason.en} |" for code, reason in REASONS.items()]
    head = (
        "# Why something is refused",
        "",
        _INTRODUCTION,
        "",
        "| code | es | en |",
        "|---|---|---|",
    )
    return "\n".join([*head, *rows]) + "\n"


_INTRODUCTION = (
    "Made from `reasons.py`, in `web/`, by `python -m contests.reasons > contests/REASONS.md`.\n"
    "Codes are stored and shown by the API; they never change their meaning. `partial` is no\n"
    "refusal: the video is published, and people are told that it is not all of it."
)

if __name__ == "__main__":
    print(page(), end="")
