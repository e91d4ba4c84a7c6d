"""What the maps of a unit need: types, constants, prototypes and headers, and nothing else.

Names are followed from the maps through all that they lead to. What the unit declares comes along;
what it doesn't is built in, or comes from a header, which then stays an `include`.
"""

from __future__ import annotations

import re

from bpfgen.ctype.types import Int, underlying
from bpfgen.importer.from_c.attributes import LANGUAGE_MACROS, cleaned_type
from bpfgen.importer.from_c.comments import behind, plain
from bpfgen.importer.from_c.declarations import TAG_WORDS, declared_names, used_names
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.lines import GONE
from bpfgen.importer.from_c.macros import Expander, is_constant
from bpfgen.importer.repair import CONSTANTS, INCLUDES, TYPES, Item
from bpfgen.providers.prelude.load import Prelude
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.scope import C_KEYWORDS
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bpfgen.importer.from_c.comments import Comments
    from bpfgen.importer.from_c.macros import Macro
    from bpfgen.importer.from_c.unit import Include, Unit

LIBBPF_MACROS = frozenset(("SEC", "__uint", "__type", "__array", "__ulong"))
"""Macros of definitions; they are read as they are."""

UNNEEDED = re.compile(
    r"[<\"](?:bpf/.*|.*bpf_helpers\.h|linux/(?:bpf|types|stddef)\.h|std(?:int|def|bool)\.h)[>\"]"
)
"""Headers whose types are built in, or that have none, where clang can't be asked."""


_MOST_TYPEDEFS = 20
_INTEGER_WORDS = frozenset("char short int long signed unsigned __signed__".split())


def c_integer_of(words: str) -> tuple[int, bool] | None:
    """Return size and signedness of the integer that *words* are on the BPF target, or None."""
    listed = words.split()
    if not listed or not set(listed) <= _INTEGER_WORDS:
        return None
    size = 8 if "long" in listed else 2 if "short" in listed else 1 if "char" in listed else 4
    return size, "unsigned" not in listed


class TypeText(Record):
    """A type that the unit declares.

    Attributes:
        text: With comments; macros are expanded, but for constants.
        start: Its place in the text of the unit, for the order.
        place: The index of its line.
    """

    text: str
    start: int
    place: int
    doc: str


