"""What clang answered, kept for the next time that the same is asked of the same files.

Beside `compiler`. What headers (`include`) and imports ask is kept. An answer is what the process
said and wrote. It counts as long as all of this is as it was: the words and the text, the compiler,
the environment and the directory that it ran in, and what it depended on besides (`dependencies`).

A file of its own for each question, see :mod:`bpfgen.files.kept`.
"""

from __future__ import annotations

import os

from bpfgen.clang.dependencies import Dependencies, Known
from bpfgen.clang.identity import environment, identity
from bpfgen.files.digests import digest_of
from bpfgen.files.kept import Kept, packed, unpacked
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resources import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bpfgen.clang.looked import Looked
    from bpfgen.clang.workspace import Workspace

_FORMAT = "bpfgen clang answer 3"
_PLACE = b"/\x00bpfgen\x00/"
"""Stands for the private directory of a run, whose name is another one each time."""


class Answer(Record):
    """What a run of clang came to.

    Attributes:
        status: How it ended.
        errors: What it said, without what only the flags of `looked` have it say.
        output: What it wrote, or None.
        depfile: What it wrote about dependencies, or None.
    """

    status: int
    errors: str
    output: bytes | None
    depfile: bytes | None


class Question(Record):
    """What clang is asked.

    Attributes:
        key: Names the answer: the same for the same words, text, compiler and environment; empty
            where nothing tells the compiler from any other.
        words: The words.
        known: The files from when on they mustn't change.
    """

    key: str
    words: Sequence[str]
    known: Known


class Cache:
    """The answers in one directory.

    Attributes:
        kept: The files there.
    """

    __slots__ = ("kept",)

    def __init__(self, directory: str) -> None:
        self.kept = Kept(directory)

    def question(
        self,
        command: Sequence[str],
        words: Sequence[str],
        place: Workspace,
        version: Callable[[], str],
    ) -> Question:
        """Return what *command* with *words* is asked, in the private directory *place*.

        *version* asks a command that starts another one what that is.
        """
        known = Known(self.kept)
        compiler = identity(command, version)
        if compiler is None:
            return Question("", words, known)
        parts = (
            *(_FORMAT, VERSION, os.getcwd()),
            *environment(),
            *compiler,
            *("words", *command, *words),
            *(text for written in place.written for text in written),
        )
        own = os.fsencode(place.directory)
        data = (part.encode("utf-8", "surrogateescape").replace(own, _PLACE) for part in parts)
        return Question(digest_of(*data), words, known)

    def answer(self, question: Question, place: Workspace) -> tuple[Answer, Dependencies] | None:
        """Return what was answered to *question*, and what it depended on, if that still holds."""
        own = os.fsencode(place.directory)
        data = self.kept.read(question.key) if question.key else None
        found = None if data is None else _read(data, own)
        if found is None or not found[1].hold(question.known):
            return None
        self.kept.used(question.key)
        return found

    def keep(
        self, question: Question, answer: Answer, looked: Looked, place: Workspace
    ) -> Dependencies | None:
        """Keep *answer* to *question*; return what it depends on, if that is known."""
        if not question.key or not looked.tells_all(question.words, answer.status):
            return None
        from bpfgen.clang.looked import dependencies_of

        dependencies = dependencies_of(looked, answer.depfile, place, question.known)
        if dependencies is not None:
            self.kept.keep(question.key, _data(answer, dependencies, os.fsencode(place.directory)))
        return dependencies


def _data(answer: Answer, dependencies: Dependencies, own: bytes) -> bytes:
    """Return *answer* as it is kept, which a run in the directory *own* has given."""
    import zlib

    errors = answer.errors.encode("utf-8", "surrogateescape")
    parts = [
        None if part is None else part.replace(own, _PLACE)
        for part in (errors, answer.output, answer.depfile)
    ]
    sizes = ["" if part is None else str(len(part)) for part in parts]
    lists = packed([[str(answer.status), *sizes], *dependencies.lists()])
    return zlib.compress(b"%d\n%s%s" % (len(lists), lists, b"".join(filter(None, parts))), 1)


def _read(data: bytes, own: bytes) -> tuple[Answer, Dependencies] | None:
    """Return what :func:`_data` made *data* of, for a run in the directory *own*, or None."""
    import zlib

    try:
        length, _, rest = zlib.decompress(data).partition(b"\n")
        at = int(length)
        (status, *sizes), *lists = unpacked(rest[:at])
        parts: list[bytes | None] = []
        for size in sizes:
            end = at + int(size or 0)
            parts.append(rest[at:end].replace(_PLACE, own) if size else None)
            at = end
        errors, output, depfile = parts
        dependencies = Dependencies.read(lists)
        said = (errors or b"").decode("utf-8", "surrogateescape")
        return Answer(int(status), said, output, depfile), dependencies
    except (ValueError, zlib.error):
        return None
