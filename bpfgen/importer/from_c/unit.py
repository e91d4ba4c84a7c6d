"""A C file as one text: headers that define maps read in, as written and as preprocessed.

Second of the import of C. Headers that only give types stay what they are, `#include`s. A header
of the project that defines maps is read as if it stood in the file, since its types could not be
included without its maps. What the file says once it is preprocessed, which branches are active and
what macros come from headers, clang says; without it the macros of the file itself decide.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from itertools import pairwise

from bpfgen.clang import ToolMissing
from bpfgen.importer.from_c import preprocessing
from bpfgen.importer.from_c.asked import NOTHING_ELSE
from bpfgen.importer.from_c.conditions import holds
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.forced import finder_for_c, first_lines, has_called_members
from bpfgen.importer.from_c.lines import GONE, Line, lines_of, unfinished_comment
from bpfgen.importer.from_c.macros import Expander, Macro, read_define
from bpfgen.importer.from_c.packing import Packing
from bpfgen.importer.from_c.preprocessing import BRANCHES
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.header_names import header_name_fault

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from bpfgen.clang.compiler import Compiler
    from bpfgen.compiler import Options
    from bpfgen.importer.from_c.asked import Asked
    from bpfgen.importer.from_c.preprocessing import Header, Preprocessed
    from bpfgen.record import Uncompared

_MOST_LINES = 1_000_000
_MOST_ROUNDS = 50
_LONGEST = 64 << 20
_INCLUDES = ("include", "include_next", "import")
_MARKER = re.compile(r"# \d+ \"([^\"\\]+)\"")
_ONCE = re.compile(r"^[ \t]*#[ \t]*pragma[ \t]+once\b", re.MULTILINE)
_PATH = re.compile(r"<[^>]+>|\"[^\"]+\"")


class Include(Record):
    """One `#include` that stays one.

    Attributes:
        name: As written, with its brackets or quotes.
        place: The index of its line.
        header: What clang found, or None.
    """

    name: str
    place: int
    header: Header | None


class LeftOut(Record):
    """What a branch that isn't active holds.

    Attributes:
        condition: The directive, as written.
        place: The index of its line.
        lines: The lines of the branch.
    """

    condition: str
    place: int
    lines: list[Line]


class Unit(Record):
    """A file with all that is read as part of it; places are indices of lines.

    Attributes:
        lines: As they are written; directives, and what conditionals leave out, are blank there.
        expanded: What the preprocessor makes of each line.
        output: All that it makes of the file with its headers: (place, line), -1 in headers; empty
            where clang couldn't be asked.
        includes: Those that stay.
        left_out: What conditionals leave out.
        active: The directives whose branches are active.
        events: Macros that are defined, and names that are undefined, by place.
        predefined: The macros before the first line.
        missing: Headers that were not found, and the places that led there.
        read_in: Headers that are read as part of the file, by their names.
        complaint: Why clang couldn't preprocess the file: a sentence, or None.
        errors: What `#error` says that is active, by place; the file is read all the same.
        is_preprocessed: clang said what is active.
        raw: The lines as they were, directives among them.
        starts: Where each line begins in the text of all *expanded*.
        written_starts: Where each line begins in the text of all *lines*.
        unexpanded: Why the macros of some lines aren't expanded, by place.
        unfinished: The place of a comment that never ends, or None.
        packing: What its `#pragma pack`s say.
        has_called_members: `struct tag;` in a struct is a member.
        texts: The files that its lines are of, as they were read, by their names.
        path: The file that is imported.
        asked: What is asked of it.
    """

    lines: list[Line]
    expanded: list[str]
    output: list[tuple[int, str]]
    includes: list[Include]
    left_out: list[LeftOut]
    active: set[int]
    events: dict[int, list[Macro | str]]
    predefined: list[Macro]
    missing: dict[str, int]
    read_in: dict[str, None]
    complaint: str | None
    is_preprocessed: bool
    raw: list[Line]
    starts: list[int]
    written_starts: list[int]
    unexpanded: dict[int, str]
    unfinished: int | None
    packing: Uncompared[Packing]
    texts: Uncompared[dict[str, str]]
    errors: dict[int, str]
    path: str = ""
    asked: Asked = NOTHING_ELSE
    has_called_members: bool = False

    def where(self, place: int) -> str:
        """Return the line *place* as `file:number: `."""
        line = self.raw[place]
        file = self.path_of(line) if self.asked.is_of_project else line.file
        return f"{file}:{line.number}: "

    def path_of(self, line: Line) -> str:
        """Return the path of the file that *line* stands in."""
        return os.path.normpath(os.path.join(os.path.dirname(self.path), line.file))

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of the files that are read as one."""
        directory = os.path.dirname(self.path)
        return tuple(os.path.normpath(os.path.join(directory, name)) for name in self.texts)

    def name_in_source(self, include: Include) -> str:
        """Return what the source includes for *include*, with its brackets or quotes.

        A header that lies beside the file which includes it is named as seen from the source.
        """
        name, header = include.name, include.header
        if header is not None and header.path == self.asked.vmlinux:
            return "kernel"
        if not self.asked.source or header is None or not name.startswith('"'):
            return name
        here = os.path.dirname(self.path)
        if os.path.normpath(os.path.join(here, name[1:-1])) != os.path.normpath(header.path):
            return name
        beside = os.path.relpath(header.path, os.path.dirname(self.asked.source) or ".")
        return name if header_name_fault(beside) else f'"{beside}"'

    def is_meant(self, place: int) -> bool:
        """Return whether the maps of the file that the line *place* stands in are asked for."""
        wanted = self.asked.maps_of
        return not wanted or self.stands_in(place, (wanted,))

    def stands_in(self, place: int, files: Container[str]) -> bool:
        """Return whether the line *place* stands in one of *files*, real paths."""
        return os.path.realpath(self.path_of(self.raw[place])) in files

    def place_of(self, start: int) -> int:
        """Return the line that the character *start* of the text of all *expanded* stands in."""
        return max(bisect_right(self.starts, start) - 1, 0)

    def written_place_of(self, start: int) -> int:
        """Return the line that the character *start* of the text of all *lines* stands in."""
        return max(bisect_right(self.written_starts, start) - 1, 0)


