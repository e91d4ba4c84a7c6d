"""Bytes of an input to text. The first stage: files named on the command line and imports.

What is no text gets a diagnostic at its place, not an exception. Every source is read through an
:class:`Opener`: the file system, or whatever a caller has in front of it, as an editor its buffers.

A file may be anything: a device without end, a pipe that nobody writes to. Reading stops all the
same, with an OSError that says why.
"""

from __future__ import annotations

import errno
import os
import stat
import sys

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic
from bpfgen.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol
else:
    Protocol = object  # the import of typing would cost every run some milliseconds

STDIN = "<stdin>"
"""The name under which messages speak of standard input."""

MOST = 64 << 20
"""Bytes of a text, at most; a vmlinux.h, the longest that anybody has, takes 4 MiB."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What some editors begin a text of UTF-8 with."""

_PIECE = 1 << 16

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""Its byte order marks."""


class Opener(Protocol):
    """Where sources come from; :data:`FILES` is the file system.

    An editor hands in an object of its own that knows its unsaved buffers and asks :data:`FILES`
    for the rest. Paths are those that were typed, or that an import makes of them; they aren't
    normalized. A C header is read by the compiler, which asks no opener.

    Where paths aren't those of the file system, an opener has a method `identity`, too: see
    :func:`identity`.
    """

    def read(self, path: str) -> bytes:
        """Return what the file *path* holds.

        Raises:
            OSError: It can't be read.
        """

    def is_file(self, path: str) -> bool:
        """Return whether there is a file *path* to read; False where that can't be told."""


class Files:
    """The opener of the file system; `-` is standard input."""

    __slots__ = ()

    def read(self, path: str) -> bytes:
        """Return what the file *path* holds, or for `-` standard input.

        Raises:
            OSError: It can't be read.
        """
        return read_stdin() if path == "-" else read_bytes(path)

    def is_file(self, path: str) -> bool:
        """Return whether *path* is a regular file, or a link to one."""
        return os.path.isfile(path)


FILES: Opener = Files()
"""The file system, which everything is read from unless the caller has another opener."""


def identity(path: str, opener: Opener = FILES) -> str:
    """Return a text that is the same for all paths of one file, however they are spelt.

    An opener whose paths aren't those of the file system says it: its method `identity`.
    """
    of_opener: Callable[[str], str] | None = getattr(opener, "identity", None)
    return os.path.realpath(path) if of_opener is None else of_opener(path)


def read_bytes(path: str, most: int = MOST, begins: bytes = b"") -> bytes:
    """Return what the file *path* holds.

    Of one that doesn't begin with *begins* that is the beginning alone: it isn't what is wanted.

    Raises:
        OSError: It can't be read; it goes on after *most* bytes; it is a pipe, and nobody has it
            open to write.
    """
    # Without O_NONBLOCK a named pipe would have us wait for somebody who opens it to write.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode) and status.st_size > most:
            raise _too_long(most)
        data = _first_of_pipe(descriptor) if stat.S_ISFIFO(status.st_mode) else b""
        os.set_blocking(descriptor, True)
        pieces, length = [data], len(data)
        at_once = min(max(status.st_size + 1, _PIECE), most + 1)
        while data := os.read(descriptor, at_once):
            pieces.append(data)
            length += len(data)
            if length > most:
                raise _too_long(most)
            if length >= len(begins) and not b"".join(pieces[:2]).startswith(begins):
                break
        return b"".join(pieces)
    except OSError as error:
        error.filename = path
        raise
    finally:
        os.close(descriptor)


def read_stdin(most: int = MOST, begins: bytes = b"") -> bytes:
    """Return what standard input holds; *most* and *begins* as for :func:`read_bytes`."""
    if sys.stdin is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), STDIN)
    first = sys.stdin.buffer.read(len(begins))
    if first != begins:
        return first + sys.stdin.buffer.read(_PIECE)
    data = first + sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise _too_long(most)
    return data


def _first_of_pipe(descriptor: int) -> bytes:
    """Return what a pipe has by now; OSError if there is nothing, and nobody who could write."""
    try:
        data = os.read(descriptor, _PIECE)
    except BlockingIOError:  # somebody has it open to write, and hasn't written yet
        return b""
    if not data:
        raise OSError(errno.ENXIO, "Nothing writes to this pipe")
    return data


def _too_long(most: int) -> OSError:
    return OSError(errno.EFBIG, f"It goes on after {most >> 20} MiB, and no input is that long")


def read_source(path: str, opener: Opener = FILES) -> tuple[Source, Diagnostic | None]:
    """Return the text of the file *path*, and what is wrong with its encoding, if anything is.

    For `-` it is that of standard input.

    Raises:
        OSError: The file can't be read.
    """
    return decode_source(STDIN if path == "-" else path, opener.read(path))


def decode_source(name: str, data: bytes) -> tuple[Source, Diagnostic | None]:
    """Return *data* as a text, and a diagnostic (code `encoding`) if it is no UTF-8 text.

    A byte order mark is left out. The text is there in either case, with U+FFFD for what could
    not be read, so that the diagnostic has a line to show; it is not meant to be compiled then. Of
    a binary file nothing is shown.
    """
    data = data.removeprefix(BYTE_ORDER_MARK)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        binary = _binary(name, data)
        if binary is not None:
            return Source(name, ""), binary
        source = Source(name, data.decode("utf-8", "replace"))
        offset = len(data[: error.start].decode("utf-8"))
        span = Span(source, offset, offset + 1)
        if data[:2] in _UTF_16:
            advice = "the file looks like UTF-16; save it as UTF-8"
        else:
            advice = "save the file as UTF-8"
        byte = data[error.start]
        message = f"the byte {byte:#04x} is not valid UTF-8 here"
        return source, Diagnostic("encoding", message, span, help=advice)
    source = Source(name, text)
    offset = text.find("\0")
    if offset >= 0:
        binary = _binary(name, data) if data[0] == 0x7F else None
        if binary is not None:
            return Source(name, ""), binary
        span = Span(source, offset, offset + 1)
        return source, Diagnostic("encoding", "a NUL byte can't be part of a text", span)
    return source, None


def c_text(path: str, data: bytes) -> tuple[str, Diagnostic | None]:
    """Return the text of the C file *path*, which holds *data*, and why it is none, if so.

    What is no UTF-8 is read as Latin-1: it is names in comments, as a rule.
    """
    source, wrong = decode_source(path, data)
    if wrong is None or b"\0" in data:
        return source.text, wrong
    return data.decode("latin-1"), None


def _binary(name: str, data: bytes) -> Diagnostic | None:
    """Return what to say where a source is wanted and *data* is a binary file; None for a text."""
    from bpfgen.files.formats import BINARIES, ELF, format_of

    format = format_of(name, data)
    if format not in BINARIES or data[:2] in _UTF_16:
        return None
    message = f"`{name}` is {'an' if format == ELF else 'a'} {format}, and a source is wanted"
    advice = ""
    if format == ELF:
        path = "maps.dsl" if name != "maps.dsl" else "source.dsl"
        advice = f"`bpfgen import {name} -o {path}` writes the source of its maps"
    return Diagnostic("encoding", message, None, help=advice)
