"""A model as JSON, for other programs: docs/json-model.schema.json says what is in it.

Types are written by structure where they are held by value and by name behind pointers, as in the
model itself; each definition of the file stands once, under `types`, and is referred to by kind and
name. Attributes of maps are kept apart as declared, filled in and set at run time.
"""

from __future__ import annotations

from bpfgen.ctype.children import held
from bpfgen.ctype.fingerprint import Fingerprints, hexadecimal
from bpfgen.ctype.types import (
    Array,
    Composite,
    Const,
    Enum,
    Float,
    FuncProto,
    Int,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Void,
    Volatile,
)
from bpfgen.emit.backend import base_name
from bpfgen.emit.c.declarators import Speller
from bpfgen.emit.c.type_bodies import C
from bpfgen.emit.json.text import indented
from bpfgen.kernel.version import format_version
from bpfgen.model.fingerprint import fingerprint_of_map
from bpfgen.model.maps import FILLED_IN, Map, Template
from bpfgen.model.model import ConstantDeclaration, ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, assert_never, replace

if TYPE_CHECKING:
    from typing import TypeAlias

    from bpfgen.ctype.types import Attributes, Constant, Expression, Type
    from bpfgen.emit.backend import Settings
    from bpfgen.emit.json.text import Object, Value
    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Model
    from bpfgen.text.source import Span

    Leaf: TypeAlias = Void | Int | Float | FuncProto | Typedef | Composite | Enum | Named

FORMAT = 1
"""It grows when a key goes or changes its meaning; a new key doesn't raise it."""

_QUALIFIERS = {Const: "const", Volatile: "volatile", Restrict: "restrict"}


def emit(model: Model, _settings: Settings) -> list[str]:
    """Return the JSON of *model*; what :data:`bpfgen.emit.BACKENDS` calls."""
    return [emit_json(model)]


def emit_json(model: Model) -> str:
    """Return *model* as JSON text that ends in a newline; keys come in a fixed order."""
    return indented(_Writer().model(model)) + "\n"