def headers_read(unit: Unit) -> tuple[str, ...]:
    """Return the paths of the headers that clang read for *unit*, each once, as it names them."""
    paths: dict[str, None] = {}
    for place, line in unit.output:
        match = _MARKER.match(line) if place < 0 and line.startswith("# ") else None
        # Those that weren't found are empty files for the time of the run.
        path = "" if match is None else match[1].removeprefix("./")
        if path and path not in paths and os.path.isfile(path):
            paths[path] = None
    return tuple(paths)


def read_unit(
    text: str,
    path: str,
    options: Options,
    read_in: Container[str] = (),
    known: Unit | None = None,
    asked: Asked = NOTHING_ELSE,
) -> Unit:
    """Return the C source *text*, of the file *path*, as a unit.

    Headers whose names, as written, or real paths are in *read_in* are read as part of it, too, and
    so are those of *known*, a unit of the same file with other macros: its places are those of this
    unit, unless this one has headers more.
    """
    name = os.path.basename(path)
    lines = known.raw if known is not None else [*first_lines(options, path), *lines_of(text, name)]
    texts = {name: text} if known is None else dict(known.texts)
    preprocessed: Preprocessed | None = None
    compiler = _compiler(options)
    if compiler is not None:
        lines, preprocessed = _asked(compiler, lines, path, options, read_in, texts)
    names = dict.fromkeys(list(texts)[1:])
    complaint = None
    missing = dict(preprocessed.missing) if preprocessed is not None else {}
    if preprocessed is not None and (message := preprocessed.complaint) is not None:
        where = message.file or os.path.basename(path)
        complaint = f"{where}:{message.file_line or message.line}: {message.text}"
        preprocessed = None
    output: list[tuple[int, str]] = []
    if preprocessed is not None:
        predefined, output = preprocessed.predefined, preprocessed.output
    else:
        predefined = [Macro(name, None, "", value) for name, value in options.definitions.items()]
    unit = Unit(
        lines=[],
        expanded=[],
        output=output,
        includes=[],
        left_out=[],
        active=set(),
        events={},
        predefined=predefined,
        missing=missing,
        read_in=names,
        complaint=complaint,
        is_preprocessed=preprocessed is not None,
        raw=lines,
        starts=[],
        written_starts=[],
        unexpanded={},
        unfinished=None if names else unfinished_comment(text),
        packing=Packing(),
        texts=texts,
        path=path,
        asked=asked,
        has_called_members=has_called_members(options),
        errors={},
    )
    _decide(lines, unit, preprocessed)
    if preprocessed is None:
        unit.expanded.extend(_expanded(unit))
    else:
        parts: list[list[str]] = [[] for _ in lines]
        for place, made in output:
            if place >= 0 and not made.startswith("#"):
                parts[place].append(made)
        unit.expanded.extend(map(" ".join, parts))
    unit.starts.extend(_starts(unit.expanded))
    unit.written_starts.extend(_starts(line.text for line in unit.lines))
    return unit


