"""Where in the C files stands what a source declares: the last step of the import of C.

A declaration is found in the preprocessed text. Each token of that came from a token as it is
written, or from the use of a macro; so a declaration stands where its first token does, up to where
its last one does. Where our own expansion isn't what the preprocessor made, the lines decide, if
they have nothing else on them.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left

from bpfgen.importer.from_c.comments import trailing
from bpfgen.importer.from_c.declarations import FUNCTION, TAG_WORDS, tokens_of
from bpfgen.importer.from_c.declarators import DeclarationReader
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.lines import Offsets
from bpfgen.importer.from_c.macros import TOKEN, Expander
from bpfgen.importer.from_c.unit import enter_events
from bpfgen.importer.from_c.written import end_of_brackets, is_counted
from bpfgen.importer.items import CONSTANT, PAIR, PROTOTYPE, Taken
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.importer.from_c.declarations import Declaration
    from bpfgen.importer.from_c.lines import Line
    from bpfgen.importer.from_c.macros import Macro
    from bpfgen.importer.from_c.reading import FileReader
    from bpfgen.importer.from_c.undecided import BuildsChoices
    from bpfgen.importer.items import Item, Origin

_STRAY = re.compile(r"\s*;")
_LONGEST = 60


class _Stretch(Record):
    """Where a declaration is written, in the text of all lines of the unit.

    Attributes:
        declaration: The one that was asked for.
        shares: What other declarations the same macros make.
        tokens: Where each of its tokens begins in the preprocessed text, and where that is written;
            empty where that isn't known.
    """

    start: int
    end: int
    declaration: Declaration
    shares: tuple[str, ...]
    tokens: dict[int, tuple[int, int]]


def taken_from(
    file: FileReader, path: str, items: Iterable[Item], choices: BuildsChoices
) -> tuple[Taken, ...]:
    """Return what *items* were taken from, of those that came from C that *file* has read.

    *path* is the file that was imported; *choices* are what builds decide otherwise in it. What
    can't be told apart from others is missing.
    """
    origins = [origin for item in items for origin in item.origins]
    stretches = _stretches(file, {each.start for each in origins if each.what != CONSTANT})
    maps = {origin.name for origin in origins}
    places = _Places(file, path, choices)
    found: list[Taken] = []
    for origin in origins:
        if origin.what == CONSTANT:
            found.append(places.define(origin))
            continue
        stretch = stretches.get(origin.start)
        if stretch is None:
            continue
        left = tuple(
            f"map `{each.map.name}`"
            for each in file.maps
            if each.start == origin.start and each.map.name not in maps
        )
        taken = places.declaration(origin, stretch, left)
        if taken is not None:
            found.append(taken)
    return tuple(found)


class _Places:
    """Turns places in a unit into those of its files."""

    def __init__(self, file: FileReader, path: str, choices: BuildsChoices) -> None:
        self._file = file
        self._unit = file.unit
        self._path = path
        self._choices = choices
        self._own = os.path.basename(path)
        self._directory = os.path.dirname(path)
        self._offsets: dict[str, Offsets] = {}

    def define(self, origin: Origin) -> Taken:
        """Return the `#define` that *origin* is."""
        line = self._unit.raw[origin.start]
        first = len(line.code) - len(line.code.lstrip())
        doc = self._doc(self._unit.written_starts[origin.start])
        offsets = self._of(line.file)
        end = offsets.of(line, len(line.code.rstrip()) - 1) + 1
        taken = self._taken(line.file, offsets.of(line, first), end, origin, doc)
        taken = replace(taken, undecided=self._choices.of(origin.start, origin.start))
        if not trailing(line.code, line.text):
            return taken
        return replace(taken, trailing=self._after(line))

    def _after(self, line: Line) -> tuple[int, int]:
        """Return where the comment at the end of *line* stands."""
        offsets = self._of(line.file)
        begin = len(line.text) - len(line.text[len(line.code.rstrip()) :].lstrip())
        return offsets.of(line, begin), offsets.of(line, len(line.text.rstrip()) - 1) + 1

    def declaration(self, origin: Origin, stretch: _Stretch, left: tuple[str, ...]) -> Taken | None:
        """Return the declaration that *origin* is, of which *left* stays; None if it has no one."""
        start, end = stretch.start, stretch.end
        place = self._unit.written_place_of(start)
        doc = self._doc(start)
        shares = (*stretch.shares, *left)
        if origin.is_body:
            body = _body(self._file.code, stretch)
            if body is None:
                shares = (*shares, "a variable")
            else:
                start, end = body
        first, last = place, self._unit.written_place_of(end - 1)
        place = self._unit.written_place_of(start)
        line, end_line = self._unit.raw[place], self._unit.raw[last]
        if any(self._unit.raw[each].file != line.file for each in range(first, last + 1)):
            return None
        starts, offsets = self._unit.written_starts, self._of(line.file)
        begin = offsets.of(line, start - starts[place])
        after = offsets.of(end_line, end - 1 - starts[last]) + 1
        taken = self._taken(line.file, begin, after, origin, doc, shares)
        taken = replace(taken, undecided=self._choices.of(place, last))
        last_line = self._file.trailing.get(origin.start)
        if last_line is None or origin.is_body or origin.what in (PROTOTYPE, PAIR):
            return taken
        return replace(taken, trailing=self._after(self._unit.raw[last_line]))

    def _taken(
        self,
        file: str,
        start: int,
        end: int,
        origin: Origin,
        doc: tuple[int, int] | None,
        shares: tuple[str, ...] = (),
    ) -> Taken:
        path = os.path.join(self._directory, file)
        is_own = file == self._own
        what, name, conditions = origin.what, origin.name, origin.conditions
        return Taken(path, start, end, what, name, doc, is_own, shares, conditions=conditions)

    def _doc(self, start: int) -> tuple[int, int] | None:
        """Return where the doc comment of what begins at *start* stands in its file."""
        span = self._file.comments.span_above(start)
        if span is None:
            return None
        starts = self._unit.written_starts
        first, last = map(self._unit.written_place_of, (span[0], span[1] - 1))
        line, end_line = self._unit.raw[first], self._unit.raw[last]
        offsets = self._of(line.file)
        begin = offsets.of(line, span[0] - starts[first])
        return begin, offsets.of(end_line, span[1] - 1 - starts[last]) + 1

    def _of(self, file: str) -> Offsets:
        if file not in self._offsets:
            self._offsets[file] = Offsets(self._unit.texts[file])
        return self._offsets[file]


def _stretches(file: FileReader, starts: set[int]) -> dict[int, _Stretch]:
    """Return where the declarations are written that begin at *starts* in the preprocessed text."""
    found: dict[int, _Stretch] = {}
    macros: dict[str, Macro] = {}
    enter_events(file.unit.predefined, macros)
    passed = 0
    for chunk, end in file.chunks:
        if not any(each.start in starts for each in chunk):
            continue
        unit = file.unit
        first = unit.place_of(chunk[0].start)
        after = unit.place_of(end) if end < len(file.code) else len(unit.lines)
        for place in range(passed, first):
            enter_events(unit.events.get(place, ()), macros)
        tokens = _origins(file, chunk[0].start, end, first, after, macros)
        passed = after
        found |= _in_chunk(file, chunk, starts, tokens, first, after)
    return found


def _in_chunk(
    file: FileReader,
    chunk: list[Declaration],
    starts: set[int],
    tokens: list[tuple[int, int, int]] | None,
    first: int,
    after: int,
) -> dict[int, _Stretch]:
    """Return where those of *chunk* that begin at *starts* are written, on lines up to *after*."""
    unit = file.unit
    if tokens is None:
        if len(chunk) > 1:
            return {}
        text = "\n".join(line.code for line in unit.lines[first:after])
        begin = unit.written_starts[first]
        start, end = begin + len(text) - len(text.lstrip()), begin + len(text.rstrip())
        return {chunk[0].start: _Stretch(start, end, chunk[0], (), {})}
    places = [token[0] for token in tokens]
    written = {token[0]: token[1:] for token in tokens}
    spans: list[tuple[Declaration, int, int]] = []
    for each in chunk:
        own = tokens[bisect_left(places, each.start) : bisect_left(places, each.end)]
        if own:
            spans.append((each, own[0][1], _with_stray(file, own[-1][2])))
    found: dict[int, _Stretch] = {}
    for number, (each, start, end) in enumerate(spans):
        if each.start in starts:
            shares = tuple(
                _described(file.code, other)
                for other in _sharing(spans, number)
                if other.start not in starts
            )
            found[each.start] = _Stretch(start, end, each, shares, written)
    return found


def _sharing(spans: list[tuple[Declaration, int, int]], number: int) -> Iterator[Declaration]:
    """Yield the declarations that share a part of what is written with that of *number*.

    *spans* have where each is written, in order, so that they are its neighbours.
    """
    _each, start, end = spans[number]
    for other, _begin, last in reversed(spans[:number]):
        if last <= start:
            break
        yield other
    for other, begin, _last in spans[number + 1 :]:
        if begin >= end:
            break
        yield other


def _with_stray(file: FileReader, end: int) -> int:
    """Return the place after a semicolon that follows *end* and ends nothing, or *end*."""
    unit = file.unit
    place = unit.written_place_of(end - 1)
    rest = unit.lines[place].code[end - unit.written_starts[place] :]
    stray = _STRAY.match(rest)
    return end if stray is None else end + stray.end()


def _described(code: str, declaration: Declaration) -> str:
    """Return what *declaration* is, for messages."""
    if declaration.kind == FUNCTION:
        return f"function `{declaration.name}`"
    text = " ".join(code[declaration.start : declaration.end].split())
    return f"`{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}`"


def _origins(
    file: FileReader, start: int, end: int, first: int, after: int, macros: dict[str, Macro]
) -> list[tuple[int, int, int]] | None:
    """Return the tokens of the preprocessed text from *start* up to *end*, and where each was.

    That is where it begins and ends in the text of the lines from *first* up to *after*, or where
    the use of a macro does that made it. *macros* are those at *first*, and at *after* when this
    returns. None where the macros don't make what the preprocessor has made.
    """
    unit = file.unit
    emitted = [
        (match.start() + start, match[0])
        for match in TOKEN.finditer(file.code[start:end])
        if match.lastgroup != "comment"
    ]
    found: list[tuple[int, int, int]] = []
    places = [place for place in range(first, after) if place in unit.events]
    for begin, stop in zip((first, *places), (*places, after), strict=True):
        text = "\n".join(line.code for line in unit.lines[begin:stop])
        offset = unit.written_starts[begin]
        position = 0
        while (match := TOKEN.search(text, position)) is not None:
            position = match.end()
            if match.lastgroup == "comment" or match[0] == "\0":
                continue
            macro = macros.get(match[0])
            words = [match[0]]
            if macro is not None:
                if macro.parameters is not None:
                    position = end_of_brackets(text, position) or position
                use = text[match.start() : position]
                words = _expanded(use, macros, unit.raw[begin].number)
            elif match[0] == "_Pragma":
                position, words = end_of_brackets(text, position) or position, []
            for word in words:
                if len(found) == len(emitted):
                    return None
                place, other = emitted[len(found)]
                if word != other and not is_counted(word, other):
                    return None
                found.append((place, offset + match.start(), offset + position))
        enter_events(unit.events.get(stop, ()) if stop < after else (), macros)
    return found if len(found) == len(emitted) else None


def _expanded(text: str, macros: dict[str, Macro], line: int) -> list[str]:
    """Return the tokens that *macros* make of *text*; what can't be told is one that nobody has."""
    try:
        made = Expander(macros, _never, line=line).expanded(text)
    except CError:
        return [""]
    words: list[str] = []
    after = 0
    for token in tokens_of(made):
        if token.text == "_Pragma":
            after = end_of_brackets(made, token.start + len(token.text)) or after
        elif token.start >= after:
            words.append(token.text)
    return words


def _never(_macro: Macro) -> bool:
    return False


def _body(code: str, stretch: _Stretch) -> tuple[int, int] | None:
    """Return where the body of the type is written that the declaration of a variable begins with.

    None where the type has no name, or its body is part of what a macro makes.
    """
    declaration = stretch.declaration
    text = code[declaration.start : declaration.end]
    reader = DeclarationReader(text)
    word = next((at for at in range(reader.count) if reader.word(at) in TAG_WORDS), reader.count)
    brace = reader.find("{", word, reader.count)
    name = reader.after_attributes(word + 1)
    if brace >= reader.count or not reader.is_name(name, brace):
        return None
    last = reader.after_attributes(reader.closing[brace] + 1) - 1
    starts = [token.start + declaration.start for token in tokens_of(text)]
    first = stretch.tokens.get(starts[brace])
    after = stretch.tokens.get(starts[last])
    return None if first is None or after is None else (first[0], after[1])
