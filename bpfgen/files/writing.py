"""Files that come out: written whole or not at all, or compared for `--check`.

Comes after everything has been generated and verified; only `commands` calls it.

Whenever this process is killed, a file is the old one or the new one, and nothing lies beside it:

- The bytes go into a file without a name (O_TMPFILE), which ends with the process.
- Where there is no old file, that file is given the final name (linkat), which is one step.
- linkat replaces nothing, so that over an old file there must be a second name for a moment, and
  a rename. A :class:`~bpfgen.files.janitor.Janitor` removes that name should the moment be our
  last.
- Where a filesystem has no files without a name (NFS, FAT, many in user space), the second name
  is there from the beginning, and so is the janitor.

Writing in place would be none of this: a reader sees half a file, and so does everybody after a
kill. Nothing is flushed to the disk with fsync: a machine that loses its power builds again.
Of several processes that write the same file each writes it whole, and the last one stays.
"""

from __future__ import annotations

import errno
import os
import stat

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from bpfgen.files.janitor import Janitor

_DIFFED_LINES = 4_000
"""More changed lines than this are shown as one block: difflib takes the square of them."""

_CONTEXT_LINES = 3


class Changed(OSError):  # noqa: N818 -- not a mistake of whoever calls
    """A file no longer holds what it was read as, and is left as it is."""


def write(path: str, data: bytes) -> bool:
    """Make the file *path* hold *data*; return whether it had to be written.

    The bytes appear under the final name all at once, and only where they differ from what is
    there, so that make sees no change where there is none. A symbolic link stays one, its target
    is rewritten; another hard link keeps the old bytes. The mode of an existing file is kept, its
    owner too if we may; a new one gets what the umask leaves of 0666. What is not a regular file
    (a device, a pipe) and a stream of our own (`/dev/stdout`) is simply written to.

    Raises:
        OSError: The file can't be written; nothing has changed, no temporary file is left.
    """
    with Pending(path, data) as pending:
        return pending.commit()


def is_open_stream(path: str) -> bool:
    """Return whether *path* is a name for a file that we were handed open: it isn't replaced."""
    directory = os.path.dirname(path)
    return path in {"/dev/stdout", "/dev/stderr"} or directory in {"/dev/fd", "/proc/self/fd"}