def _starts(texts: Iterable[str]) -> Iterator[int]:
    """Yield where each line of *texts* begins in the text of all."""
    start = 0
    for text in texts:
        yield start
        start += len(text) + 1


def _expanded(unit: Unit) -> list[str]:
    """Return what the macros of *unit* make of its lines."""
    macros = {macro.name: macro for macro in unit.predefined}
    counter = [0]
    expanded: list[str] = []
    count = len(unit.lines)
    for place, after in pairwise(sorted({0, *unit.events, count})):
        enter_events(unit.events.get(place, ()), macros)
        text = "\n".join(line.code for line in unit.lines[place:after])
        expander = Expander(macros, lambda _macro: False, counter, unit.raw[place].number)
        try:
            text = expander.expanded(text, keep_lines=True)
        except CError as error:
            unit.unexpanded[place] = str(error)
        expanded += text.split("\n")
    return expanded


def _expanded_name(rest: str, macros: dict[str, Macro]) -> str:
    """Return what an `#include` names by macros, if that can be told."""
    try:
        return Expander(macros, lambda _macro: False).expanded(rest)
    except CError:
        return ""


def enter_events(events: Iterable[Macro | str], macros: dict[str, Macro]) -> None:
    """Let *macros* be those after *events*, definitions and names that are undefined."""
    for event in events:
        if isinstance(event, str):
            macros.pop(event, None)
        else:
            macros[event.name] = event


def _compiler(options: Options) -> Compiler | None:
    """Return the compiler; None where there is none, and none was asked for.

    Raises:
        ToolMissing: The one that was asked for isn't there.
    """
    try:
        return finder_for_c(options).find()
    except ToolMissing as missing:
        if missing.named:
            raise
        return None


def _asked(
    compiler: Compiler,
    lines: list[Line],
    path: str,
    options: Options,
    wanted: Container[str],
    texts: dict[str, str],
) -> tuple[list[Line], Preprocessed]:
    """Return the lines with those of headers that define maps, and what clang makes of them.

    The texts of those headers are added to *texts*, by their names.
    """
    missing: dict[str, int] = {}
    here = os.path.dirname(path)
    once = {
        os.path.realpath(os.path.join(here, name))
        for name, text in list(texts.items())[1:]
        if _ONCE.search(text) is not None
    }
    for rounds in range(_MOST_ROUNDS):
        preprocessed = preprocessing.preprocess(compiler, lines, path, options, missing)
        places = [
            place
            for place, header in preprocessed.headers.items()
            if (
                header.has_maps
                or preprocessing.included(lines[place]) in wanted
                or os.path.realpath(header.path) in once
                or any(os.path.realpath(each) in wanted for each in (header.path, *header.inside))
            )
            and not _is_foreign(lines[place], header)
        ]
        if not places or len(lines) > _MOST_LINES or rounds + 1 == _MOST_ROUNDS:
            break
        for place in sorted(places, reverse=True):
            header = preprocessed.headers[place]
            own = os.path.realpath(header.path)
            inside = [] if own in once else _header_lines(header.path, path, texts)
            if inside is None:
                return lines, preprocessed
            if any(_ONCE.match(line.code) is not None for line in inside):
                once.add(own)
            lines = [*lines[:place], *inside, *lines[place + 1 :]]
            missing.clear()
    return lines, preprocessed


def _is_foreign(line: Line, header: Header) -> bool:
    """Whether the maps of *header* are none of the project's, but come with a library."""
    directive = line.directive
    name = "" if directive is None else directive[1]
    return header.is_system or name.startswith("<bpf/")


