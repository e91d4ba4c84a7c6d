"""What is cut out of a program: the stretches that a source was taken from, and what they leave.

Third of a replacement. What can't be cut is an error that says what to do by hand: a macro that
makes a map and something else, a map in a header, or under a condition that the source hasn't and
that a build may decide otherwise.
"""

from __future__ import annotations

import re

from bpfgen.importer.from_c.lines import Offsets
from bpfgen.importer.from_c.macros import TOKEN
from bpfgen.importer.from_c.preprocessing import included
from bpfgen.importer.items import CONSTANT, DEFINITION, MAP, PROTOTYPE, TYPE
from bpfgen.importer.replacing.placing import Layout
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import NOTE, Diagnostic
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from typing import TypeAlias

    from bpfgen.importer.items import Taken, Undecided
    from bpfgen.importer.replacing.placing import Conditional
    from bpfgen.text.source import Source

    Stretch: TypeAlias = tuple[int, int]

_DOCUMENTED = (MAP, TYPE, CONSTANT, DEFINITION)
_OF_COMPILER = re.compile(r"defined|__(?:clang_*\w*|GNUC_*\w*|STDC_\w+|bpf__|BPF__)")
_NO_PROTOTYPE = re.compile(r"\b(?:SEC|static|inline|extern|__\w+)\b")


class Cuts(Record):
    """What is cut out of one text: stretches of it.

    Attributes:
        constants: `#define`s, which may stay: other lines may need them before the header.
        others: What has to go.
        unused: Macros that nothing needs any more.
        diagnostics: Why something can't be cut, in errors, and what is left, in notes.
    """

    constants: tuple[Stretch, ...]
    others: tuple[Stretch, ...]
    unused: tuple[Stretch, ...]
    diagnostics: tuple[Diagnostic, ...]


def cuts_of(taken_from_it: Iterable[Taken], source: Source, unguarded: Container[str] = ()) -> Cuts:
    """Return what is cut out of the C *source*, of which sources have *taken_from_it*.

    Headers that are *unguarded* can't be included twice, and a generated header includes them.
    """
    layout = Layout(source.text)
    constants: list[Stretch] = []
    others: list[Stretch] = []
    diagnostics: list[Diagnostic] = []
    choices: dict[Undecided, Taken] = {}
    for taken in dict.fromkeys(taken_from_it):
        around = layout.around(taken.start)
        if taken.what == PROTOTYPE:
            # Where it stays, the header says the same once more.
            if not (around or taken.shares or _is_more(taken, source)):
                others.append((taken.start, taken.end))
            continue
        wrong = _refusal(taken, source, around)
        if wrong is not None:
            diagnostics.append(wrong)
        elif taken.undecided:
            choices.update({each: taken for each in taken.undecided if each not in choices})
        elif taken.what != CONSTANT:
            others += _with_comments(taken, source)
        elif not around and not _is_undone(source, taken.name):
            constants += _with_comments(taken, source)
    diagnostics += (_choice(taken, each, source) for each, taken in choices.items())
    others += _includes(layout, source.text, unguarded)
    unused, left = _unused_macros(layout, source, [*constants, *others])
    diagnostics += left
    return Cuts(tuple(constants), tuple(others), tuple(unused), tuple(diagnostics))


def _includes(layout: Layout, text: str, names: Container[str]) -> Iterator[Stretch]:
    """Yield where the headers *names* are included."""
    offsets = Offsets(text)
    for line in layout.lines:
        if included(line) in names:
            start = len(line.code) - len(line.code.lstrip())
            yield offsets.of(line, start), offsets.of(line, len(line.code.rstrip()) - 1) + 1


def _with_comments(taken: Taken, source: Source) -> list[Stretch]:
    """Return the stretch of *taken*, and those of comments that went into the source with it."""
    stretches = [(taken.start, taken.end)]
    is_body = source.text[taken.start] == "{"
    if taken.doc is not None and taken.what in _DOCUMENTED and not is_body:
        stretches.append(taken.doc)
    if taken.trailing is not None:
        stretches.append(taken.trailing)
    return stretches


def _choice(taken: Taken, found: Undecided, source: Source) -> Diagnostic:
    """Return the error that a build decides about *taken* what is *found*, and its source can't."""
    called, macro = f"{taken.what} `{taken.name}`", found.macro
    span = Span(source, taken.start, taken.end)
    asked = f"{found.where}`{found.directive}`"
    advice = f"-D {macro}=VALUE or -U {macro}, as all builds have it"
    if found.is_default:
        return Diagnostic(
            "replace-constant",
            f"{called} depends on `{macro}`, which a build may give with -D ({asked}); the source "
            "would have one value of it",
            span,
            help=f"{advice}; or move the constant into a source by hand",
        )
    return Diagnostic(
        "replace-place",
        f"{called} depends on `{macro}`, which a build decides ({asked}); the source has one case "
        "of it",
        span,
        help=f"{advice}; or take it out of the condition",
    )


