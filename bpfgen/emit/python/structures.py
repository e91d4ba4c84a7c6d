"""Structs, unions and enums as Python classes."""

from __future__ import annotations

from bpfgen.emit.python.fields import BitStorage, FieldBuilder, Overlay, is_flexible, is_text
from bpfgen.emit.python.names import MEMBER_NAMES, PythonNames, enumerator_name, python_name
from bpfgen.emit.python.printing import INDENT, LINE_LENGTH, bracketed, docstring, pair
from bpfgen.emit.user_space.identifiers import ENUMERATOR, MEMBER, origin_of_type, type_key
from bpfgen.emit.user_space.types import (
    BOOLEAN,
    FLOATING,
    Enumeration,
    Number,
    Sequence,
    resolved,
)
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.emit.python.fields import Body, Place
    from bpfgen.emit.python.spelling import Speller
    from bpfgen.emit.user_space.identifiers import Surface
    from bpfgen.emit.user_space.names import Names
    from bpfgen.emit.user_space.types import Structure, UserMember, UserType


class _Member(Record):
    """A member of a struct, named and placed.

    Attributes:
        name: In Python.
        place: The field that has its bytes, or bits of one.
        flexible: It is an array that goes on to the end.
        text: The name of its text's accessor; empty where it is no array of `char`.
    """

    member: UserMember
    name: str
    place: Place
    flexible: bool
    text: str = ""

    @property
    def is_field(self) -> bool:
        """Whether ctypes has a field of its name."""
        return not self.flexible and self.place == self.name


class Written(Record):
    """A class as text, and which of the file's functions it calls."""

    lines: list[str]
    uses: frozenset[str]
    scope: Names


class StructureWriter:
    """Writes the classes of structs and unions, in the order of their declaration."""

    def __init__(self, speller: Speller, surface: Surface) -> None:
        self._speller = speller
        self._surface = surface
        self._builder = FieldBuilder()

    def write(self, structure: Structure, name: str) -> Written:
        """Return the class *name* for *structure*, aliases that it needs before it."""
        scope = PythonNames()
        names = {
            member.name: scope.claim(
                python_name(member.name, MEMBER_NAMES),
                f"`{member.name}` of {subject_of(structure)}",
                member.span,
            )
            for member in structure.members
        }
        body = self._builder.body(structure, names, scope.free)
        places = self._builder.places
        members = []
        for member in structure.members:
            python = names[member.name]
            text = scope.free(f"{python}_text") if is_text(member.type) else ""
            flexible = is_flexible(member, structure)
            members.append(_Member(member, python, places.get(member.name), flexible, text))
            origin = (MEMBER, type_key(structure), member.name)
            self._surface.add(origin, f"{name}.{python}", _value_type(member.type, self._speller))
            if text:
                self._surface.add(origin, f"{name}.{text}", "str", "text")
        self._surface.add(origin_of_type(structure), name, "class")
        attributes = {*names.values(), *(member.text for member in members)}
        return _ClassWriter(self._speller.within(attributes), members).written(
            structure, name, body, scope
        )


def _value_type(type: UserType, speller: Speller) -> str:
    """Return the type of what a program reads of a member of *type*, an enumerator as its int."""
    bare = resolved(type)
    if isinstance(bare, Number) and bare.kind != FLOATING:
        return "bool" if bare.kind == BOOLEAN else "int"
    return speller.annotation(type)


def subject_of(structure: Structure | Enumeration) -> str:
    """Return what messages call a type."""
    return f"`{structure.c_name}`" if structure.c_name else f"the type of `{structure.words[-1]}`"