class Pending:
    """A file whose bytes are written and don't have its name yet, see :func:`write`.

    Several that are all wanted or none are all made before the first is committed.

    Attributes:
        path: The file.
        over: What the file has to hold in the moment in which it is replaced; None for anything.

    Raises:
        OSError: The file can't be written; nothing has changed, no temporary file is left.
    """

    __slots__ = ("_data", "_is_current", "_janitor", "_nameless", "_old", "_target", "over", "path")

    def __init__(self, path: str, data: bytes, over: bytes | None = None) -> None:
        self.path = path
        self.over = over
        self._data = data
        self._target = os.path.realpath(path)
        self._nameless = -1
        self._janitor: Janitor | None = None
        try:
            self._old: os.stat_result | None = os.stat(path)
        except FileNotFoundError:
            self._old = None
        self._is_current = False
        if self._old is not None:
            if stat.S_ISDIR(self._old.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            if self.is_stream:
                return
            if self._old.st_size == len(data) and _read(self._target) == data:
                self._is_current = True
                return
            if not os.access(self._target, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        try:
            self._prepare()
        except BaseException as error:
            self.close()
            self._explain(error)
            raise

    @property
    def is_stream(self) -> bool:
        """Whether it is simply written to, which can't be prepared."""
        old = self._old
        return old is not None and (not stat.S_ISREG(old.st_mode) or is_open_stream(self.path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def commit(self) -> bool:
        """Give the bytes their name; return whether the file had to be written.

        Raises:
            Changed: The file doesn't hold what it is to be written over.
            OSError: It can't be done, and nothing has changed.
        """
        if self._is_current:
            return False
        if self.is_stream:
            self._look()
            with open(self.path, "wb", buffering=0) as stream:
                _write_all(stream.fileno(), self._data)
            return True
        try:
            self._put()
        except PermissionError as error:
            self._explain(error)
            raise
        return True

    def close(self) -> None:
        """Let go of what wasn't committed."""
        if self._nameless >= 0:
            os.close(self._nameless)
            self._nameless = -1
        if self._janitor is not None:
            self._janitor.__exit__()
            self._janitor = None

    def _prepare(self) -> None:
        directory = os.path.dirname(self._target)
        self._nameless = _open_nameless(directory)
        if self._nameless >= 0:
            _fill(self._nameless, self._data, self._old)
        else:
            self._janitor = _janitor_in(directory)
            _write_named(self._janitor.path, self._data, self._old)

    def _put(self) -> None:
        if self._janitor is not None:
            self._replace(self._janitor.path)
            return
        if self._old is None and self.over is None and _name(self._nameless, self._target):
            return
        with _janitor_in(os.path.dirname(self._target)) as janitor:
            if not _name(self._nameless, janitor.path):
                _write_named(janitor.path, self._data, self._old)
            self._replace(janitor.path)

    def _replace(self, path: str) -> None:
        """Let *path* be the file."""
        self._look()  # last of all: making the new file has taken milliseconds
        os.replace(path, self._target)

    def _look(self) -> None:
        """Make sure that the file holds what it is to be written over, if that matters.

        Raises:
            Changed: It doesn't.
        """
        if self.over is None:
            return
        # No pipe is read that has taken the file's place.
        if not os.path.isfile(self.path) or _read(self.path) != self.over:
            raise Changed(errno.ESTALE, "it has changed meanwhile", self.path)

    def _explain(self, error: BaseException) -> None:
        """Raise *error* once more as what it says of the directory, if that is what it's about."""
        directory = os.path.dirname(self._target)
        if isinstance(error, PermissionError) and not os.access(directory, os.W_OK | os.X_OK):
            # The file itself may be writable, so that the bare reason would puzzle.
            reason = f"{os.strerror(errno.EACCES)} to make files in its directory"
            raise PermissionError(error.errno, reason, self.path) from error


def _janitor_in(directory: str) -> Janitor:
    """Return the janitor of a new name in *directory*."""
    # Nothing of this is needed for a first build.
    from bpfgen.files.janitor import Janitor

    # The name says nothing of the file's: that may already be as long as names can be.
    return Janitor(os.path.join(directory, f".bpfgen-{os.urandom(8).hex()}.tmp"))


def _open_nameless(directory: str) -> int:
    """Return a new file without a name that can be given one in *directory*; -1 if there's none."""
    try:
        return os.open(directory, os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, 0o666)
    except OSError:  # what is really wrong with the directory the next attempt will report
        return -1


def _name(descriptor: int, path: str) -> bool:
    """Give the file without a name the name *path*; return whether that was possible."""
    try:
        # Python calls linkat, which follows the link in /proc, only if it gets a descriptor.
        os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor)
    except OSError:  # the name is taken by now; there is no /proc; links are forbidden
        return False
    return True


def _write_named(path: str, data: bytes, old: os.stat_result | None) -> None:
    """Make a file with a name from the beginning."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        _fill(descriptor, data, old)
    finally:
        os.close(descriptor)  # before it gets its name: NFS reports a full disk here


def _fill(descriptor: int, data: bytes, old: os.stat_result | None) -> None:
    """Write *data*, and take over from the file *old* who may do what with it."""
    if old is not None:
        new = os.fstat(descriptor)
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            try:  # noqa: SIM105 -- contextlib would be loaded for this alone
                os.fchown(descriptor, old.st_uid, old.st_gid)
            except OSError:
                pass
        os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
    _write_all(descriptor, data)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _read(path: str) -> bytes | None:
    """Return what the file holds, or None if it can't be read."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return None


def check(path: str, data: bytes) -> bytes:
    """Return a unified diff from the file on disk to *data*; empty where they are the same.

    `patch` understands it, but for objects, of which it only says that they differ.

    Raises:
        OSError: The file is there and can't be read.
    """
    try:
        with open(path, "rb") as stream:
            old: bytes | None = stream.read()
    except FileNotFoundError:
        old = None
    if old == data:
        return b""
    name = quoted(path)
    if _is_binary(data) or _is_binary(old or b""):
        if old is None:
            return b"Only generated: " + name + b"\n"
        return b"Binary file " + name + b" differs from what would be written\n"
    return unified_diff(name, old, data)


def _is_binary(data: bytes) -> bool:
    """Return whether a diff of *data* would be no text: what a terminal acts on, or no UTF-8."""
    if b"\0" in data or b"\x1b" in data:
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def quoted(path: str) -> bytes:
    """Return *path* as a diff names it: in quotes as git has it where it isn't one plain line.

    Nothing in a name can then begin a line, of the diff or of what else reads our output.
    """
    name = os.fsencode(path)
    escapes = {byte: b"\\%03o" % byte for byte in (*range(0x20), 0x7F)}
    escapes |= {byte: b"\\%c" % byte for byte in b'"\\'}
    if escapes.keys().isdisjoint(name):
        return name
    return b'"' + b"".join(escapes.get(byte, b"%c" % byte) for byte in name) + b'"'


def unified_diff(name: bytes, old: bytes | None, new: bytes) -> bytes:
    """Return the diff of two texts in the format of `diff -u`; *old* is None for no such file."""
    before, after = _split_lines(old or b""), _split_lines(new)
    quoted = name + b"\t" if b" " in name else name
    lines = [b"--- " + (b"/dev/null" if old is None else quoted) + b"\n", b"+++ " + quoted + b"\n"]
    for group in _hunks(before, after):
        first, last = group[0], group[-1]
        lines.append(
            b"@@ -%s +%s @@\n" % (_lines_of(first[1], last[2]), _lines_of(first[3], last[4]))
        )
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                lines += (b" " + line for line in before[old_start:old_end])
            else:
                lines += (b"-" + line for line in before[old_start:old_end])
                lines += (b"+" + line for line in after[new_start:new_end])
    return b"".join(
        line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
        for line in lines
    )


def _split_lines(data: bytes) -> list[bytes]:
    """Return the lines with their ends; a lone carriage return ends none, unlike splitlines()."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _hunks(
    before: list[bytes], after: list[bytes]
) -> Iterable[Sequence[tuple[str, int, int, int, int]]]:
    """Return groups of (tag, old start, old end, new start, new end), as difflib names them."""
    from bpfgen.text.edits import same_ends  # as below

    head, tail = same_ends(before, after)
    old_end, new_end = len(before) - tail, len(after) - tail
    if max(old_end - head, new_end - head) > _DIFFED_LINES:
        changed = [("replace", head, old_end, head, new_end)]
    else:
        # Only a failing --check pays for this import.
        from difflib import SequenceMatcher

        matcher = SequenceMatcher(None, before[head:old_end], after[head:new_end], autojunk=False)
        changed = [
            (tag, a + head, b + head, c + head, d + head)
            for tag, a, b, c, d in matcher.get_opcodes()
        ]
    start = max(0, head - _CONTEXT_LINES)
    if start < head:
        changed.insert(0, ("equal", start, head, start, head))
    context = min(tail, _CONTEXT_LINES)
    if context:
        changed.append(("equal", old_end, old_end + context, new_end, new_end + context))
    return _grouped(changed)


def _grouped(
    changes: list[tuple[str, int, int, int, int]],
) -> Iterable[list[tuple[str, int, int, int, int]]]:
    """Yield *changes* in hunks: a long equal stretch ends one and begins the next."""
    group: list[tuple[str, int, int, int, int]] = []
    for number, (tag, a, b, c, d) in enumerate(changes):
        inner = 0 < number < len(changes) - 1
        if tag == "equal" and inner and b - a > 2 * _CONTEXT_LINES:
            group.append((tag, a, a + _CONTEXT_LINES, c, c + _CONTEXT_LINES))
            yield group
            group = [(tag, b - _CONTEXT_LINES, b, d - _CONTEXT_LINES, d)]
        else:
            group.append((tag, a, b, c, d))
    if group:
        yield group


def _lines_of(start: int, end: int) -> bytes:
    """Return the lines *start* up to *end* (from 0) as a hunk's head counts them."""
    count = end - start
    if count == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if count else start, count)
