"""What the maps of a unit need: types, constants, prototypes and headers, and nothing else.

Names are followed from the maps through all that they lead to. What the unit declares comes along;
what it doesn't is built in, or comes from a header, which then stays an `include`.
"""

from __future__ import annotations

import re

from bpfgen.ctype.types import Int, underlying
from bpfgen.importer.from_c.attributes import LANGUAGE_MACROS, cleaned_type, without_attributes
from bpfgen.importer.from_c.comments import plain, trailing
from bpfgen.importer.from_c.declarations import TAG_WORDS
from bpfgen.importer.from_c.declarators import DeclarationReader
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.headers import HeaderNames
from bpfgen.importer.from_c.lines import GONE
from bpfgen.importer.from_c.lone_types import body_of, lone_types_first
from bpfgen.importer.from_c.packing import packed
from bpfgen.importer.from_c.trees import (
    declared_names,
    integer_words,
    names_by_use,
    parsed,
    struct_named,
    used_names,
)
from bpfgen.importer.items import CONSTANT, CONSTANTS, INCLUDES, TYPE, TYPES, Item, Origin
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.scope import C_KEYWORDS
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from bpfgen.importer.from_c.comments import Comments
    from bpfgen.importer.from_c.unit import Include, Unit
    from bpfgen.importer.from_c.written import Constant
    from bpfgen.record import Uncompared
    from bpfgen.syntax.tree import Item as DeclarationTree

