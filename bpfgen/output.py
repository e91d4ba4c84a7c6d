"""Files that come out: written whole or not at all, compared for `--check`, listed for make.

Comes after everything has been generated and verified; only `commands` calls it.
"""

from __future__ import annotations

import errno
import os
import stat

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DIFFED_LINES = 4_000
"""More changed lines than this are shown as one block: difflib takes the square of them."""

_CONTEXT_LINES = 3


def write(path: str, data: bytes) -> bool:
    """Make the file *path* hold *data*; return whether it had to be written.

    The bytes appear under the final name all at once (temporary file in the same directory,
    rename) and only where they differ from what is there, so that make sees no change where
    there is none. A symbolic link stays one, its target is rewritten. The mode of an existing
    file is kept; a new one gets what the umask leaves of 0666. What is not a regular file
    (`/dev/stdout`, a pipe) is simply written to.

    Raises:
        OSError: The file can't be written; nothing has changed, no temporary file is left.
    """
    target = os.path.realpath(path)
    mode: int | None = None
    try:
        status = os.stat(target)
    except FileNotFoundError:
        pass
    else:
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not stat.S_ISREG(status.st_mode):
            with open(target, "wb", buffering=0) as stream:
                _write_all(stream.fileno(), data)
            return True
        if status.st_size == len(data) and _read(target) == data:
            return False
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        mode = stat.S_IMODE(status.st_mode)
    _replace(target, data, mode)
    return True


def _replace(target: str, data: bytes, mode: int | None) -> None:
    """Put *data* in a new file and give it the name *target*."""
    # The name says nothing of `target`: that may already be as long as names can be.
    temporary = os.path.join(os.path.dirname(target), f".bpfgen-{os.urandom(8).hex()}.tmp")
    descriptor = -1
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        if mode is not None:
            os.fchmod(descriptor, mode)
        _write_all(descriptor, data)
        os.close(descriptor)
        descriptor = -1
        os.replace(temporary, target)
    except BaseException:  # a signal's exception too: no temporary file stays
        if descriptor >= 0:
            os.close(descriptor)
        try:  # noqa: SIM105 -- contextlib would be loaded for this alone
            os.unlink(temporary)
        except FileNotFoundError:
            pass
        raise


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
            found: bytes | None = stream.read()
    except FileNotFoundError:
        found = None
    if found == data:
        return b""
    name = os.fsencode(path)
    if b"\0" in data or b"\0" in (found or b""):
        if found is None:
            return b"Only generated: " + name + b"\n"
        return b"Binary file " + name + b" differs from what would be written\n"
    return unified_diff(name, found, data)


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
    shorter = min(len(before), len(after))
    head = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
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


def depfile(outputs: Sequence[str], inputs: Sequence[str], dependencies: Iterable[str]) -> str:
    """Return one rule for make and ninja: *outputs* depend on *inputs* and *dependencies*.

    Each of *dependencies* gets a rule of its own without a recipe, as `cc -MP` writes them: when
    a header is deleted, make rebuilds instead of giving up. Names are written once.
    """
    named = dict.fromkeys(inputs)
    others = [name for name in dict.fromkeys(dependencies) if name not in named]
    targets = " ".join(map(_make_name, dict.fromkeys(outputs)))
    prerequisites = " \\\n  ".join(map(_make_name, [*named, *others]))
    rule = f"{targets}: {prerequisites}\n"
    return rule + "".join(f"\n{_make_name(name)}:\n" for name in others)


def _make_name(name: str) -> str:
    """Return *name* as GNU make and ninja's depfile parser both read it.

    Blanks and `#` take a backslash, `$` is doubled, and of backslashes only those right before an
    escaped character are doubled: GNU make leaves the others alone (read.c, find_char_unquote).
    """
    parts: list[str] = []
    backslashes = 0
    for character in name:
        if character in " \t#":
            parts.append("\\" * (backslashes + 1))
        elif character == "$":
            parts.append("$")
        backslashes = backslashes + 1 if character == "\\" else 0
        parts.append(character)
    return "".join(parts)