class _Writer:
    """Turns the parts of one model into JSON values.

    What has no name is written out where it is used, and may hold more such types, 200 deep. So its
    object is put in its place at once, and filled in by a loop.
    """

    def __init__(self) -> None:
        self._speller = Speller(replace(C, by_name=True))
        self._fingerprints = Fingerprints()
        self._unfilled: list[tuple[Object, Composite | Enum | FuncProto]] = []

    def model(self, model: Model) -> Object:
        """Return the whole document."""
        document = self._document(model)
        while self._unfilled:
            value, type = self._unfilled.pop()
            if isinstance(type, FuncProto):
                value.update(self._function(type))
            else:
                value.update(self._definition(type))
        return document

    def _document(self, model: Model) -> Object:
        declarations = model.declarations
        targets: dict[str, Value] = {
            name: format_version(aim.version) for name, aim in model.targets.items()
        }
        return {
            "format": FORMAT,
            "file": base_name(model.name),
            "doc": model.doc,
            "target_kernel": targets.get("kernel"),
            "targets": targets,
            **({"macros": dict(model.macros)} if model.macros else {}),
            "includes": [include.path for include in model.includes],
            "imports": [imported.path for imported in model.imports],
            "constants": [
                self._constant(d.constant, d.doc, d.span)
                for d in declarations
                if isinstance(d, ConstantDeclaration)
            ],
            "types": [
                t for d in declarations if isinstance(d, TypeDeclaration) for t in self._types(d)
            ],
            "foreign_types": self._foreign(model),
            "programs": [
                {"name": d.name, "type": self._type(d.type), **_about(d.doc, d.span)}
                for d in declarations
                if isinstance(d, ProgramDeclaration)
            ],
            "templates": [
                {"name": d.name, **self._shape(d.shape), **_about(d.doc, d.span)}
                for d in declarations
                if isinstance(d, Template)
            ],
            "maps": [self._map(d) for d in declarations if isinstance(d, Map)],
        }

    def _constant(self, constant: Constant, doc: str, span: Span | None) -> Value:
        return {
            "name": constant.name,
            "value": constant.value,
            "type": constant.type.name,
            "expression": self._expression(constant.expression),
            **_about(doc, span),
        }

    def _types(self, declaration: TypeDeclaration) -> list[Value]:
        """Return the types that *declaration* defines: the tagged one, then its typedefs."""
        about = _about(declaration.doc, declaration.span)
        values: list[Value] = []
        defines = declaration.defines
        if defines is not None:
            values.append({**self._definition(defines), **about})
        for index, typedef in enumerate(declaration.typedefs):
            tags = declaration.decl_tags[index] if index < len(declaration.decl_tags) else ()
            definition: Object = {
                "kind": "typedef",
                "name": typedef.name,
                "target": self._type(typedef.underlying),
                "align": typedef.align or None,
                "decl_tags": list(tags),
            }
            values.append({**definition, **about})
        return values

    def _foreign(self, model: Model) -> list[Value]:
        """Return the types of the prelude, of imports and of C headers that this file holds."""
        own: set[tuple[str, str]] = set()
        pending: list[Type] = []
        for declaration in model.declarations:
            if isinstance(declaration, TypeDeclaration):
                if declaration.defines is not None and declaration.defines.tag is not None:
                    own.add(_key(declaration.defines))
                    pending.append(declaration.defines)
                for typedef in declaration.typedefs:
                    own.add(_key(typedef))
                    pending.append(typedef)
            elif isinstance(declaration, (Map, Template)):
                shape: Shape | None = declaration.shape
                while shape is not None:
                    arguments = (shape.key, shape.value, shape.record)
                    pending.extend(a.type for a in arguments if a is not None)
                    shape = shape.inner
        values: list[Value] = []
        seen: set[tuple[str, str]] = set()
        pending.reverse()
        while pending:
            type = pending.pop()
            if isinstance(type, (Typedef, Composite, Enum)) and _key(type)[1]:
                key = _key(type)
                if key in seen:
                    continue
                seen.add(key)
                if key not in own:
                    values.append(self._foreign_definition(type))
            pending.extend(reversed(held(type)))
        return values

    def _foreign_definition(self, type: Typedef | Composite | Enum) -> Object:
        if isinstance(type, Typedef):
            underlying = self._type(type.underlying)
            align = type.align or None
            return {"kind": "typedef", "name": type.name, "target": underlying, "align": align}
        return self._definition(type)

    def _map(self, map: Map) -> Value:
        fingerprint = fingerprint_of_map(map, self._fingerprints)
        return {
            "name": map.name,
            "linkage": map.linkage,
            "section": map.section,
            "legacy": map.legacy,
            "decl_tags": list(map.decl_tags),
            **self._shape(map.shape),
            "slots": [{"index": slot.index, "target": slot.name} for slot in map.slots],
            "fingerprint": None if fingerprint is None else hexadecimal(fingerprint),
            **_about(map.doc, map.span),
        }

    def _shape(self, shape: Shape) -> Object:
        declared: Object = {}
        filled_in: Object = {}
        runtime: list[Value] = []
        for name, attribute in shape.attributes.items():
            if attribute.value is None:
                runtime.append(name)
            elif attribute.origin == FILLED_IN:
                filled_in[name] = {"value": attribute.value, "reason": attribute.reason}
            else:
                expression = self._expression(attribute.expression)
                declared[name] = {"value": attribute.value, "expression": expression}
        arguments = (("key", shape.key), ("value", shape.value), ("record", shape.record))
        types: Object = {
            name: self._type(argument.type) if argument is not None else None
            for name, argument in arguments
        }
        return {
            "kind": shape.kind.name,
            "type": shape.kind.number,
            **types,
            "declared": declared,
            "filled_in": filled_in,
            "runtime": runtime,
            "inner": self._shape(shape.inner) if shape.inner is not None else None,
            "template": shape.template or None,
        }

    def _expression(self, expression: Expression | None) -> str | None:
        return None if expression is None else self._speller.expression(expression)

    def _definition(self, type: Composite | Enum) -> Object:
        if isinstance(type, Enum):
            return {
                "kind": "enum",
                "name": type.tag,
                "size": type.size,
                "signed": type.signed,
                "base": self._type(type.base) if type.base is not None else None,
                "enumerators": [
                    {
                        "name": enumerator.name,
                        "value": enumerator.value,
                        "expression": self._expression(enumerator.expression),
                        "doc": enumerator.doc,
                    }
                    for enumerator in type.enumerators
                ],
                **self._attributes(type.attributes),
            }
        return {
            "kind": type.kind,
            "name": type.tag,
            "size": type.size,
            "align": type.align,
            "members": [
                {
                    "name": member.name,
                    "type": self._type(member.type),
                    "bit_offset": member.bit_offset,
                    "bitfield_size": member.bitfield_size if member.is_bitfield else None,
                    "doc": member.doc,
                    **self._attributes(member.attributes),
                }
                for member in type.members
            ],
            **self._attributes(type.attributes),
        }

    def _attributes(self, attributes: Attributes | None) -> Object:
        if attributes is None:
            return {}
        return {
            "packed": attributes.packed,
            "aligned": [a.value if a is not None else None for a in attributes.aligned],
            "decl_tags": list(attributes.decl_tags),
            "preserve_access_index": attributes.preserve_access_index,
            **({"mode": attributes.mode} if attributes.mode else {}),
        }

    def _type(self, type: Type) -> Value:
        """Return *type*; what has a name is referred to by it, so that nothing is written twice."""
        # Chains of pointers may be longer than the interpreter's stack is deep: a loop, not a call.
        chain: list[tuple[Object, str]] = []
        while True:
            match type:
                case Pointer():
                    chain.append(({"kind": "pointer"}, "target"))
                    type = type.pointee
                case Const() | Volatile() | Restrict():
                    chain.append(({"kind": _QUALIFIERS[type.__class__]}, "target"))
                    type = type.underlying
                case TypeTag():
                    chain.append(({"kind": "type_tag", "tag": type.tag}, "target"))
                    type = type.underlying
                case Array():
                    length = None if type.flexible else type.length
                    expression = self._expression(type.expression)
                    array: Object = {"kind": "array", "length": length, "expression": expression}
                    chain.append((array, "element"))
                    type = type.element
                case Unknown():
                    raise AssertionError("a model with errors has no JSON")
                case _:
                    value: Value = self._leaf(type)
                    break
        for outer, name in reversed(chain):
            outer[name] = value
            value = outer
        return value

    def _leaf(self, type: Leaf) -> Object:
        match type:
            case Void():
                return {"kind": "void"}
            case Int():
                return {
                    "kind": "int",
                    "name": type.name,
                    "size": type.size,
                    "signed": type.signed,
                    "bool": type.bool,
                }
            case Float():
                return {"kind": "float", "name": type.name, "size": type.size}
            case Typedef():
                return {"kind": "typedef", "name": type.name}
            case Named():
                return {"kind": type.kind, "name": type.name}
            case FuncProto():
                return self._later(type)
            case Composite():
                named: Object = {"kind": type.kind, "name": type.tag}
                return named if type.tag else self._later(type)
            case Enum():
                return {"kind": "enum", "name": type.tag} if type.tag else self._later(type)
            case _:
                assert_never(type)

    def _later(self, type: Composite | Enum | FuncProto) -> Object:
        """Return the object of *type*, which is filled in after what is around it."""
        value: Object = {}
        self._unfilled.append((value, type))
        return value

    def _function(self, type: FuncProto) -> Object:
        return {
            "kind": "function",
            "returns": self._type(type.returns),
            "parameters": [
                {"name": parameter.name, "type": self._type(parameter.type)}
                for parameter in type.parameters
            ],
            "variadic": type.variadic,
        }


def _key(type: Typedef | Composite | Enum) -> tuple[str, str]:
    if isinstance(type, Typedef):
        return "typedef", type.name
    return type.kind if isinstance(type, Composite) else "enum", type.tag or ""


def _about(doc: str, span: Span | None) -> Object:
    return {"doc": doc, "line": span.line if span is not None else None}
