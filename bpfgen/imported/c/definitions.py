"""Declarations of maps in C -> their parts, read by pycparser.

libbpf's macros become what pycparser can read: `__uint(n, x)` is `int (*n)[x]` as in the header,
and `__type(n, T)` is made `char (*n)[sizeof(T)]`, since standard C has no `typeof`. Attributes are
taken out before.
"""

from __future__ import annotations

import copy
import re

from pycparser import c_ast, c_generator, c_parser

from bpfgen.model.scope import C_KEYWORDS
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from typing import Any

_MACRO = re.compile(r"\b__(uint|type|array|ulong)\s*\(")
_SECTION = re.compile(
    r"\bSEC\s*\(\s*\"(?P<name>\.?maps)\"\s*\)|"
    r"__attribute__\s*\(\(\s*section\s*\(\s*\"(?P<other>\.?maps)\"\s*\)[^()]*\)\)"
)
_ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)")
_FIRST_NAME = re.compile(r"\s*(?:(?:const|volatile)\s+)*([A-Za-z_]\w*)")
_MEMBER_TYPE = re.compile(r"[{;]\s*(?:(?:const|volatile)\s+)*([A-Za-z_]\w*)\s+[*\w]")
_DEEPEST = 50
_TYPE, _ARRAY = "__bpfgen_type_", "__bpfgen_array_"


class CError(Exception):
    """A declaration that can't be read or has no counterpart; the message says why."""


class CDefinition(Record):
    """What a definition struct says, as C text.

    Attributes:
        numbers: The integer attributes.
        types: `key` and `value`.
        inner: The definition in `values`, the name of a struct or typedef, or None.
        programs: `values` are functions.
    """

    numbers: dict[str, str]
    types: dict[str, str]
    inner: CDefinition | str | None = None
    programs: bool = False


class CMap(Record):
    """A map in C.

    Attributes:
        definition: Its struct, or the name of it.
        legacy: In section `maps`.
        numbers: What its initializer says, by member.
        slots: (index as C text, target).
    """

    name: str
    linkage: str
    definition: CDefinition | str
    legacy: bool
    numbers: dict[str, str]
    slots: list[tuple[str, str]]
    struct: str = ""


def read_map(text: str) -> list[CMap]:
    """Return the maps that the declaration *text* defines.

    Raises:
        CError: It can't be read.
    """
    section = _SECTION.search(text)
    legacy = section is not None and (section["name"] or section["other"]) == "maps"
    plain = _SECTION.sub(" ", text)
    if _depth(plain) > _DEEPEST:
        raise CError("its brackets are nested too deep")
    linkage = "global"
    if re.search(r"\b__weak\b|\(\(\s*weak\s*\)\)", plain):
        linkage = "weak"
    plain = re.sub(r"\b__(?:weak|hidden|used|unused)\b", " ", _ATTRIBUTE.sub(" ", plain))
    tree = _parsed(plain)
    maps = []
    for declared in tree:
        if not isinstance(declared, c_ast.Decl) or declared.name is None:
            continue
        if "extern" in declared.storage:
            linkage = "extern"
        base = declared.type
        if isinstance(base, c_ast.ArrayDecl):
            raise CError(f"`{declared.name}` is an array of maps")
        if not isinstance(base, c_ast.TypeDecl):
            raise CError(f"`{declared.name}` is no struct")
        definition, struct = _definition_of(base.type)
        numbers, slots = _initial(declared.init)
        maps.append(CMap(declared.name, linkage, definition, legacy, numbers, slots, struct))
    if not maps:
        raise CError("there is no variable in this declaration")
    return maps


def read_definition(text: str) -> tuple[str, CDefinition]:
    """Return the name and contents of a named definition struct, or of a typedef of one.

    Raises:
        CError: It can't be read.
    """
    plain = _ATTRIBUTE.sub(" ", text)
    for declared in _parsed(plain):
        if not isinstance(declared, (c_ast.Decl, c_ast.Typedef)):
            continue
        base = declared.type
        if isinstance(declared, c_ast.Typedef):
            base = base.type
        if isinstance(base, c_ast.Struct) and base.decls is not None:
            return declared.name or base.name or "", _definition(base)
    raise CError("there is no struct in this declaration")


def is_definition(text: str) -> bool:
    """Return whether the type declaration *text* is a definition struct of maps."""
    return re.search(r"\b__uint\s*\(\s*type\b", text) is not None


def _depth(text: str) -> int:
    """Return how deep the brackets of *text* are nested."""
    deepest = depth = 0
    for character in text:
        depth += (character in "({[") - (character in ")}]")
        deepest = max(deepest, depth)
    return deepest


def _parsed(text: str) -> list[Any]:
    names: set[str] = set()
    rewritten = _rewritten(text, names)
    for found in _MEMBER_TYPE.finditer(rewritten):
        names.add(found[1])
    first = _FIRST_NAME.match(re.sub(r"\b(?:static|extern|typedef)\b", " ", rewritten))
    if first is not None:
        names.add(first[1])
    known = "".join(f"typedef int {name}; " for name in sorted(names - C_KEYWORDS))
    try:
        tree = c_parser.CParser().parse(f"{known}{rewritten};")
    except Exception as error:  # noqa: BLE001 -- pycparser raises its own and, on odd input, others
        raise CError(f"this C can't be read ({str(error).split(':', 3)[-1].strip()})") from None
    return [each for each in tree.ext if getattr(each, "name", None) not in names - C_KEYWORDS]


