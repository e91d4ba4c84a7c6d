"""What clang's preprocessor makes of a C file: its text, active branches, macros, headers.

The file is given to `clang -E -dD` with a name of its own after each directive that begins a
branch: the names that come out stand in active branches. Line markers tell what came from which
header and which line; those that the file writes itself are left out.
"""

from __future__ import annotations

import re
from hashlib import sha256

from bpfgen.importer.from_c.macros import read_define
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from bpfgen.clang.compiler import Compiler
    from bpfgen.clang.messages import ClangMessage
    from bpfgen.compiler import Options
    from bpfgen.importer.from_c.lines import Line
    from bpfgen.importer.from_c.macros import Macro

BRANCHES = frozenset(("if", "ifdef", "ifndef", "elif", "elifdef", "elifndef", "else"))
"""Directives that begin a branch."""

_DIRECTIVE = re.compile(r"^#.*$", re.MULTILINE)
_MARKER = re.compile(r"# (\d+) \"((?:[^\"\\]|\\.)*)\"((?: \d)*)")
_MAPS = re.compile(r"section\s*\(\s*\"\.?maps[\"/]")
_WORD_END = re.compile(r"\w\Z")
_TAGGED = ("struct ", "union ", "enum ")
_WORD = re.compile(r"\w")
_AFTER_DECLARED = re.compile(r"\s*(?:[;,=\[]|__attribute__|$)", re.MULTILINE)
_BEFORE_ENUMERATOR = re.compile(r"[{,]\s*\Z")
_AFTER_ENUMERATOR = re.compile(r"\s*(?:[=,}]|__attribute__)")
_NEAR = 80
_NOT_FOUND = re.compile(r"'([^']+)' file not found")
_MOST_RUNS = 40
_NOT_COMPILED = frozenset(("error", "warning", "ident", "line"))


class Header(Record):
    """What one `#include` of the file brought.

    Attributes:
        path: Where clang found it.
        is_system: It is one of the system's.
        lines: Its declarations and those of all that it includes, preprocessed; what stands between
            two directives is one text.
        macros: What it defines, and the names that it undefines, in order.
        inside: The paths of the headers that it includes, and those do.
    """

    path: str
    is_system: bool
    lines: list[str]
    macros: list[Macro | str]
    inside: dict[str, None]

    @property
    def has_maps(self) -> bool:
        """Whether there are definitions of maps among its lines."""
        text = "\n".join(self.lines)
        return "maps" in text and _MAPS.search(text) is not None

    def declares(self, names: Iterable[str]) -> bool:
        """Return whether there is a variable of one of *names* among its lines."""
        text = "\n".join(self.lines)
        # Most names stand nowhere in most headers, which may be long.
        starts = sorted(start for name in names for start in _declared(name, text))
        return _any_outside(starts, text)

    def has_any(self, names: Iterable[str]) -> bool:
        """Return whether one of *names* may be declared by it, as whatever it may be.

        That is so where it stands outside of braces and parentheses, or like an enumerator.
        """
        text = "\n".join(self.lines)
        starts: list[int] = []
        for name in names:
            for start in _words(name, text):
                if _BEFORE_ENUMERATOR.search(text, max(start - _NEAR, 0), start) is not None and (
                    _AFTER_ENUMERATOR.match(text, start + len(name)) is not None
                ):
                    return True
                starts.append(start)
        return _any_outside(sorted(starts), text)


def _any_outside(starts: Iterable[int], text: str) -> bool:
    """Return whether one of *starts*, in order, is outside of the braces and parentheses of *text*.

    What is inside is a member or a parameter.
    """
    depth = at = 0
    for start in starts:
        opened, closed = (sum(text.count(m, at, start) for m in marks) for marks in ("({", ")}"))
        depth += opened - closed
        if depth <= 0:
            return True
        at = start
    return False