def _is_more(prototype: Taken, source: Source) -> bool:
    """Whether *prototype* says more than what a function takes and returns."""
    return _NO_PROTOTYPE.search(source.text, prototype.start, prototype.end) is not None


def _refusal(taken: Taken, source: Source, around: Sequence[Conditional]) -> Diagnostic | None:
    """Return why the declaration *taken* can't be cut out, which has *around* it, or None."""
    called = f"{taken.what} `{taken.name}`"
    span = Span(source, taken.start, taken.end)
    if taken.shares:
        return Diagnostic(
            "replace-shared",
            f"what makes {called} makes something else, too: {', '.join(taken.shares)}",
            span,
            help="write the definition of the map apart from it",
        )
    undecided = sum(not _is_compilers(each) for each in around)
    if undecided > taken.conditions and taken.what != CONSTANT:
        return Diagnostic(
            "replace-place",
            f"{called} stands under `#{around[-1].conditions[0]}`, which the source doesn't have",
            span,
            help="take it out of the condition",
        )
    return None


def _is_compilers(conditional: Conditional) -> bool:
    """Whether only what the compiler itself defines decides *conditional*: it's as it was, after.

    Its other branches stay where they are.
    """
    names = [
        match["name"]
        for condition in conditional.conditions
        for match in TOKEN.finditer(condition.partition(" ")[2])
        if match["name"] is not None
    ]
    return bool(names) and all(_OF_COMPILER.fullmatch(name) is not None for name in names)


def _is_undone(source: Source, name: str) -> bool:
    """Whether the macro *name* is undefined, or defined anew, somewhere."""
    again = re.compile(rf"^[ \t]*#[ \t]*(?:undef|define)[ \t]+{re.escape(name)}\b", re.MULTILINE)
    return len(again.findall(source.text)) > 1


def _unused_macros(
    layout: Layout, source: Source, stretches: list[Stretch]
) -> tuple[list[Stretch], list[Diagnostic]]:
    """Return the macros that only *stretches* have used, and notes on those of them that stay.

    Those stay that have a comment, or stand under a condition.
    """
    macros = {
        name: span for name, span in _macros(layout, source.text).items() if span not in stretches
    }
    cut: list[Stretch] = []
    left: dict[str, Diagnostic] = {}
    while True:
        kept, gone = _names(layout, [*stretches, *cut])
        unused = [
            name
            for name, span in macros.items()
            if name in gone and kept.get(name) == 1 and span not in cut and name not in left
        ]
        if not unused:
            return cut, list(left.values())
        for name in unused:
            start, end = macros[name]
            if _has_comment(layout, start, end) or layout.around(start):
                message = f"the macro `{name}` is used by nothing any more, and is left"
                span = Span(source, start, end)
                left[name] = Diagnostic("replace-left", message, span, severity=NOTE)
            else:
                cut.append((start, end))


def _macros(layout: Layout, text: str) -> dict[str, Stretch]:
    """Return where macros are defined that are defined once, by name."""
    offsets = Offsets(text)
    found: dict[str, Stretch] = {}
    again: set[str] = set()
    for line in layout.lines:
        directive = line.directive
        if directive is None or directive[0] != "define":
            continue
        name = TOKEN.match(directive[1])
        if name is None:
            continue
        if name[0] in found:
            again.add(name[0])
        start = len(line.code) - len(line.code.lstrip())
        end = offsets.of(line, len(line.code.rstrip()) - 1) + 1
        found[name[0]] = offsets.of(line, start), end
    return {name: stretch for name, stretch in found.items() if name not in again}


def _names(layout: Layout, stretches: Iterable[Stretch]) -> tuple[dict[str, int], set[str]]:
    """Return how often each name stands outside of *stretches*, and the names within them."""
    kept: dict[str, int] = {}
    gone: set[str] = set()
    inside = sorted(stretches)
    number = 0
    for line, start in zip(layout.lines, layout.starts, strict=False):
        for match in TOKEN.finditer(line.code):
            if match["name"] is None:
                continue
            place = start + match.start()
            while number < len(inside) and inside[number][1] <= place:
                number += 1
            if number < len(inside) and inside[number][0] <= place:
                gone.add(match[0])
            else:
                kept[match[0]] = kept.get(match[0], 0) + 1
    return kept, gone


def _has_comment(layout: Layout, start: int, end: int) -> bool:
    """Whether a comment stands right above what is from *start* to *end*, or within its lines."""
    first, last = layout.line_of(start), layout.line_of(end - 1)
    lines = layout.lines[max(first - 1, 0) : last + 1]
    if (first and not lines[0].text.strip()) or (first and lines[0].code.strip()):
        lines = lines[1:]
    return any(line.code != line.text for line in lines)
