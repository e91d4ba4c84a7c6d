"""What clang answered, kept for the next time that the same is asked of the same files.

Beside `compiler`. What headers (`include`) and imports ask is kept, the verification of an output
never is. An answer is what the process said and wrote. It counts as long as all of this is as it
was: the words and the text, the compiler, the environment and the directory that it ran in, the
bytes of every file that it read, and which of the files that it looked for are there. clang itself
says where it looks (`-Xclang -v`) and what it enters (`-H`); the names it looks for stand in the
files, after `#include` and in `__has_include` (`names_in`).

A file of its own for each question, written whole or not at all, so that runs side by side don't
meet. What can't be read, isn't what was written, or belongs to somebody else is no answer, and no
error either.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress

from bpfgen.clang.names_in import may_ask, names_in
from bpfgen.clang.workspace import prerequisites
from bpfgen.clang.ziglang import zig_of
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.resources import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bpfgen.clang.names_in import Named
    from bpfgen.clang.workspace import Workspace

FLAGS = ("-H", "-Xclang", "-v")
"""What has clang say which headers it enters and where it looks for them."""

MOST_BYTES = 256 << 20
"""So much is kept; beyond that, what was asked longest ago goes."""

_FORMAT = "bpfgen clang answer 1"
_LARGEST_ANSWER = 64 << 20
_PLACE = b"/\x00bpfgen\x00/"
"""Stands for the private directory of a run, whose name is another one each time."""

_STALE_SECONDS = 3600.0
"""A temporary file this old is of a run that was killed."""

_ENVIRONMENT = re.compile(
    r"CPATH|\w*INCLUDE_PATH|\w*SYSROOT|SDKROOT|COMPILER_PATH|LIBRARY_PATH|LD_\w+|PATH|HOME"
    r"|XDG_CONFIG_\w+|(?:CCC|CLANG|LLVM|GCC|ZIG|CC_PRINT|NIX)_?\w*|SOURCE_DATE_EPOCH|ZERO_AR_DATE"
)
"""The variables that a clang, or a wrapper of one, may ask for."""

_FORCED = frozenset(("-include", "-imacros"))
_HEADER = re.compile(r"\.+ (.+)")
_MISSING_DIRECTORY = re.compile(r"ignoring nonexistent directory \"(.+)\"")
_SEARCH_BEGINS = " -cc1 version "
_SEARCH_ENDS = "End of search list."


class Answer(Record):
    """What a run of clang came to.

    Attributes:
        status: How it ended.
        errors: What it said, without what only :data:`FLAGS` have it say.
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
        key: Names the answer: the same for the same words, text, compiler and environment.
        began: The time from which on a change of a file may be one that clang hasn't seen, in
            nanoseconds, by the clock that files have their times from.
        says_all: clang names all that it reads even where it fails. It doesn't name what comes
            before the text.
        can_be_known: No macro of the words makes clang look for files that no text names.
    """

    key: str
    began: int
    says_all: bool
    can_be_known: bool


class Looked(Record):
    """Where clang looked, and what it found.

    Attributes:
        directories: Those that it searches, whether they are there or not.
        files: What it read, without the files of the run itself.
        is_complete: It said all of that.
    """

    directories: list[str]
    files: list[str]
    is_complete: bool


class Cache:
    """The answers in one directory.

    Attributes:
        directory: Where they are; it is made when the first is kept.
    """

    __slots__ = ("_files", "directory")

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._files = _Files()

    def question(
        self,
        command: Sequence[str],
        words: Sequence[str],
        place: Workspace,
        version: Callable[[], str],
    ) -> Question:
        """Return what *command* with *words* is asked, in the private directory *place*.

        *version* asks a command that is a script what it starts.
        """
        from hashlib import blake2b

        digest = blake2b(digest_size=20)
        variables = sorted(item for item in os.environ.items() if _ENVIRONMENT.fullmatch(item[0]))
        for part in (
            *(_FORMAT, VERSION, os.getcwd()),
            *(f"{name}={value}" for name, value in variables),
            *_identity(command, version),
            *("words", *command, *words),
            *(text for written in place.written for text in written),
        ):
            data = part.encode("utf-8", "surrogateescape")
            data = data.replace(os.fsencode(place.directory), _PLACE)
            digest.update(b"%d:" % len(data))
            digest.update(data)
        given = " ".join(words).encode("utf-8", "surrogateescape")
        says_all = _FORCED.isdisjoint(words)
        return Question(digest.hexdigest(), _now(), says_all, can_be_known=not may_ask(given))

    def answer(self, question: Question, place: Workspace) -> Answer | None:
        """Return what was answered to *question*, if it would be the same now, or None."""
        path = os.path.join(self.directory, question.key)
        if not _is_ours(self.directory):
            return None
        try:
            with open(path, "rb") as stream:
                data = stream.read(_LARGEST_ANSWER)
        except OSError:
            return None
        entry = _Entry.read(data)
        if entry is None or not entry.holds(self._files):
            return None
        with suppress(OSError):
            os.utime(path)  # what is used stays
        own = os.fsencode(place.directory)
        parts = (None if part is None else part.replace(_PLACE, own) for part in entry.parts)
        errors, output, depfile = parts
        assert errors is not None
        return Answer(entry.status, errors.decode("utf-8", "surrogateescape"), output, depfile)

    def keep(self, question: Question, answer: Answer, looked: Looked, place: Workspace) -> None:
        """Keep *answer* to *question*, if what it depends on is known."""
        if not (looked.is_complete and question.can_be_known) or answer.status not in {0, 1}:
            return
        if answer.status and not question.says_all:
            return
        entry = _Entry.of(question, answer, looked, place, self._files)
        if entry is None:
            return
        data = entry.data()
        if len(data) > _LARGEST_ANSWER or not self._is_there():
            return
        path = os.path.join(self.directory, question.key)
        temporary = f"{path}.{os.urandom(8).hex()}"
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            with open(os.open(temporary, flags, 0o600), "wb") as stream:
                stream.write(data)
            os.replace(temporary, path)
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)
            return
        if question.key.startswith("0"):  # now and then
            self.trim()

    def _is_there(self) -> bool:
        """Make the directory if need be; return whether it is there, and ours alone."""
        if not _is_below_own(self.directory):
            return False  # root, with the home of somebody else, leaves nothing there
        with suppress(OSError):
            os.makedirs(self.directory, mode=0o700, exist_ok=True)
        return _is_ours(self.directory)

    def trim(self, most: int = MOST_BYTES) -> None:
        """Remove what was asked longest ago, until all answers together have *most* bytes."""
        entries: list[tuple[float, int, str]] = []
        with suppress(OSError), os.scandir(self.directory) as found:
            for file in found:
                with suppress(OSError):
                    status = file.stat(follow_symlinks=False)
                    is_temporary = "." in file.name
                    if not is_temporary or time.time() - status.st_mtime > _STALE_SECONDS:
                        used = 0.0 if is_temporary else status.st_mtime
                        entries.append((used, status.st_size, file.path))
        total = sum(size for _used, size, _path in entries)
        for used, size, path in sorted(entries):
            if used and total <= most:
                break
            with suppress(OSError):
                os.unlink(path)
            total -= size


def said_by_clang(errors: str) -> tuple[str, Looked]:
    """Return what clang said without what :data:`FLAGS` had it say, and what that was."""
    if _SEARCH_BEGINS not in errors or _SEARCH_ENDS not in errors:
        return errors, Looked([], [], is_complete=False)
    kept: list[str] = []
    directories: list[str] = []
    files: list[str] = []
    is_search = False
    for line in errors.split("\n"):
        if is_search:
            missing = _MISSING_DIRECTORY.match(line)
            if missing is not None:
                directories.append(missing[1])
            elif line.startswith(" "):
                directories.append(line[1:])
            is_search = line != _SEARCH_ENDS
        elif _SEARCH_BEGINS in line:
            is_search = True
        elif (header := _HEADER.fullmatch(line)) is not None:
            files.append(header[1])
        else:
            kept.append(line)
    return "\n".join(kept), Looked(directories, files, is_complete=not is_search)


class _Files:
    """What is known of files: each is read once as long as it has the same times."""

    __slots__ = ("_known", "_named")

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, ...], str]] = {}
        self._named: dict[str, Named | None] = {}

    def digest(self, path: str) -> str | None:
        """Return the digest of the file *path*, or None if there is none."""
        found = self._read(path)
        return None if found is None else found[1]

    def unchanged(self, path: str, began: int) -> str | None:
        """Return the digest of the file *path*, if it is what it was when a run *began*."""
        found = self._read(path)
        return None if found is None or max(found[0][:2]) >= began else found[1]

    def named_in(self, path: str, digest: str) -> Named | None:
        """Return what the file *path* of this *digest* looks for, or None if that can't be known.

        A vmlinux.h takes longer to search than to be preprocessed.
        """
        if digest not in self._named:
            try:
                with open(path, "rb") as stream:
                    data = stream.read()
            except OSError:
                return None
            if _digest(data) != digest:
                return None
            self._named[digest] = names_in(data)
        return self._named[digest]

    def _read(self, path: str) -> tuple[tuple[int, ...], str] | None:
        """Return the times, size and number of the file *path*, and its digest."""
        try:
            with open(path, "rb") as stream:
                status = os.fstat(stream.fileno())
                stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
                known = self._known.get(path)
                if known is not None and known[0] == stamp:
                    return known
                data = stream.read()
        except OSError:
            return None
        found = stamp, _digest(data)
        if max(stamp[:2]) < _now():  # in the same tick it could change without a trace
            self._known[path] = found
        return found


class _Entry(Record):
    """One answer, with what it depends on.

    Attributes:
        status: As of :class:`Answer`.
        parts: What was said, the output and the depfile.
        files: What was read, and the digest of each.
        directories: Where clang looks.
        names: What it looks for there.
        beside: Paths that it looks at besides.
        present: Which of all those there are, by their numbers.
    """

    status: int
    parts: tuple[bytes | None, bytes | None, bytes | None]
    files: list[tuple[str, str]]
    directories: list[str]
    names: list[str]
    beside: list[str]
    present: list[int]

    @classmethod
    def of(
        cls, question: Question, answer: Answer, looked: Looked, place: Workspace, known: _Files
    ) -> _Entry | None:
        """Return *answer* with what it depends on; None where that can't be known."""
        own = os.fsencode(place.directory)
        inside = f"{place.directory}/"
        names: dict[str, None] = {}
        beside: dict[str, None] = {}
        files: list[tuple[str, str]] = []
        listed = [*looked.files]
        if answer.depfile is not None:
            listed += prerequisites(os.fsdecode(answer.depfile))
        read = dict.fromkeys(path for path in listed if not path.startswith(inside))
        texts = [
            (place.base, names_in(text.encode("utf-8", "surrogateescape")))
            for _, text in place.written
        ]
        for path in read:
            digest = known.unchanged(path, question.began)
            if digest is None:
                return None
            files.append((path, digest))
            texts.append((os.path.dirname(path), known.named_in(path, digest)))
        for directory, named in texts:
            if named is None:
                return None
            is_ours = f"{directory}/".startswith(inside)
            for name, is_quoted in named:
                names[name] = None
                if is_quoted and not is_ours:
                    beside[os.path.join(directory, name)] = None
        # A name that a macro makes is known by what was found.
        for directory in looked.directories:
            start = f"{directory.rstrip('/')}/"
            names.update((path[len(start) :], None) for path in read if path.startswith(start))
        directories = [each for each in looked.directories if not f"{each}/".startswith(inside)]
        parts = (answer.errors.encode("utf-8", "surrogateescape"), answer.output, answer.depfile)
        placed = tuple(None if part is None else part.replace(own, _PLACE) for part in parts)
        errors, output, depfile = placed
        directories = list(dict.fromkeys(directories))
        written = (errors, output, depfile)
        entry = cls(answer.status, written, files, directories, list(names), list(beside), [])
        return replace(entry, present=list(entry.found()))

    def candidates(self) -> Iterator[str]:
        """Yield every path where clang looks for one of the names, or might."""
        yield from self.beside
        for directory in self.directories:
            for name in self.names:
                yield os.path.join(directory, name)

    def found(self) -> Iterator[int]:
        """Yield the numbers of the candidates that are there."""
        for number, path in enumerate(self.candidates()):
            if os.path.isfile(path):
                yield number

    def holds(self, known: _Files) -> bool:
        """Whether clang would read the same bytes, and find the same files."""
        if any(known.digest(path) != digest for path, digest in self.files):
            return False
        return self.present == list(self.found())

    def data(self) -> bytes:
        """Return it as it is kept: a line, a digest of the rest, and that."""
        import json
        import zlib

        sizes = [None if part is None else len(part) for part in self.parts]
        head = [self.status, sizes, self.files, self.directories, self.names, self.beside]
        text = json.dumps([*head, self.present]).encode()
        rest = b"%d\n%s%s" % (len(text), text, b"".join(part or b"" for part in self.parts))
        rest = zlib.compress(rest, 1)
        return b"%s\n%s\n%s" % (_FORMAT.encode(), _digest(rest).encode(), rest)

    @classmethod
    def read(cls, data: bytes) -> _Entry | None:
        """Return what :meth:`data` returned, or None if *data* isn't that."""
        import json
        import zlib

        kind, _, after = data.partition(b"\n")
        digest, _, rest = after.partition(b"\n")
        if kind != _FORMAT.encode() or digest != _digest(rest).encode():
            return None
        try:
            rest = zlib.decompress(rest)
            length, _, rest = rest.partition(b"\n")
            head = json.loads(rest[: int(length)])
            status, sizes, files, directories, names, beside, present = head
            position = int(length)
            parts: list[bytes | None] = []
            for size in sizes:
                parts.append(None if size is None else rest[position : position + size])
                position += size or 0
            errors, output, depfile = parts
            pairs = [(path, digest) for path, digest in files]
        except (ValueError, TypeError, zlib.error):
            return None
        return cls(status, (errors, output, depfile), pairs, directories, names, beside, present)