def _words(name: str, text: str) -> Iterator[int]:
    """Yield where *name* stands in *text* as a word."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if (
            _WORD.match(text, end) is None
            and _WORD_END.search(text[max(start - 1, 0) : start]) is None
        ):
            yield start
        start = text.find(name, end)


def _declared(name: str, text: str) -> Iterator[int]:
    """Yield where *name* stands in *text* as in the declaration of a variable."""
    for start in _words(name, text):
        before = text[max(start - 7, 0) : start]
        after = _AFTER_DECLARED.match(text, start + len(name))
        if after is not None and not before.endswith(_TAGGED):
            yield start


class Preprocessed(Record):
    """What one run of the preprocessor came to; places are indices of lines.

    Attributes:
        active: The directives whose branch is active.
        headers: By the place of their `#include`.
        predefined: Macros of the compiler and of the command line.
        missing: Headers that were not found: as written, and the place that led there.
        output: The preprocessed lines in order, `#pragma`s among them, each with the place that it
            comes from; -1 in headers, where line markers say more, and all lines between two
            directives are one text.
        complaint: Why there is nothing else, or None.
    """

    active: set[int]
    headers: dict[int, Header]
    predefined: list[Macro]
    missing: dict[str, int]
    output: list[tuple[int, str]]
    complaint: ClangMessage | None = None


def preprocess(
    compiler: Compiler,
    lines: Sequence[Line],
    path: str,
    options: Options,
    missing: dict[str, int],
) -> Preprocessed:
    """Return what clang makes of *lines*, of the file *path*; headers not found count as empty.

    *missing* has what is known not to be found; it is added to.

    Raises:
        ToolMissing: The compiler doesn't know the bpf target.
    """
    flags = ["-dD", "-Wno-everything"]
    prefix = _prefix(lines)
    errors: list[ClangMessage] = []
    for _ in range(_MOST_RUNS):
        text, places = _marked(lines, missing, prefix)
        result = compiler.preprocess(
            text,
            target=options.target,
            include_directories=options.include_directories,
            name=path,
            flags=flags,
            stand_ins=missing,
            is_kept=True,
        )
        if result.text is not None:
            return _read(result.text, places, missing, prefix)
        errors = [message for message in result.messages if message.is_error]
        fresh: dict[str, int] = {}
        for error in errors:
            not_found = _NOT_FOUND.search(error.text)
            if not_found is not None and not_found[1] not in missing:
                fresh[not_found[1]] = places[error.line - 1] if error.line else 0
        if not fresh:
            break
        missing.update(fresh)
    return Preprocessed(set(), {}, [], missing, [], errors[0] if errors else None)


def included(line: Line) -> str:
    """Return the header that *line* includes, without its brackets or quotes, or ``."""
    directive = line.directive if "include" in line.code else None
    if directive is None or not directive[0].startswith("include"):
        return ""
    return directive[1].strip('<>" \t')


def _prefix(lines: Iterable[Line]) -> str:
    """Return what the names begin with that are put into branches.

    No text has its own hash in it, so that none can claim what is active.
    """
    digest = sha256()
    for line in lines:
        digest.update(line.code.encode("utf-8", "surrogatepass"))
    return f"__bpfgen_{digest.hexdigest()}_"


def _marked(lines: Sequence[Line], missing: Container[str], prefix: str) -> tuple[str, list[int]]:
    """Return the text with a name in each branch, and the place that each of its lines has.

    Headers that are *missing* are not included, and line markers are left to the preprocessor.
    """
    texts: list[str] = []
    places: list[int] = []
    for place, line in enumerate(lines):
        directive = line.directive
        word = "" if directive is None else directive[0]
        is_left_out = (
            word in _NOT_COMPILED
            or (directive is not None and not word)
            or (word == "include" and included(line) in missing)
        )
        texts.append("" if is_left_out else line.code)
        places.append(place)
        if word in BRANCHES:
            texts.append(f"{prefix}{place}")
            places.append(place)
    return "\n".join(texts) + "\n", places


def _read(text: str, places: Sequence[int], missing: dict[str, int], prefix: str) -> Preprocessed:
    reader = _Reader(places, missing, prefix)
    at = 0
    for directive in _DIRECTIVE.finditer(text):
        if directive.start() > at:
            reader.plain(text[at : directive.start() - 1])
        reader.directive(directive[0])
        at = directive.end() + 1
    if at <= len(text):
        reader.plain(text[at:])
    return reader.result


class _Reader:
    """Goes through preprocessed text, by directives and what stands between them.

    vmlinux.h alone has 130,000 lines: what is between directives of a header is taken at once.
    """

    def __init__(self, places: Sequence[int], missing: dict[str, int], prefix: str) -> None:
        self.result = Preprocessed(set(), {}, [], missing, [])
        self._places = places
        self._branch = re.compile(rf"{prefix}(\d+)")
        self._names: list[str] = []
        self._header = _empty("", is_system=False)
        self._line_number = 0  # of the file itself, from 0

    def plain(self, text: str) -> None:
        """Take lines without directives."""
        if self._names:
            if text and not text.isspace():
                self._header.lines.append(text)
            self.result.output.append((-1, text))
            return
        for line in text.split("\n"):
            if line:
                self.result.active.update(int(found[1]) for found in self._branch.finditer(line))
                left = self._branch.sub("", line)
                if left and not left.isspace():
                    self._put(left)
            self._line_number += 1

    def directive(self, line: str) -> None:
        """Take a line marker, a `#define`, or what else begins so."""
        marker = _MARKER.match(line) if line.startswith("# ") else None
        if marker is not None:
            self._marker(int(marker[1]), marker[2], marker[3].split())
        elif self._names:
            is_macro = _enter(line, self._header)
            self.result.output.append((-1, "" if is_macro else line))
        else:
            if line.startswith("#pragma"):
                self._put(line)
            self._line_number += 1

    def _put(self, line: str) -> None:
        self.result.output.append((_at(self._places, self._line_number), line))

    def _marker(self, number: int, name: str, marks: list[str]) -> None:
        """Enter the header *name*, or leave one for line *number* of what included it."""
        names = self._names
        if "1" in marks:
            names.append(name)
            if len(names) == 1:
                self._header = _empty(name, is_system="3" in marks)
            else:
                self._header.inside[name] = None
        elif "2" in marks and names:
            names.pop()
            place = number - 2
            if names:
                pass
            elif self._header.path.startswith("<"):
                self.result.predefined.extend(
                    macro for macro in self._header.macros if not isinstance(macro, str)
                )
            elif 0 <= place < len(self._places):
                self.result.headers.setdefault(self._places[place], self._header)
        if names:
            self.result.output.append((-1, f'# {number} "{name}"'))
        else:
            self._line_number = number - 1


def _at(places: Sequence[int], line_number: int) -> int:
    return places[min(line_number, len(places) - 1)]


def _empty(path: str, *, is_system: bool) -> Header:
    return Header(path, is_system, [], [], {})


def _enter(line: str, header: Header) -> bool:
    """Note the directive *line* of *header*; return whether it is about a macro."""
    if line.startswith("#define "):
        macro = read_define(line[8:])
        if macro is not None:
            header.macros.append(macro)
        return True
    if line.startswith("#undef "):
        header.macros.append(line[7:].strip())
        return True
    return False
