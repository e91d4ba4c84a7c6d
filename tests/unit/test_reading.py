"""Sources are read through an opener; an editor may put unsaved texts in front of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.files.reading import FILES, read_source

if TYPE_CHECKING:
    from pathlib import Path


class Buffers:
    """An opener with unsaved texts in front of the file system."""

    def __init__(self, texts: dict[str, bytes]) -> None:
        self.texts = texts

    def read(self, path: str) -> bytes:
        """Return the unsaved text, else what the file holds."""
        return self.texts[path] if path in self.texts else FILES.read(path)

    def is_file(self, path: str) -> bool:
        """Return whether there is such a buffer or file."""
        return path in self.texts or FILES.is_file(path)


def test_a_buffer_stands_in_front_of_the_file(tmp_path: Path) -> None:
    """What the opener says is read; it passes on what it doesn't know."""
    saved, other = tmp_path / "saved.dsl", tmp_path / "other.dsl"
    saved.write_text("const A = 1;\n")
    other.write_text("const B = 2;\n")
    opener = Buffers({str(saved): b"const A = 3;\n", "new.dsl": b"\xff"})
    assert read_source(str(saved))[0].text == "const A = 1;\n"
    assert read_source(str(saved), opener)[0].text == "const A = 3;\n"
    assert read_source(str(other), opener)[0].text == "const B = 2;\n"
    source, wrong = read_source("new.dsl", opener)
    assert (source.name, wrong and wrong.code) == ("new.dsl", "encoding")
    assert opener.is_file("new.dsl")
    assert not FILES.is_file("new.dsl")


def test_what_is_no_file_cannot_be_read(tmp_path: Path) -> None:
    """A directory and a missing file are refused by the system's own exception."""
    assert not FILES.is_file(str(tmp_path))
    with pytest.raises(IsADirectoryError):
        FILES.read(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        FILES.read(str(tmp_path / "absent.dsl"))