def _header_lines(header: str, path: str, texts: dict[str, str]) -> list[Line] | None:
    """Return the lines of the file *header*, their includes relative to the file *path*.

    Its text is added to *texts*.
    """
    try:
        with open(header, "rb") as stream:
            data = stream.read(_LONGEST)
    except OSError:
        return None
    here = os.path.dirname(path)
    name = os.path.relpath(header, here or ".")
    text = texts[name] = data.decode("utf-8", "replace")
    lines = lines_of(text, name)
    for place, line in enumerate(lines):
        directive = line.directive
        if directive is None:
            continue
        word, rest = directive
        if word in _INCLUDES and rest.startswith('"'):
            beside = os.path.join(os.path.dirname(header), rest.strip('"'))
            if os.path.exists(beside) and os.path.dirname(header) != here:
                nearby = os.path.relpath(beside, here or ".")
                if header_name_fault(nearby):
                    continue
                include = f'#include "{nearby}"'
                lines[place] = replace(line, code=include, text=include)
    return lines


def _decide(lines: list[Line], unit: Unit, preprocessed: Preprocessed | None) -> None:
    """Enter *lines* into *unit*: those that are active, and what directives say."""
    macros = {macro.name: macro for macro in unit.predefined}
    # Of each open conditional: whether its text counts, and whether a branch has been taken.
    levels: list[tuple[bool, bool]] = []
    is_active = True
    left_out: LeftOut | None = None
    for place, line in enumerate(lines):
        directive = line.directive
        if directive is None:
            if not is_active and left_out is not None:
                left_out.lines.append(line)
            unit.lines.append(line if is_active else _gone(line))
            continue
        unit.lines.append(_gone(line))
        word, rest = directive
        if word in BRANCHES:
            if word.startswith("if"):
                outer = is_active
                levels.append((is_active, False))
            elif not levels:
                continue
            else:
                outer = _outer(levels)
            taken_before = levels[-1][1]
            if preprocessed is not None:
                taken = place in preprocessed.active
            else:
                taken = outer and not taken_before and (word == "else" or holds(word, rest, macros))
            levels[-1] = (taken, taken or taken_before)
            is_active = taken and outer
            if is_active:
                unit.active.add(place)
            if outer and not is_active:
                left_out = LeftOut(f"#{word} {rest}".strip(), place, [])
                unit.left_out.append(left_out)
            elif outer:
                left_out = None
        elif word == "endif":
            if levels:
                levels.pop()
                was_active = is_active
                is_active = levels[-1][0] and _outer(levels) if levels else True
                if is_active and not was_active:
                    left_out = None
        elif is_active and word == "pragma":
            unit.packing.enter(place, rest)
        elif is_active and word == "error":
            unit.errors[place] = f"#error {rest}".rstrip()
        elif is_active:
            _enter(word, rest, place, unit, preprocessed, macros)
        elif left_out is not None:
            left_out.lines.append(line)


def _outer(levels: list[tuple[bool, bool]]) -> bool:
    """Whether the conditional at the end of *levels* stands in active text.

    Each level is only ever active where its outer ones are, so that one look suffices.
    """
    return levels[-2][0] if len(levels) > 1 else True


def _gone(line: Line) -> Line:
    return Line(" ", GONE, line.file, line.number)


def _enter(
    word: str,
    rest: str,
    place: int,
    unit: Unit,
    preprocessed: Preprocessed | None,
    macros: dict[str, Macro],
) -> None:
    """Note what an active directive says."""
    events: list[Macro | str] = []
    if word in _INCLUDES:
        header = None if preprocessed is None else preprocessed.headers.get(place)
        name = _PATH.match(rest)
        if name is None and header is not None:
            name = _PATH.match(_expanded_name(rest, macros)) or _PATH.match(f'"{header.path}"')
        if name is not None:
            unit.includes.append(Include(name[0], place, header))
        if header is not None:
            events += (
                replace(event, header=place) if isinstance(event, Macro) else event
                for event in header.macros
            )
    elif word == "define":
        macro = read_define(rest, place)
        if macro is not None:
            events.append(macro)
    elif word == "undef":
        events.append(rest.split(maxsplit=1)[0] if rest.split() else "")
    enter_events(events, macros)
    if events:
        unit.events[place] = events