def _digest(data: bytes) -> str:
    from hashlib import blake2b

    return blake2b(data, digest_size=20).hexdigest()


def _now() -> int:
    """Return the time as files have it, in nanoseconds: that of the last tick."""
    clock = getattr(time, "CLOCK_REALTIME_COARSE", 5)  # linux/time.h; Python has no name for it
    return time.clock_gettime_ns(clock)


def _identity(command: Sequence[str], version: Callable[[], str]) -> Iterator[str]:
    """Yield what tells the compiler that *command* starts from any other."""
    programs = [word for word in command if "/" in word]
    zig = zig_of(command)
    if zig is not None:
        programs.append(zig)
    for program in programs:
        real = os.path.realpath(program)
        try:
            status = os.stat(real)
            with open(real, "rb") as stream:
                is_script = stream.read(2) == b"#!"
        except OSError:
            continue
        yield f"{real} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
        if is_script:  # what it starts may be another one tomorrow
            yield version()


def _is_ours(directory: str) -> bool:
    """Whether *directory* is there, and nobody else can write to it."""
    try:
        status = os.stat(directory)
    except OSError:
        return False
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _is_below_own(directory: str) -> bool:
    """Whether *directory*, or the first above it that is there, is the user's own."""
    place = os.path.abspath(directory)
    while not os.path.isdir(place) and place != "/":
        place = os.path.dirname(place)
    try:
        return os.stat(place).st_uid == os.geteuid()
    except OSError:
        return False
