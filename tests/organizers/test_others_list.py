"""Reading lists as spreadsheets write them."""

import pytest
from django.core.exceptions import ValidationError

from organizers import others_list


def found(content: bytes) -> list[tuple[int, str, dict[str, str]]]:
    return [(each.number, each.file, each.values) for each in others_list.read(content).lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_spreadsheets_way_of_writing(encoding, delimiter):
    rows = [["Vídeo", "Título", "E-mail"], ["niño.mov", "El niño", ""], ["b.avi", '"A, b; c"', "x"]]
    content = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    assert found(content) == [
        (2, "niño.mov", {"title": "El niño", "email": ""}),
        (3, "b.avi", {"title": "A, b; c", "email": "x"}),
    ]


def test_a_text_of_several_lines_and_empty_lines_keep_the_count():
    content = b'\nfile,description\n\na.mov,"one\ntwo"\nb.mov\n'
    assert found(content) == [
        (4, "a.mov", {"description": "one\ntwo"}),
        (6, "b.mov", {}),
    ]


def test_too_many_columns_are_told_and_not_guessed_at():
    reading = others_list.read(b"file,title\na.mov,Hello, world\nb.mov,B,,\n")
    assert [number for number, _text in reading.problems] == [2]
    assert [line.file for line in reading.lines] == ["b.mov"]


@pytest.mark.parametrize(
    "content",
    [
        b"file\n" + b"a.mov\n" * (others_list.MAX_LINES + 1),
        b"file\n" + b"a" * others_list.MAX_BYTES,
        b"file\n" + b"a" * 200_000,  # longer than a cell may be
        b"\xff\xfe\x00",
    ],
    ids=["lines", "bytes", "cell", "half a letter"],
)
def test_too_much_and_nonsense_are_refused(content):
    with pytest.raises(ValidationError):
        others_list.read(content)


def test_names_of_one_file_have_one_key():
    names = ["C:\\Films\\Niño.MOV", "films/nin\u0303o.mov", "niño.mov"]
    assert {others_list.key(name) for name in names} == {"niño.mov"}