class Needs:
    """Collects what is needed; *tell* takes a place, a message, and whether it is a note."""

    def __init__(
        self, unit: Unit, comments: Comments, tell: Callable[[int, str, bool], None]
    ) -> None:
        self._unit = unit
        self._comments = comments
        self._tell = tell
        self._prelude = Prelude.shared()
        self._counter = [0]
        self._line = 0
        self._typedefs_of_headers: set[str] = set()
        self._asked: dict[str, bool] = {}
        self._are_constants: dict[Macro, bool] = {}
        self._constants: dict[str, Macro] = {}
        self._bodies: dict[str, str] = {}
        self.macros: dict[str, Macro] = {}
        self.types: dict[str, TypeText] = {}
        self.typedefs: set[str] = set()
        self.retyped_names: dict[str, str] = {}
        self.included: set[str] = set()
        for macro in unit.predefined:
            self.macros[macro.name] = macro

    def pass_line(self, place: int) -> None:
        """Take what the line *place* says of macros into account."""
        self._line = self._unit.raw[place].number if place < len(self._unit.raw) else 0
        for event in self._unit.events.get(place, ()):
            if isinstance(event, str):
                self.macros.pop(event, None)
            elif event.name in LIBBPF_MACROS or (event.name in LANGUAGE_MACROS and event.body):
                self.macros.pop(event.name, None)
            else:
                self.macros[event.name] = event

    def expanded(self, text: str, *, wholly: bool = False) -> str:
        """Return *text* with macros expanded; constants keep their names, unless *wholly*.

        Raises:
            CError: They can't be expanded.
        """
        expander = Expander(
            self.macros,
            (lambda _macro: False) if wholly else self._keeps,
            self._counter,
            self._line,
        )
        found = expander.expanded(text)
        for name, macro in expander.kept.items():
            if name not in self._bodies:
                self._constants[name] = macro
                self._bodies[name] = ""
                self._bodies[name] = self.expanded(macro.body)
        return found

    def _keeps(self, macro: Macro) -> bool:
        """Whether the name of *macro* stays: it is a constant, and the one of that name."""
        if self._constants.get(macro.name, macro).body != macro.body:
            return False
        built_in = self._prelude.find_constant(macro.name)
        if built_in is not None and macro.header < 0:
            return _plain_number(macro.body) == built_in.value
        if macro not in self._are_constants:
            self._are_constants[macro] = is_constant(macro, self.macros, self._is_type)
        return self._are_constants[macro]

    def _is_type(self, name: str) -> bool:
        """Whether *name* is that of a type, as far as is known."""
        if name in self.typedefs or self._prelude.find_type("typedef", name) is not None:
            return True
        if name not in self._asked:
            self._asked[name] = any(
                f" {name};" in line and line.lstrip().startswith(("typedef", "}"))
                for include in self._unit.includes
                if include.header is not None
                for line in include.header.lines
            )
        return self._asked[name]

    def add_type(self, text: str, declared: str, start: int, place: int, doc: str) -> None:
        """Note the type declaration *text*; *declared* is the same without comments."""
        found = declared_names(declared)
        made = TypeText(text, start, place, doc)
        for name in found.names:
            self.types.setdefault(name, made)
        self.typedefs.update(found.typedefs)

    def items(self, texts: Iterable[str], *, every_include: bool) -> list[tuple[int, Item]]:
        """Return what *texts* need, each with its place for the order.

        With *every_include*, the headers are all those up to the last that is needed.
        """
        used: dict[str, None] = {}
        pending = list(texts)
        types: dict[TypeText, None] = {}
        constants: dict[str, Macro] = {}
        outside: list[str] = []
        while pending:
            for name in used_names(pending.pop()):
                if name in used:
                    continue
                used[name] = None
                made = self.types.get(name) or self._bare(name)
                if made is not None and not self._is_built_in(name):
                    types[made] = None
                    pending.append(made.text)
                elif name in self._constants and not self._is_built_in(name):
                    macro = self._constants[name]
                    if macro.header < 0:
                        constants[name] = macro
                        pending.append(f"({self._bodies[name]})")
                    else:
                        outside.append(name)
                elif not self._is_built_in(name):
                    outside.append(name)
        self._retype(used)
        return [
            *self._include_items(outside, every_include=every_include),
            *self._constant_items(constants),
            *self._type_items(types),
        ]

    def _retype(self, used: Iterable[str]) -> None:
        """Note the typedefs among *used* that are built in, but other integers in the C."""
        for name in used:
            if " " in name or name in self.retyped_names:
                continue
            built_in = self._prelude.find_type("typedef", name)
            bare = underlying(built_in) if built_in is not None else None
            base = self._typedef_base(name) if isinstance(bare, Int) else ""
            integer = self._integer(base) if base else None
            if isinstance(bare, Int) and integer not in (None, (bare.size, bare.signed)):
                self.retyped_names[name] = base

    def _typedef_base(self, name: str) -> str:
        """Return what the C says that the typedef *name* is, if it is of words alone."""
        pattern = re.compile(rf"\btypedef\s+([\w\s]+?)\s+{name}\s*;")
        made = self.types.get(name)
        found = pattern.search(made.text[:2000]) if made is not None else None
        for include in self._unit.includes if made is None else ():
            for line in include.header.lines if include.header is not None else ():
                if found is None and name in line:
                    found = pattern.search(line)
        return found[1] if found is not None else ""

    def _integer(self, base: str) -> tuple[int, bool] | None:
        """Return size and signedness of the integer that *base* is, or None."""
        for _ in range(_MOST_TYPEDEFS):
            integer = c_integer_of(base)
            if integer is not None or not base.isidentifier():
                return integer
            base = self._typedef_base(base) or base
            built_in = self._prelude.find_type("typedef", base)
            if built_in is not None and base not in self.types:
                bare = underlying(built_in)
                return (bare.size, bare.signed) if isinstance(bare, Int) else None
        return None

    def retyped(self, text: str) -> str:
        """Return *text* with typedefs that are other integers here as those integers."""
        for name, base in self.retyped_names.items():
            text = re.sub(rf"\b(?<!struct ){name}\b", base, text)
        return text

    def _bare(self, name: str) -> TypeText | None:
        """Return the struct of the tag *name*: `foo` for `struct foo`, as the language allows."""
        if name in self._constants or " " in name:
            return None
        return next(
            (self.types[each] for word in TAG_WORDS if (each := f"{word} {name}") in self.types),
            None,
        )

    def _is_built_in(self, name: str) -> bool:
        """Whether *name* is the prelude's, or C's."""
        word, _, tag = name.partition(" ")
        if tag:
            return self._prelude.find_type(word, tag) is not None
        return (
            name in C_KEYWORDS
            or name in LANGUAGE_MACROS
            or self._prelude.find_constant(name) is not None
            or self._prelude.find_type("typedef", name) is not None
        )

    def _type_items(self, types: Iterable[TypeText]) -> list[tuple[int, Item]]:
        items = []
        for made in types:
            text, dropped = cleaned_type(plain(self.retyped(made.text)))
            for name in dropped:
                self._tell(made.place, f"the attribute `{name}` of a type is left out", True)  # noqa: FBT003 -- a note
            text = _tidy(text)
            what = f"`{' '.join(text.partition('{')[0].split()).rstrip(';')}`"
            place = self._place(made.place)
            items.append((made.start, Item(f"{made.doc}{text}\n", "", what, TYPES, {}, place)))
        return items

    def _constant_items(self, constants: dict[str, Macro]) -> list[tuple[int, Item]]:
        items = []
        for name, macro in constants.items():
            doc = comment = place = ""
            start = -1
            if macro.line >= 0:
                line = self._unit.raw[macro.line]
                start = self._unit.starts[macro.line]
                doc = self._comments.above(start)
                comment = behind(line.code, line.text)
                place = self._place(macro.line)
            body = " ".join(self._bodies[name].split())
            text = f"{doc}const {name} = {body};{comment}\n"
            items.append((start, Item(text, "", f"`const {name}`", CONSTANTS, {}, place)))
        return items

    def _include_items(self, outside: list[str], *, every_include: bool) -> list[tuple[int, Item]]:
        """Return the headers that declare the names *outside*, in the order of the unit."""
        includes = self._unit.includes
        if not self._unit.is_preprocessed:
            chosen = (
                [
                    include
                    for include in includes
                    if UNNEEDED.fullmatch(include.name) is None and not self._is_missing(include)
                ]
                if outside or every_include
                else []
            )
        else:
            chosen = []
            for name in outside:
                found = self._include_of(name)
                if found is not None and found not in chosen:
                    chosen.append(found)
            if every_include and chosen:
                last = max(include.place for include in chosen)
                chosen = [
                    include
                    for include in includes
                    if include.place <= last and not self._is_missing(include)
                ]
        self.included = {include.name[1:-1] for include in chosen}
        texts = {include.name: include for include in sorted(chosen, key=lambda each: each.place)}
        return [
            (
                -len(includes) - 2 + number,
                Item(
                    *(f"include {name};\n", "", f"`include {name}`", INCLUDES, {}),
                    self._place(include.place),
                    Subject("include", name[1:-1]),
                ),
            )
            for number, (name, include) in enumerate(texts.items())
        ]

    def _is_missing(self, include: Include) -> bool:
        return include.name[1:-1] in self._unit.missing

    def struct_of(self, typedef: str) -> str:
        """Return the tag of the struct that *typedef* is another name of, or *typedef* itself."""
        made = self.types.get(typedef)
        pattern = rf"typedef\s+struct\s+(\w+)\s+{re.escape(typedef)}\s*;"
        found = re.match(pattern, made.text) if made is not None else None
        return typedef if found is None else found[1]

    def header_of(self, struct: str) -> str | None:
        """Return the name of the header that declares a struct or typedef, as included, or None."""
        found = self._include_of(f"struct {struct}") or self._include_of(struct)
        return None if found is None else found.name[1:-1]

    def _include_of(self, name: str) -> Include | None:
        """Return the first `#include` whose header declares *name*, or None."""
        macro = self._constants.get(name)
        if macro is not None and macro.header >= 0:
            return next((i for i in self._unit.includes if i.place == macro.header), None)
        word, _, tag = name.partition(" ")
        if tag:
            pattern = re.compile(rf"\b{word}\s+(?:__attribute__.*?\)\)\s*)?{tag}\b\s*(?:$|[{{:])")
        else:
            pattern = re.compile(
                rf"(?:^|[\s*}}]){name}\s*(?:\[\w*\]\s*)*;|^.*typedef\b.*\b{name}\b"
                rf"|(?:^|[,{{])\s*{name}\s*(?:=|,|$|\}})"
                rf"|\b(?:struct|union|enum)\s+{name}\b\s*(?:$|[{{:])"
            )
        searched = tag or name
        for include in self._unit.includes:
            lines = include.header.lines if include.header is not None else ()
            if any(searched in line and pattern.search(line) for line in lines):
                return include
        return None

    def _place(self, place: int) -> str:
        return self._unit.where(place)


def _plain_number(text: str) -> int | None:
    """Return the value of *text* if it is one number, in brackets or not."""
    try:
        return int(text.strip("() \t").rstrip("uUlL"), 0)
    except ValueError:
        return None


def _tidy(text: str) -> str:
    """Return a declaration indented as the rest, without blanks at line ends."""
    lines = []
    for line in text.split("\n"):
        if GONE in line:
            continue
        body = line.lstrip(" \t")
        indent = line[: len(line) - len(body)].replace("\t", "    ")
        lines.append(indent + re.sub(r"[ \t]*\t[ \t]*", " ", body).rstrip())
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def prototype(head: str, name: str) -> str:
    """Return the prototype of the program *name* whose definition begins with *head*."""
    returns = r"((?:\b(?:const|unsigned|signed|long|struct|enum|union)\s+)*\b\w+[\s*]+)"
    found = re.search(rf"{returns}{name}\s*(\([^()]*(?:\([^()]*\)[^()]*)*\))\s*$", head[-2000:])
    if found is None:
        return f"int {name}(void *ctx)"
    return " ".join(f"{found[1]}{name}{found[2]}".split())


__all__ = ["CError", "Needs", "TypeText", "prototype"]