class _ClassWriter:
    """Writes one class."""

    def __init__(self, speller: Speller, members: list[_Member]) -> None:
        self._speller = speller
        self._members = members
        self._uses: set[str] = set()

    def written(self, structure: Structure, name: str, body: Body, scope: Names) -> Written:
        base = "_Union" if structure.is_union else "_Structure"
        self._uses.add(base)
        lines = [f"class {name}({base}):"]
        doc = structure.doc or (f"`{structure.c_name}` of C." if structure.c_name else "")
        head = docstring(doc, 1)
        if head:
            lines += [*head, ""]
        lines.append(f"{INDENT}__slots__ = ()")
        lines += self._fields(body, 1)
        if [field.name for field in body.fields] != [member.name for member in self._members]:
            shown = [f'"{member.name}"' for member in self._members]
            if len(shown) == 1:
                lines.append(f"{INDENT}_members_ = ({shown[0]},)")
            else:
                lines += bracketed("_members_ = (", shown, ")", 1)
        if any(member.flexible for member in self._members):
            self._uses.add("_resized")
            lines.append(f"{INDENT}_flexible_ = True")
        lines += self._annotations()
        if self._members:
            lines += self._initializer()
        for member in self._members:
            lines += self._accessors(member)
        lines += ["", ""]
        lines += self._assertion(name, structure)
        if self._speller.aliases:
            lines = [*self._speller.aliases, "", "", *lines]
        if self._speller.uses_builtins:
            self._uses.add("builtins")
        return Written(lines, frozenset(self._uses), scope)

    def _fields(self, body: Body, depth: int) -> list[str]:
        indent = INDENT * depth
        lines = []
        if body.packed:
            lines += [f"{indent}_pack_ = 1", f'{indent}_layout_ = "ms"']
        anonymous = []
        for field in body.overlays():
            assert isinstance(field.type, Overlay)
            kind = "Union" if field.type.body.is_union else "Structure"
            if lines or depth == 1:
                lines.append("")
            lines.append(f"{indent}class {field.type.class_name}(ctypes.{kind}):")
            lines += self._fields(field.type.body, depth + 1)
            anonymous.append(f'"{field.name}"')
        if anonymous:
            closing = ",)" if len(anonymous) == 1 else ")"
            lines += ["", *bracketed("_anonymous_ = (", anonymous, closing, depth)]
        if not body.fields:
            return [*lines, f"{indent}_fields_ = []"]
        lines.append(f"{indent}_fields_ = [")
        for field in body.fields:
            spelled = (
                field.type.class_name
                if isinstance(field.type, Overlay)
                else self._speller.c_type(field.type)
            )
            lines += pair(f'"{field.name}"', spelled, depth + 1)
        return [*lines, f"{indent}]"]

    def _annotations(self) -> list[str]:
        """Return the types of the fields, for type checkers and readers, with their comments."""
        lines: list[str] = []
        for member in self._members:
            if member.is_field:
                annotation = self._speller.annotation(member.member.type)
                lines.append(f"{INDENT}{member.name}: {annotation}")
                lines += docstring(member.member.doc, 1)
        return ["", *lines] if lines else []

    def _initializer(self) -> list[str]:
        arguments: list[str] = []
        for member in self._members:
            if member.flexible:
                continue
            arguments.append(_parameter(member.name, self._argument(member)))
            if member.text:
                arguments.append(f"{member.text}: {self._speller.builtin('str')} = ...")
        if not arguments:
            return []
        this = "self"
        while any(this in {member.name, member.text} for member in self._members):
            this = f"_{this}"
        return [
            "",
            f"{INDENT}if typing.TYPE_CHECKING:",
            "",
            *bracketed("def __init__(", [this, "*", *arguments], ") -> None: ...", 2),
        ]

    def _argument(self, member: _Member) -> str:
        bare = resolved(member.member.type)
        if isinstance(bare, Number) and bare.kind == BOOLEAN:
            return self._speller.builtin("bool")
        if isinstance(bare, Number) and isinstance(member.place, BitStorage):
            return self._speller.builtin("int")
        return self._speller.argument(member.member.type)

    def _accessors(self, member: _Member) -> Iterator[str]:
        if member.flexible:
            yield from self._flexible(member)
        elif not member.is_field:
            yield from self._property(member)
        if member.text:
            self._uses.add("_text")
            string = self._speller.builtin("str")
            yield from self._getter(
                member.text,
                string,
                f"`{member.name}` up to its first NUL.",
                f"_text(self.{member.name})",
            )
            if not member.flexible:
                yield from self._setter(
                    member.text, string, f"_set_text(self.{member.name}, value)"
                )

    def _property(self, member: _Member) -> Iterator[str]:
        """Yield the getter and setter of what ctypes has no field for."""
        bare = resolved(member.member.type)
        annotation = value = self._speller.builtin("int")
        is_boolean = isinstance(bare, Number) and bare.kind == BOOLEAN
        given = "bool(value)" if is_boolean else "value"
        if isinstance(member.place, BitStorage):
            place = member.place
            where = f"self.{place.name}, {place.first}, {place.width}"
            is_signed = isinstance(bare, (Number, Enumeration)) and bare.signed
            read = f"_signed_bits({where})" if is_signed else f"_bits({where})"
            write = f"_set_bits({where}, {given})"
            self._uses |= {"_bits", "_set_bits"} | ({"_signed_bits"} if is_signed else set())
        else:
            read = f"self.{member.place}"
            write = f"self.{member.place} = {given}"
        if is_boolean:
            annotation = value = self._speller.builtin("bool")
            read = f"bool({read})"
        elif isinstance(bare, Enumeration) and bare.words:
            annotation = f"{self._speller.name(bare)} | {annotation}"
            read = f"_enumerator({self._speller.outside.name(bare)}, {read})"
            self._uses |= {"_enumerator"}
        yield from self._getter(member.name, annotation, member.member.doc, read)
        yield from self._setter(member.name, value, write)

    def _flexible(self, member: _Member) -> Iterator[str]:
        bare = resolved(member.member.type)
        assert isinstance(bare, Sequence)
        self._uses.add("_rest")
        doc = member.member.doc or "As far as the bytes go that it was made of."
        element = self._speller.outside.c_type(bare.element)
        read = f"_rest(self, {element}, {member.member.offset})"
        yield from self._getter(member.name, self._speller.annotation(bare), doc, read)

    def _getter(self, name: str, annotation: str, doc: str, read: str) -> Iterator[str]:
        yield ""
        yield f"{INDENT}@{self._speller.builtin('property')}"
        yield from bracketed(f"def {name}(", ["self"], f") -> {annotation}:", 1)
        yield from docstring(doc, 2)
        yield from _call("return ", read)

    def _setter(self, name: str, annotation: str, write: str) -> Iterator[str]:
        yield ""
        yield f"{INDENT}@{name}.setter"
        yield from bracketed(f"def {name}(", ["self", f"value: {annotation}"], ") -> None:", 1)
        yield from _call("", write)

    def _assertion(self, name: str, structure: Structure) -> list[str]:
        self._uses.add("_assert_layout")
        offsets = {}
        for member in self._members:
            place = member.place
            if member.flexible or place is None:
                continue
            if isinstance(place, BitStorage):
                offsets[place.name] = member.member.offset - place.first // 8
            else:
                offsets[place] = member.member.offset
        items = [name, str(structure.size), *(f"{key}={value}" for key, value in offsets.items())]
        return bracketed("_assert_layout(", items, ")")


