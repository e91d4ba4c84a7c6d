"""The declarations of a source that is being written, as text: what both ways of import end in."""

from __future__ import annotations

from itertools import groupby
from textwrap import wrap

from bpfgen.importer.branches import INDENT, macros_of, moved
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.syntax.formatting.format import format_text
from bpfgen.syntax.lexer import scan
from bpfgen.syntax.parser import current_tables
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.compiler import Compilation
    from bpfgen.importer.branches import Within
    from bpfgen.object.records import ObjectFile
    from bpfgen.record import Uncompared
    from bpfgen.text.diagnostics import Diagnostic, Subject

INCLUDES, CONSTANTS, TYPES, PROGRAMS, TEMPLATES, MAPS = range(6)
"""Groups of declarations, each apart from the others in the text."""

_WIDTH = 100


class Imported(Record):
    """What an object, or C, came to.

    Attributes:
        text: The source; empty where no map could be expressed.
        diagnostics: What was changed, lost or allowed on the way, in the order of the object.
        compilation: What the text came to, with the types that were asked for; None where there is
            no text.
        dependencies: The headers that were read on the way.
        taken: What of C the text was taken from, in the order of the text; empty for an object.
        located: The declarations, each with its place in C, in the order of the text.
        read: The C files that were read as one, as they were found, the imported one first.
        object: What clang makes of the C, or why there is nothing; None without clang.
        unfolded: Typedefs that the source has what they stand for instead of.
        refused: What clang refuses in C, so that there may be more in it: errors.
    """

    text: str
    diagnostics: list[Diagnostic]
    compilation: Uncompared[Compilation | None] = None
    dependencies: tuple[str, ...] = ()
    taken: Uncompared[tuple[Taken, ...]] = ()
    located: Uncompared[tuple[Located, ...]] = ()
    read: tuple[str, ...] = ()
    object: Uncompared[ObjectFile | str | None] = None
    unfolded: tuple[str, ...] = ()
    refused: tuple[Diagnostic, ...] = ()


class Undecided(Record):
    """A condition of C that a build decides, and of which the source has one case.

    Attributes:
        directive: As written: `#ifdef MODE`.
        macro: What a build gives, or doesn't.
        where: `file:line: `.
        is_default: It does nothing but define the macro where nobody has.
    """

    directive: str
    macro: str
    where: str
    is_default: bool


class Taken(Record):
    """What of a C file a declaration of the source was taken from.

    Offsets count characters of the file's text as it was read, from 0.

    Attributes:
        path: The file: that which is imported, or a header that was read as part of it.
        start: Where the declaration begins; of a type that stands in the declaration of a variable,
            where its body does.
        end: After its semicolon; of a `#define`, after its last token; of a body, after that and
            its attributes. Two declarations of the source may have the same stretch of C.
        what: :data:`MAP`, :data:`TYPE` and so on, below.
        name: Of what is declared: `flows`, `struct flow`, `MAX_FLOWS`.
        doc: Where the comment above it stands that became its doc comment, or None.
        is_own: The file is the one that is imported.
        trailing: Where the comment at the end of its line stands that the source has, or None.
        shares: What else the same stretch of C makes and the source doesn't, in words.
        conditions: How many of the conditionals around it the source has.
        undecided: What a build decides about it, and the source doesn't.
    """

    path: str
    start: int
    end: int
    what: str
    name: str
    doc: tuple[int, int] | None
    is_own: bool
    shares: tuple[str, ...] = ()
    trailing: tuple[int, int] | None = None
    conditions: int = 0
    undecided: tuple[Undecided, ...] = ()


MAP, TYPE, CONSTANT, DEFINITION = "map", "type", "constant", "definition"
"""What a declaration of C is: a definition struct is a template of the source."""

PROTOTYPE, PAIR = "prototype", "pair"
"""Of a program in a slot; the BPF_ANNOTATE_KV_PAIR of a legacy map."""


class Origin(Record):
    """A declaration of C, by its place in the unit that was read.

    Attributes:
        what: :data:`MAP`, :data:`TYPE` and so on.
        start: Where it begins in the preprocessed text; of a constant, the index of its line.
        is_body: The declaration goes on after the type, and declares a variable.
        conditions: How many of the conditionals around it the source has.
    """

    what: str
    name: str
    start: int
    is_body: bool = False
    conditions: int = 0