def _rewritten(text: str, names: set[str]) -> str:
    """Return *text* with libbpf's macros as plain C; names that are types are added to *names*."""
    parts: list[str] = []
    position = 0
    while (found := _MACRO.search(text, position)) is not None:
        parts.append(text[position : found.start()])
        depth, end = 1, found.end()
        comma = -1
        while end < len(text) and depth:
            character = text[end]
            depth += (character in "({[") - (character in ")}]")
            if character == "," and depth == 1 and comma < 0:
                comma = end
            end += 1
        if comma < 0:
            raise CError(f"`__{found[1]}` takes two arguments")
        name, argument = text[found.end() : comma].strip(), text[comma + 1 : end - 1].strip()
        if found[1] in ("type", "array"):
            first = _FIRST_NAME.match(argument)
            if first is not None:
                names.add(first[1])
            prefix = _TYPE if found[1] == "type" else _ARRAY
            parts.append(f"char (*{prefix}{name})[sizeof({_rewritten(argument, names)})]")
        else:
            parts.append(f"int (*{name})[{argument}]")
        position = end
    return "".join([*parts, text[position:]])


def _c(node: Any) -> str:
    """Return *node* as C text."""
    text = " ".join(c_generator.CGenerator().visit(node).split())
    return re.sub(r"\((sizeof\([^()]*\))\)", r"\1", text)


def _definition_of(base: Any) -> tuple[CDefinition | str, str]:
    """Return the definition that a variable of type *base* has, and the struct's tag."""
    if isinstance(base, c_ast.Struct):
        if base.decls is None:
            return base.name, base.name
        return _definition(base), base.name or ""
    if isinstance(base, c_ast.IdentifierType):
        return base.names[0], base.names[0]
    raise CError("a map is a struct of attributes")


def _definition(struct: c_ast.Struct) -> CDefinition:
    definition = CDefinition({}, {})
    for member in struct.decls or []:
        _member(definition, member)
    return definition


def _member(definition: CDefinition, member: Any) -> None:
    name: str = member.name or ""
    type_ = member.type
    if isinstance(type_, c_ast.PtrDecl) and isinstance(type_.type, c_ast.ArrayDecl):
        length = type_.type.dim
        if name.startswith(_TYPE):
            definition.types[name.removeprefix(_TYPE)] = _sizeof_argument(length)
        elif name == f"{_ARRAY}values":
            _values(definition, length.expr)
        elif length is not None and not name.startswith(_ARRAY):
            definition.numbers[name] = _c(length)
        else:
            raise CError(f"attribute `{name}` can't be read")
    elif isinstance(type_, c_ast.PtrDecl) and name in ("key", "value"):
        definition.types[name] = _type_name(type_.type)
    elif isinstance(type_, c_ast.TypeDecl):
        definition.numbers.setdefault(name, "")  # its value is in the initializer
    else:
        raise CError(f"attribute `{name}` can't be read")


def _sizeof_argument(length: Any) -> str:
    return _c(length.expr)


def _type_name(type_: Any) -> str:
    """Return the type that a declaration has, without the name that is declared."""
    type_ = copy.deepcopy(type_)
    inner = type_
    while not isinstance(inner, c_ast.TypeDecl):
        inner = inner.type
    inner.declname = None
    return _c(c_ast.Typename(None, inner.quals, None, type_))


def _values(definition: CDefinition, named: Any) -> None:
    type_ = named.type if isinstance(named, c_ast.Typename) else named
    if isinstance(type_, c_ast.FuncDecl):
        definition.programs = True
    elif isinstance(type_, c_ast.ID):
        definition.inner = type_.name
    elif isinstance(type_, c_ast.TypeDecl):
        definition.inner = _definition_of(type_.type)[0]
    else:
        raise CError("`values` holds neither maps nor programs")


def _initial(init: Any) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the numbers and the slots that an initializer gives."""
    numbers: dict[str, str] = {}
    slots: list[tuple[str, str]] = []
    if init is None:
        return numbers, slots
    for place, item in enumerate(init.exprs if isinstance(init, c_ast.InitList) else []):
        if not isinstance(item, c_ast.NamedInitializer):
            numbers[str(place)] = _c(item)
            continue
        name = getattr(item.name[0], "name", "")
        if name == "values" and isinstance(item.expr, c_ast.InitList):
            slots = _slots(item.expr)
        else:
            numbers[name] = _c(item.expr)
    return numbers, slots


def _slots(values: c_ast.InitList) -> list[tuple[str, str]]:
    slots: list[tuple[str, str]] = []
    following: tuple[str, int] = ("", 0)
    for item in values.exprs:
        target = item
        if isinstance(item, c_ast.NamedInitializer):
            designator = item.name[0]
            if type(designator).__name__ == "ArrayDesignator":  # newer versions of pycparser
                designator = designator.children()[0][1]
            following = (_c(designator), 0)
            target = item.expr
        while isinstance(target, (c_ast.Cast, c_ast.UnaryOp)):
            target = target.expr
        base, more = following
        following = (base, more + 1)
        if isinstance(target, c_ast.Constant):
            continue  # an empty slot: 0
        index = str(more) if not base else base if not more else f"{base} + {more}"
        if not isinstance(target, c_ast.ID):
            raise CError(f"slot {index} holds no name")
        slots.append((index, target.name))
    return slots
