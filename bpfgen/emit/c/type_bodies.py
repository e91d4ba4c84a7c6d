"""Structs, unions, enums and typedefs as declarations, a line at a time, in every dialect.

Comes after the declarators. The bodies of nested types stand where the source wrote them. Whoever
writes a file joins the lines; `inspect` sets offsets beside them.
"""

from __future__ import annotations

from bpfgen.ctype.describe import is_address_space
from bpfgen.ctype.types import INT, Attributes, Composite, Enum, Expression, Int, Named, Typedef
from bpfgen.emit.c import literals
from bpfgen.emit.c.comments import comment
from bpfgen.emit.c.declarators import REST, Dialect, base_of, head_of
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from bpfgen.ctype.types import Member, Type, TypeTag
    from bpfgen.emit.c.declarators import Body, Speller
    from bpfgen.model.model import TypeDeclaration

    Known: TypeAlias = Mapping[tuple[str, str], Type]
    Row: TypeAlias = tuple[int, str, Member | None]


_MODES = {1: "QI", 2: "HI", 4: "SI", 8: "DI", 16: "TI"}
"""gcc's names of integer modes, by bytes (machmode.def)."""


def defined_by(member: Member, known: Known) -> Body | None:
    """Return the type whose body the declaration of *member* holds, or None."""
    if isinstance(member.type, (Typedef, Int)):  # what most are
        return None
    base = base_of(member.type)
    if isinstance(base, (Composite, Enum)):
        return base if member.defines or base.tag is None else None
    if member.defines and isinstance(base, Named):
        definition = known.get((base.kind, base.name))
        return definition if isinstance(definition, (Composite, Enum)) else None
    return None


def nameless(member: Member) -> Body | None:
    """Return the type without a name whose body the declaration of *member* holds, or None."""
    if isinstance(member.type, (Typedef, Int)):  # what most are
        return None
    base = base_of(member.type)
    return base if isinstance(base, (Composite, Enum)) and base.tag is None else None


class _Open:
    """A body that is being written: its type, what follows its brace, how far it is."""

    __slots__ = ("after", "doc", "index", "type")

    def __init__(self, type: Composite, after: str) -> None:
        self.type = type
        self.after = after
        self.index = 0
        self.doc = ""


def rows(
    speller: Speller,
    type: Body,
    body_of: Callable[[Member], Body | None] = nameless,
    before: str = "",
    after: str = ";",
    *,
    folded: bool = True,
) -> Iterator[Row]:
    """Yield the lines of the definition of *type*: their depth, their text, what begins there.

    What begins is a member: its declaration, or the body in it. The bodies in a body are on a stack
    of their own, and take no frames.

    Args:
        speller: Its dialect decides.
        type: What is defined.
        body_of: Returns the type whose body stands in the declaration of a member, or None.
        before: What goes before the keyword.
        after: What follows the attributes.
        folded: Whether a struct without members takes one line.
    """
    bodies: list[_Open] = []
    yield from _opened(speller, bodies, type, (before, after), None, folded=folded)
    while bodies:
        body = bodies[-1]
        members = body.type.members
        depth = len(bodies)
        if body.index == len(members):
            bodies.pop()
            yield depth - 1, f"}}{speller.attributes(body.type.attributes)}{body.after}", None
            continue
        if speller.room <= 0:
            body.index = len(members)
            yield depth, REST, None
            continue
        member = members[body.index]
        body.index += 1
        if member.doc and member.doc is not body.doc:  # `int x, y;` has one comment for both
            yield from _comment(member.doc, depth)
        body.doc = member.doc
        inner = body_of(member)
        if inner is None:
            text = speller.declaration(member.type, member.name or "")
            yield depth, f"{text}{speller.suffix(member)};", member
            continue
        before, _, after = speller.around(member.type, member.name or "")
        if member.name is None and member.attributes is not None:
            # After the brace they would be the type's; gcc disregards them here, but clang doesn't.
            before = f"{speller.attributes(member.attributes).lstrip()} {before}"
        else:
            after += speller.suffix(member)
        # `struct { … } a, b;` declares both with one nameless type: it is written once.
        # One that declares no name, as in struct sk_buff, has none to begin a list with.
        listed = member.name is not None and not speller.dialect.listing
        while listed and _is_shared(body, inner):
            other = members[body.index]
            body.index += 1
            after += f", {speller.declarator(other.type, other.name or '')}{speller.suffix(other)}"
        around = (before, f"{after};")
        yield from _opened(speller, bodies, inner, around, member, folded=folded)


def _is_shared(body: _Open, inner: Body) -> bool:
    """Whether the next member of *body* is declared by the text of *inner*, too."""
    if inner.tag is not None or body.index == len(body.type.members):
        return False
    following = body.type.members[body.index]
    return following.name is not None and _is_same_text(base_of(following.type), inner)


def _is_same_text(type: Type, body: Composite | Enum) -> bool:
    """Whether *type* was declared by the very text that declared *body*."""
    if type is body:
        return True
    if not isinstance(type, (Composite, Enum)) or type.span is None:
        return False
    return type.span is body.span and type == body


def _opened(
    speller: Speller,
    bodies: list[_Open],
    type: Body,
    around: tuple[str, str],
    member: Member | None,
    *,
    folded: bool,
) -> Iterator[Row]:
    """Yield the line that opens *type* and put it on *bodies*; or all of an enum, an empty type."""
    before, after = around
    depth = len(bodies)
    if isinstance(type, Enum):
        yield from _enum_rows(speller, type, around, member, depth)
    elif type.members or not folded:
        bodies.append(_Open(type, after))
        yield depth, f"{before}{head_of(type)} {{", member
    else:
        yield (
            depth,
            f"{before}{head_of(type)} {{}}{speller.attributes(type.attributes)}{after}",
            member,
        )


