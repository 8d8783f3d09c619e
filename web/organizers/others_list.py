"""Reading a list of videos: a CSV file, as any spreadsheet writes it, with a header line."""

import csv
import io
import unicodedata
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_BYTES = 1_000_000
MAX_LINES = 1000

# What people call the columns, in small letters without accents.
_NAMES = {
    "file": ("file", "filename", "file name", "video", "archivo", "fichero", "nombre de archivo"),
    "title": ("title", "titulo"),
    "first_name": ("first name", "name", "nombre"),
    "last_name": ("last name", "surname", "apellido", "apellidos"),
    "email": ("email", "e mail", "mail", "correo", "correo electronico"),
    "category": ("category", "categoria"),
    "description": ("description", "descripcion"),
}
_COLUMNS = {known: column for column, names in _NAMES.items() for known in names}


@dataclass
class Line:
    """One video of the list; `number` is its line in the file, from 1."""

    number: int
    file: str
    values: dict[str, str]


@dataclass
class Reading:
    """What stands in a list: its videos, lines that name none, and columns that mean nothing."""

    lines: list[Line] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def read(content: bytes) -> Reading:
    """Read a whole list. Raises ValidationError when it can't be read as one."""
    if len(content) > MAX_BYTES:
        raise ValidationError(_("The list is too big: 1 MB fit. Divide it into several."))
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows, number = [], 1
    try:
        for row in reader:
            rows.append((number, row))
            number = reader.line_num + 1  # a row with line breaks in it is several lines long
    except csv.Error as error:
        text = _("The list can't be read at line %(line)s. Save it as CSV and choose it again.")
        raise ValidationError(text % {"line": reader.line_num}) from error
    rows = [(line, [cell.strip() for cell in row]) for line, row in rows if any(row)]
    if not rows:
        raise ValidationError(_("The list is empty."))
    if len(rows) > MAX_LINES + 1:
        text = _("The list is too long: %(most)s videos fit. Divide it into several.")
        raise ValidationError(text % {"most": MAX_LINES})
    return _read(rows)


def key(name: str) -> str:
    """Return what two names of the same file have in common: case, folders and accents' form."""
    return unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1]).casefold()


def _read(rows: list[tuple[int, list[str]]]) -> Reading:
    (_line, header), *rest = rows
    columns = [_COLUMNS.get(_plain(name)) for name in header]
    known = [column for column in columns if column]
    if "file" not in known:
        text = _("No column is called “file”. The first line must hold the columns' names.")
        raise ValidationError(text)
    for column in known:
        if known.count(column) > 1:
            name = header[columns.index(column)]
            raise ValidationError(_("Two columns mean “%(name)s”.") % {"name": name})
    pairs = zip(header, columns, strict=True)
    found = Reading(unused=[name for name, column in pairs if not column])
    first: dict[str, int] = {}
    for number, row in rest:
        cells = {column: cell for column, cell in zip(columns, row, strict=False) if column}
        file = cells.pop("file", "")
        if any(row[len(header) :]):
            text = _("It has more columns than the first line. Is there a quotation mark missing?")
            found.problems.append((number, text))
        elif not file:
            found.problems.append((number, _("It names no file.")))
        elif key(file) in first:
            text = _("It names the same file as line %(line)s.") % {"line": first[key(file)]}
            found.problems.append((number, text))
        else:
            first[key(file)] = number
            found.lines.append(Line(number, file, cells))
    return found


def _decoded(content: bytes) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # Latin-1, as Windows has it


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=header.count)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    words = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(words.split())
