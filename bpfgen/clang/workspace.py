"""The private temporary directory in which clang finds its text and leaves its object."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress

from bpfgen.clang import NoTemporaryFile
from bpfgen.clang.paths import as_argument
from bpfgen.files.janitor import Janitor
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Self

_QUOTED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)


class Workspace:
    """A private temporary directory with the text and the headers that belong to it.

    Attributes:
        directory: The directory itself; removed at the end, come what may.
        base: Where the text lies: so deep inside that `../` of the headers' paths stays inside.
        main: The path of the text.
        quote_directories: Where `#include "…"` looks after the directory of the file that has it,
            as a compiler's arguments: first the directory of the file that the text comes from.
        include_directories: The `-I` directories, likewise.
        header_directory: Where `#include` of any file looks last for the headers given; empty
            where there are none.
        depfile: Where clang lists what it read.
        directories: Where the user's and our headers lie, which must not be seen in the object.
        janitor: Removes the directory, even if this process is killed.
        written: The paths of our own files, and their texts.
    """

    __slots__ = (
        *("base", "depfile", "directories", "directory", "header_directory"),
        "include_directories",
        *("janitor", "main", "quote_directories", "written"),
    )

    def __init__(
        self,
        name: str,
        text: str | None,
        headers: Mapping[str, str],
        include_directories: Sequence[str] = (),
        quote_directories: Sequence[str] = (),
        stand_ins: Iterable[str] = (),
    ) -> None:
        parent = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 -- the name below is unguessable
        self.directory = os.path.join(os.path.abspath(parent), f"bpfgen-{os.urandom(8).hex()}")
        beside = (os.path.dirname(name), *quote_directories)
        self.quote_directories = tuple(dict.fromkeys(map(as_argument, beside)))
        self.include_directories = tuple(map(as_argument, include_directories))
        self.depfile = os.path.join(self.directory, "dependencies")
        stem = os.path.splitext(os.path.basename(name))[0]
        stem = re.sub(r"[^A-Za-z0-9_.-]", "", stem) or "text"
        paths = [os.path.normpath(path) for path in headers]
        if any(os.path.isabs(path) for path in paths):
            raise ValueError("the paths of headers are relative")
        depth = max((path.split("/").count("..") for path in paths), default=0)
        self.base = os.path.join(self.directory, "c", *["d"] * depth)
        self.header_directory = self.base if headers else ""
        self.main = os.path.join(self.base, f"{stem}.c")
        self.directories = (self.base, *self.quote_directories, *self.include_directories)
        self.janitor = Janitor(self.directory)
        self.written: list[tuple[str, str]] = []
        try:
            os.mkdir(self.directory, 0o700)
            if text is None:
                # Until :meth:`give` it is a pipe, in which whoever opens it waits for the text.
                os.makedirs(self.base)
                os.mkfifo(self.main, 0o600)
            else:
                self._write(self.main, text)
            for path, header in headers.items():
                # Not normalised: clang walks `x/../y.h` step by step, so that there must be an `x`.
                self._write(os.path.join(self.base, path), header)
            self._make_empty(stand_ins)
        except OSError as error:
            self.janitor.__exit__()
            raise self.refused(error) from error
        except BaseException:
            self.janitor.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def release(self) -> None:
        """Remove the directory; :meth:`close` waits for the janitor, which ends meanwhile."""
        self.janitor.release()

    def close(self) -> None:
        """Remove the directory; safe to do again."""
        self.janitor.__exit__()

    def put(self, path: str, data: bytes) -> None:
        """Have the file *path* of this directory hold *data*.

        Raises:
            NoTemporaryFile: It can't be written.
        """
        try:
            with open(path, "wb") as stream:
                stream.write(data)
        except OSError as error:
            raise self.refused(error) from error

    def refused(self, error: OSError) -> NoTemporaryFile:
        """Return that *error* keeps a file from being written here."""
        return NoTemporaryFile(error, os.path.dirname(self.directory))

    def _write(self, path: str, text: str) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(text.encode("utf-8", "surrogateescape"))
        self.written.append((path, text))

    def _make_empty(self, headers: Iterable[str]) -> None:
        """Make an empty file for each of *headers* whose name allows that, where they are found."""
        empty = os.path.join(self.directory, "empty")
        for header in headers:
            path = os.path.normpath(os.path.join(empty, header))
            if path.startswith(f"{empty}/"):
                with suppress(OSError, ValueError):
                    self._write(path, "")
        if any(path.startswith(f"{empty}/") for path, _text in self.written):
            self.include_directories = (*self.include_directories, empty)

    def give(self, text: str) -> bool:
        """Put *text* into its place; return False where a compiler that waits for it has a part.

        Who has opened the pipe already gets the text from there, and others find a file.
        """
        data = text.encode("utf-8", "surrogateescape")
        beside = os.path.join(self.directory, "given")
        self.put(beside, data)
        # As long as we could read from it ourselves there is no waiting for somebody who does.
        reader = os.open(self.main, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            writer = os.open(self.main, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                os.rename(beside, self.main)
                return os.write(writer, data) == len(data)
            finally:
                os.close(writer)
        except BlockingIOError:
            return False
        finally:
            os.close(reader)
            self.written.insert(0, (self.main, text))

    def endless(self) -> tuple[int, str] | None:
        """Return the line and path of the first header beside the text that clang may never finish.

        It is a pipe or a device, and in quotes.
        """
        text = self.written[0][1]
        for match in _QUOTED.finditer(text):
            for directory in self.quote_directories:
                path = os.path.join(directory, match[1])
                try:
                    mode = os.stat(path).st_mode
                except (OSError, ValueError):
                    continue
                if stat.S_ISREG(mode):
                    break
                if not stat.S_ISDIR(mode):
                    shown = path if path == match[1] else os.path.relpath(path)
                    return text.count("\n", 0, match.start(1)) + 1, shown
        return None

    def dependencies(self) -> list[str]:
        """Return what clang read, but for the files of this directory."""
        data = read_bytes(self.depfile)
        if data is None:
            return []
        names = prerequisites(os.fsdecode(data))
        inside = self.directory + "/"
        return [name for name in dict.fromkeys(names) if not name.startswith(inside)]


def prerequisites(rule: str) -> Iterator[str]:
    """Yield the names after the colon of a make rule, unescaped."""
    body = rule.replace("\\\n", " ")
    body = body[body.find(": ") + 1 :]
    for word in re.findall(r"(?:\\[ #\\]|[^\s])+", body, re.ASCII):
        yield re.sub(r"\\([ #\\])", r"\1", word).replace("$$", "$")


def read_bytes(path: str) -> bytes | None:
    """Return what the file holds, or None if there is none."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