def _enum_rows(
    speller: Speller, enum: Enum, around: tuple[str, str], member: Member | None, depth: int
) -> Iterator[Row]:
    before, after = around
    base = mode = sentinel = ""
    if enum.base is not None:
        base = f" : {speller.type_name(enum.base)}"
        if speller.dialect.portable:
            speller.based = True
            base = f" BPFGEN_BASE({speller.type_name(enum.base)})"
            mode = f" BPFGEN_MODE({_MODES[enum.size]})"
            if enum.signed and all(one.value >= 0 for one in enum.enumerators):
                sentinel = f"BPFGEN_SIGNED({enum.enumerators[0].name})"
    yield depth, f"{before}{head_of(enum)}{base} {{", member
    following = 0
    for enumerator in enum.enumerators:
        if speller.room <= 0:
            yield depth + 1, REST, None
            break
        yield from _comment(enumerator.doc, depth + 1)
        number = ""
        if speller.dialect.listing:
            number = f" = {enumerator.value}"
        elif enumerator.expression is not None:
            number = f" = {speller.expression(enumerator.expression)}"
        elif enumerator.value != following:
            number = f" = {literals.number(enumerator.value)}"
        yield depth + 1, f"{enumerator.name}{number},", None
        following = enumerator.value + 1
    if sentinel:
        yield depth + 1, sentinel, None
    yield depth, f"}}{mode}{speller.attributes(enum.attributes)}{after}", None


def _comment(doc: str, depth: int) -> Iterator[Row]:
    for line in comment(doc).split("\n")[:-1]:
        yield depth, line, None


def on_one_line(speller: Speller, type: Body) -> str:
    """Return the definition of *type*, which has no name, on one line; no semicolon."""
    texts = []
    for _, text, _ in rows(speller, type, after=""):  # a comprehension would take a frame a level
        texts.append(text.strip())
    return " ".join(texts)


def declare_types(speller: Speller, declaration: TypeDeclaration, known: Known) -> str:
    """Return the text of *declaration*: a definition, a typedef, both, or `struct foo;`.

    *known* has the types that are defined inside others, by kind and name.
    """
    doc = comment(declaration.doc)
    defines = defined_type(declaration)
    before, after = "", ";"
    if declaration.typedefs:
        first, *others = declaration.typedefs
        start, base, end = speller.around(first.underlying, first.name)
        declarators = [end, *(speller.declarator(other.underlying, other.name) for other in others)]
        for index, typedef in enumerate(declaration.typedefs):
            tags = declaration.decl_tags[index] if index < len(declaration.decl_tags) else ()
            declarators[index] += speller.attributes(_attributes(typedef.align, tags))
        before, after = f"typedef {start}", f"{', '.join(declarators)};"
        if defines is None:
            return f"{doc}{before}{speller.specifiers(base)}{after}\n"
    elif declaration.forward is not None:
        return f"{doc}{speller.type_name(declaration.forward)};\n"
    elif defines is None:
        return ""

    def body_of(member: Member) -> Body | None:
        return defined_by(member, known)

    indent = speller.dialect.indent
    lines = rows(speller, defines, body_of, before, after)
    return doc + "".join([f"{indent * depth}{text}\n" for depth, text, _ in lines])


def defined_type(declaration: TypeDeclaration) -> Body | None:
    """Return the type whose body *declaration* holds; a nameless one is a typedef's alone."""
    if declaration.defines is not None:
        return declaration.defines
    for typedef in declaration.typedefs:
        base = base_of(typedef.underlying)
        if isinstance(base, (Composite, Enum)) and base.tag is None:
            return base
    return None


def _attributes(align: int, decl_tags: tuple[str, ...]) -> Attributes | None:
    """Return the attributes of a typedef."""
    if not align and not decl_tags:
        return None
    aligned = (Expression((str(align),), align, INT),) if align else ()
    return Attributes(aligned=aligned, decl_tags=decl_tags)


def type_tag(tag: TypeTag) -> str:
    """Return the attribute that gives a type *tag*."""
    if is_address_space(tag.tag):
        return f"__attribute__(({tag.tag}))"
    return f"__attribute__((btf_type_tag({literals.string(tag.tag)})))"


def attributes(attributes: Attributes, spell: Callable[[Expression], str]) -> str:
    """Return *attributes* as one `__attribute__((…))` with a space before it, or nothing."""
    words = ["packed"] if attributes.packed else []
    words.extend(
        "aligned" if argument is None else f"aligned({spell(argument)})"
        for argument in attributes.aligned
    )
    if attributes.mode:
        words.append(f"mode({attributes.mode})")
    if attributes.preserve_access_index:
        words.append("preserve_access_index")
    words.extend(f"btf_decl_tag({literals.string(tag)})" for tag in attributes.decl_tags)
    return f" __attribute__(({', '.join(words)}))" if words else ""


C = Dialect("\t", type_tag, attributes, on_one_line)
"""C with GNU attributes in one list, tabs, the kernel's constants with care."""

HEADER = replace(C, portable=True)
"""The same as a header has it, which defines BPFGEN_BASE, BPFGEN_MODE and BPFGEN_SIGNED."""