class Item(Record):
    """One declaration of the source.

    Attributes:
        name: Of the map, or empty.
        what: In words, for messages.
        group: Items of one group stand together.
        allowances: The codes that are allowed in it, in the order in which they came up.
        place: Where it comes from, for messages: `file:line: `, or empty.
        subject: What a diagnostic is about that leaves it out.
        origins: The declarations of C that it was made from.
        within: The branches that it stands in, the outermost first.
        names: Of an include, those that are needed of it: `struct flow`, `flow_t`; of a template, a
            program and a constant, its own.
        header: Of an include, the path of the header; empty where nobody found it.
        macros: What conditions inside of its text ask for.
    """

    text: str
    name: str
    what: str
    group: int
    allowances: tuple[str, ...] = ()
    place: str = ""
    subject: Subject | None = None
    origins: tuple[Origin, ...] = ()
    within: tuple[Within, ...] = ()
    names: tuple[str, ...] = ()
    header: str = ""
    macros: tuple[str, ...] = ()


class Placed(Record):
    """A declaration of a unit of C.

    Attributes:
        place: The line of C that it begins on; before all of them is -1.
        last: The line that it ends on.
        order: What comes first on one line: programs, types and constants, then maps.
    """

    place: int
    last: int
    order: int
    item: Item


class Located(Record):
    """A declaration of a source, and where it stands in C.

    Attributes:
        path: The file; empty where it stands in none, and for an include.
        line: The number of its line there.
    """

    item: Item
    path: str
    line: int


def grouped(items: Iterable[Item]) -> list[Item]:
    """Return *items* with what stands in the same branches side by side, as far as order allows.

    Forms of declarations that follow each other are in branches of the same conditions, and can
    change places with what is in another of them.
    """
    return [item for _chain, run in groupby(items, key=_chain) for item in sorted(run, key=_branch)]


def _chain(item: Item) -> tuple[tuple[Within, ...], tuple[int, ...]] | Item:
    """Return what a declaration shares with those that it can change its place with."""
    if not item.within or item.within[-1].is_of_c:
        return item
    return item.within[:-1], item.within[-1].chain


def _branch(item: Item) -> int:
    return item.within[-1].branch if item.within else 0


def source_text(items: Iterable[Item], name: str) -> tuple[str, dict[int, int]]:
    """Return the source of *items*, and by line, from 1, the index of the one that it belongs to.

    It is as `bpfgen fmt` writes it. *name* is what they were imported from.
    """
    text, item_at = _assembled(items, name)
    formatted = format_text(text)
    if formatted is None or formatted == text:  # what can't be parsed is left out later
        return text, item_at
    pairs = zip(_lines_of_tokens(text), _lines_of_tokens(formatted), strict=True)
    return formatted, {new: item_at[old] for old, new in pairs if old in item_at}


def _lines_of_tokens(text: str) -> Iterator[int]:
    """Return the line of each token of *text*."""
    source = Source("", text)
    tokens, _is_whole = scan(source, current_tables(), Report())
    return map(source.line_number, tokens.starts)


def _assembled(items: Iterable[Item], name: str) -> tuple[str, dict[int, int]]:
    """Return what :func:`source_text` does, in whatever form the items have."""
    items = list(items)
    what = "maps" if any(item.group == MAPS for item in items) or not items else "types"
    lines = [f"/// The {what} of {name}."]
    asked = ((*macros_of(item.within), *item.macros) for item in items)
    macros = dict.fromkeys(name for names in asked for name in names)
    if macros:
        lines += ("", *wrap(f"macro {', '.join(macros)};", _WIDTH, subsequent_indent="    "))
    item_at: dict[int, int] = {}
    before: Item | None = None
    around: tuple[Within, ...] = ()
    for index, item in enumerate(items):
        closing, opening = moved(around, item.within)
        lines += closing
        own = item.text.rstrip("\n").split("\n")
        is_short = len(own) == 1 and not item.allowances
        is_first = opening[:1] and opening[0].lstrip().startswith("}")
        if not is_first and (
            before is None
            or before.group != item.group
            or not is_short
            or len(before.text.rstrip("\n").split("\n")) > 1
            or before.allowances
            or around != item.within
        ):
            lines.append("")
        for line in opening:
            lines.append(line)
            item_at[len(lines)] = index
        before, around = item, item.within
        indent = INDENT * len(around)
        # Above a declaration, they hold for the whole of it.
        lines += (
            f"{indent}// bpfgen: allow {code} because {name} has it so" for code in item.allowances
        )
        for line in own:
            lines.append(indent + line if line else line)
            item_at[len(lines)] = index
    lines += moved(around, ())[0]
    return "\n".join(lines) + "\n", item_at