def _parameter(name: str, annotation: str) -> str:
    """Return a parameter of an `__init__`, on two lines if it is too long for one."""
    text = f"{name}: {annotation} = ..."
    if len(INDENT) * 3 + len(text) + 1 > LINE_LENGTH:
        text = text.replace(" | ", f"\n{INDENT * 3}| ", 1)
    return text


def _call(before: str, expression: str) -> list[str]:
    """Return a line of a function that is a call, over several lines if it is long."""
    head, bracket, rest = expression.partition("(")
    if not bracket or not rest.endswith(")") or "(" in rest:
        return [f"{INDENT * 2}{before}{expression}"]
    return bracketed(f"{before}{head}(", rest[:-1].split(", "), ")", 2)


def write_enumeration(enumeration: Enumeration, name: str, surface: Surface) -> Written:
    """Return the IntEnum *name* for *enumeration*."""
    surface.add(origin_of_type(enumeration), name, "enum")
    scope = PythonNames()
    doc = enumeration.doc or (f"`{enumeration.c_name}` of C." if enumeration.c_name else "")
    lines = [f"class {name}(enum.IntEnum):", *docstring(doc, 1)]
    if doc and enumeration.enumerators:
        lines.append("")
    for enumerator in enumeration.enumerators:
        python = scope.claim(
            enumerator_name(enumerator.name, name),
            f"`{enumerator.name}` of {subject_of(enumeration)}",
            enumerator.span,
        )
        origin = (ENUMERATOR, type_key(enumeration), enumerator.name)
        surface.add(origin, f"{name}.{python}", "enumerator")
        lines.append(f"{INDENT}{python} = {enumerator.value}")
        lines += docstring(enumerator.doc, 1)
    if len(lines) == 1:
        lines.append(f"{INDENT}pass")
    return Written(lines, frozenset({"enum"}), scope)


def write_constants(constants: Iterable[tuple[str, int, str]]) -> list[str]:
    """Return the assignments of *constants*: each a name, its value and its comment."""
    lines: list[str] = []
    for name, value, doc in constants:
        lines.append(f"{name}: typing.Final = {value}")
        lines += docstring(doc)
    return lines