_MOST_TYPEDEFS = 20
_USER = "__bpfgen_user_"
"""What the names of declarations begin with that use something, and are nowhere else."""

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
        is_part: Its declaration goes on after it.
        items: The same as the parser of the language reads it.
    """

    text: str
    start: int
    place: int
    doc: str
    is_part: bool
    items: Uncompared[list[DeclarationTree]]


class Needs:
    """Collects what is needed; *note* takes a place, a message, and whether to say it once.

    Attributes:
        constants: The macros whose names stay, by name.
        types: What declares each type and enumerator of the unit.
        typedefs: The names of those that are typedefs.
        retyped_names: Typedefs that are other integers in the C, and what they are there.
        included: The headers that were needed last.
        used: All names that were needed last.
    """

    def __init__(
        self, unit: Unit, comments: Comments, note: Callable[[int, str, bool], None]
    ) -> None:
        self._unit = unit
        self._comments = comments
        self._note = note
        self._prelude = Prelude.shared()
        self._headers = HeaderNames(unit)
        self.constants: Mapping[str, Constant] = {}
        self.types: dict[str, TypeText] = {}
        self.typedefs: set[str] = set()
        self.retyped_names: dict[str, str] = {}
        self.included: set[str] = set()
        self.used: frozenset[str] = frozenset()

    def is_type(self, name: str) -> bool:
        """Return whether *name* is that of a type, as far as is known."""
        if name in self.typedefs or self._prelude.find_type("typedef", name) is not None:
            return True
        return self._headers.has_type(name)

    def is_enumerator(self, name: str) -> bool:
        """Return whether *name* is that of an enumerator, as far as is known."""
        if name in self.types:
            return name not in self.typedefs
        return not self.is_type(name) and self._headers.has_enumerator(name)

    def called(self, kinds: Iterable[str], name: str) -> list[str]:
        """Return the types of C called *name*: `name` for a typedef, `struct name` for a tag.

        Args:
            kinds: Of what: `typedef`, `struct`, `union`, `enum`.
            name: Without a word before it.
        """
        types = [name if kind == "typedef" else f"{kind} {name}" for kind in kinds]
        return [
            type
            for type in types
            if (
                type in self.types or self._headers.include_of(type) is not None
                if " " in type
                else self.is_type(type)
            )
        ]

    def reads(self, text: str) -> bool:
        """Return whether the language reads the declaration *text*, with names as C has them.

        What stands for a type has to be one: in C it may be a variable, of `typeof` or `sizeof`,
        whatever else has its name, a struct's tag or member among it. Names of numbers have to be
        constants.
        """
        pending = [text]
        seen: set[str] = set()
        while pending:
            used = names_by_use(pending.pop())
            if used is None or not all(map(self._is_c_type, used.types)):
                return False
            for name in used.constants.keys() - seen:
                seen.add(name)
                constant = self.constants.get(name)
                if constant is not None:
                    if constant.macro.header < 0:
                        pending.append(f"const {name} = {constant.body};")
                elif not self._is_value(name) and not self._is_c_type(name):  # the T of a cast
                    return False
        return True

    def lone_tag(self, type: str) -> str:
        """Return the tag that the C type *type* has without its word, or an empty text.

        The language would take it for the struct; in C it is something else, a variable perhaps.
        """
        used = names_by_use(f"map m: array<int, {type}>[1];")
        return next((n for n in used.types if self._is_lone_tag(n)), "") if used else ""

    def _is_lone_tag(self, name: str) -> bool:
        if self._is_c_type(name):
            return False
        return self._bare(name) is not None or self._headers.has_tag(name)

    def _is_c_type(self, name: str) -> bool:
        """Whether *name*, alone, is that of a type in C: no tag."""
        return name == "bool" or self.is_type(name)

    def _is_value(self, name: str) -> bool:
        """Whether *name* is that of an enumerator, or of a constant that is built in."""
        return self.is_enumerator(name) or self._prelude.find_constant(name) is not None

    def add_type(
        self,
        text: str,
        declared: str,
        start: int,
        place: int,
        doc: str,
        *,
        is_part: bool = False,
    ) -> None:
        """Note the type declaration *text*; *declared* is the same without comments.

        With *is_part*, the declaration that begins at *start* goes on after the type.
        """
        if self._unit.packing.is_packed(place):
            text, declared = packed(text), packed(declared)
        readable, _attributes = cleaned_type(declared)
        items = parsed(readable)
        type_text = TypeText(text, start, place, doc, is_part, items)
        names = declared_names(items)
        for name in names.names if items else _first_names(readable):
            self.types.setdefault(name, type_text)
        self.typedefs.update(names.typedefs)

    def types_in(self, files: Container[str]) -> list[str]:
        """Return declarations that use each type that stands in one of *files*, real paths."""
        return [
            f"{name};"
            if " " in name
            else f"typedef {name} {_USER}{number};"
            if name in self.typedefs
            else f"const {_USER}{number} = {name};"
            for number, (name, type_text) in enumerate(self.types.items())
            if self._unit.stands_in(type_text.place, files)
        ]

    def items(
        self,
        texts: Iterable[str],
        known: Container[str],
        names: Iterable[str] = (),
        *,
        every_include: bool,
    ) -> list[tuple[int, Item]]:
        """Return what *texts*, declarations of the language, need, each with its place.

        The names that are *known* are none that they need; *names* are some more that are. With
        *every_include*, the headers are all those up to the last that is needed.
        """
        used: dict[str, None] = {}
        pending: list[Iterable[str]] = [names]
        pending += (used_names(parsed(text)) for text in texts)
        types: dict[TypeText, None] = {}
        constants: list[str] = []
        outside: list[str] = []
        while pending:
            for name in pending.pop():
                if name in used or name in known:
                    continue
                used[name] = None
                type_text = self.types.get(name) or self._bare(name)
                if type_text is not None and not self._is_built_in(name):
                    types[type_text] = None
                    pending.append(used_names(type_text.items))
                elif name in self.constants and not self._is_built_in(name):
                    constant = self.constants[name]
                    if constant.macro.header < 0:
                        constants.append(name)
                        pending.append(used_names(parsed(f"const {name} = {constant.body};")))
                    else:
                        outside.append(name)
                elif not self._is_built_in(name):
                    outside.append(name)
        self._retype(used)
        self.used = frozenset(used)
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
            integer = self.integer(base) if base else None
            if isinstance(bare, Int) and integer not in (None, (bare.size, bare.signed)):
                self.retyped_names[name] = base

    def _typedef_base(self, name: str) -> str:
        """Return what the C says that the typedef *name* is, if it is of words alone."""
        own = self.types.get(name)
        if own is not None:
            return next((words for item in own.items if (words := integer_words(item))), "")
        return self._headers.typedef_words(name)

    def integer(self, base: str) -> tuple[int, bool] | None:
        """Return size in bytes and signedness of the integer that *base* is, or None."""
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
        if name in self.constants or " " in name or self._headers.has_type(name):
            return None
        return next(
            (self.types[tag] for word in TAG_WORDS if (tag := f"{word} {name}") in self.types),
            None,
        )

    def _is_built_in(self, name: str) -> bool:
        """Whether *name* is the prelude's, or C's."""
        word, _, tag = name.partition(" ")
        if tag:
            return self._prelude.find_type(word, tag) is not None
        if name == "bool":  # a keyword only since C23
            return name not in self.types and not self._headers.has_type(name)
        return (
            name in C_KEYWORDS
            or name in LANGUAGE_MACROS
            or self._prelude.find_constant(name) is not None
            or self._prelude.find_type("typedef", name) is not None
        )

    def _body(self, name: str) -> str:
        """Return the struct or union *name*, a typedef or with its word, without its tag."""
        for _ in range(_MOST_TYPEDEFS):
            type_text = self.types.get(name)
            if type_text is None:
                return ""
            body = body_of(cleaned_type(plain(self.retyped(type_text.text)))[0])
            tag = next(filter(None, map(struct_named, type_text.items)), "")
            if body or not tag:
                return body
            name = f"struct {tag}"
        return ""

    def _type_items(self, types: Iterable[TypeText]) -> list[tuple[int, Item]]:
        items = []
        for type_text in types:
            text, dropped = cleaned_type(plain(self.retyped(type_text.text)))
            for name in dropped:
                self._note(type_text.place, f"the attribute `{name}` of a type is left out", True)  # noqa: FBT003 -- a note
            bodies = self._body if self._unit.has_called_members else None
            lone, text = lone_types_first(text, bodies)
            before = "".join(f"{_tidy(declared)}\n\n" for declared in lone)
            text = _tidy(text)
            what = f"`{' '.join(text.partition('{')[0].split()).rstrip(';')}`"
            place = self._unit.where(type_text.place)
            text = f"{before}{type_text.doc}{text}\n"
            names = declared_names(type_text.items)
            name = next(iter(names.tags + names.typedefs), "")
            origin = Origin(TYPE, name, type_text.start, is_body=type_text.is_part)
            item = Item(text, "", what, TYPES, (), place, origins=(origin,))
            items.append((type_text.start, item))
        return items

    def _constant_items(self, names: Iterable[str]) -> list[tuple[int, Item]]:
        items = []
        for name in names:
            macro = self.constants[name].macro
            doc = comment = place = ""
            start = -1
            origins: tuple[Origin, ...] = ()
            if macro.line >= 0:
                line = self._unit.raw[macro.line]
                start = self._unit.starts[macro.line]
                doc = self._comments.above(self._unit.written_starts[macro.line])
                comment = trailing(line.code, line.text)
                place = self._unit.where(macro.line)
                origins = (Origin(CONSTANT, name, macro.line),)
            body = " ".join(self.constants[name].body.split())
            text = f"{doc}const {name} = {body};{comment}\n"
            what = f"`const {name}`"
            item = Item(text, "", what, CONSTANTS, (), place, origins=origins, names=(name,))
            items.append((start, item))
        return items

    def _include_items(self, outside: list[str], *, every_include: bool) -> list[tuple[int, Item]]:
        """Return the headers that declare the names *outside*, in the order of the unit."""
        needed: dict[str, list[str]] = {}
        if not self._unit.is_preprocessed:
            chosen = self._headers.unasked() if outside or every_include else []
        else:
            chosen = []
            for name in outside:
                include = self._include_of(name)
                if include is None:
                    continue
                needed.setdefault(include.name, []).append(name)
                if include not in chosen:
                    chosen.append(include)
            if every_include:
                chosen = self._headers.until(chosen)
        self.included = {include.name[1:-1] for include in chosen}
        texts = {
            self._unit.name_in_source(include): include
            for include in sorted(chosen, key=lambda include: include.place)
        }
        return [
            (
                -len(self._unit.includes) - 2 + number,
                Item(
                    *(f"include {name};\n", "", f"`include {name}`", INCLUDES),
                    place=self._unit.where(include.place),
                    subject=Subject("include", include.name[1:-1]),
                    names=tuple(needed.get(include.name, ())),
                    header="" if include.header is None else include.header.path,
                ),
            )
            for number, (name, include) in enumerate(texts.items())
        ]

    def struct_of(self, typedef: str) -> str:
        """Return the tag of the struct that *typedef* is another name of, or *typedef* itself."""
        own = self.types.get(typedef)
        tags = map(struct_named, own.items if own is not None else ())
        return next(filter(None, tags), typedef)

    def header_of(self, struct: str) -> str | None:
        """Return the name of the header that declares a struct or typedef, as included, or None."""
        include = self._include_of(f"struct {struct}") or self._include_of(struct)
        return None if include is None else include.name[1:-1]

    def _include_of(self, name: str) -> Include | None:
        """Return the first `#include` whose header declares *name*, or None."""
        constant = self.constants.get(name)
        if constant is not None and constant.macro.header >= 0:
            header = constant.macro.header
            return next((i for i in self._unit.includes if i.place == header), None)
        return self._headers.include_of(name)


def _first_names(text: str) -> list[str]:
    """Return the tag and typedefs of the declaration *text*, which the language can't read.

    A map that needs them then brings it along, and the error is reported where it stands.
    """
    reader = DeclarationReader(text)
    try:
        specifiers = reader.specifiers(0, reader.count)
        names = reader.names(specifiers)
    except CError:
        return []
    tag = f"{specifiers.word} {specifiers.name}"
    return [*([tag] if specifiers.body is not None and specifiers.name else []), *names]


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
    """Return the prototype of the program *name* whose definition begins with *head*.

    Without attributes; and a plain one where the language hasn't the types in it.
    """
    bare, _attributes = without_attributes(head)
    returns = r"((?:\b(?:const|unsigned|signed|long|struct|enum|union)\s+)*\b\w+[\s*]+)"
    match = re.search(rf"{returns}{name}\s*(\([^()]*(?:\([^()]*\)[^()]*)*\))\s*$", bare[-2000:])
    if match is not None:
        text = " ".join(f"{match[1]}{name}{match[2]}".split()).replace(" )", ")")
        if parsed(f"{text};"):
            return text
    return f"int {name}(void *ctx)"
