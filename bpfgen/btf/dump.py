"""BTF -> text, one line a type: for golden files and for people who want the bare facts.

A line has the id, the kind, the name (`(anon)` where there is none) and what the kind holds. Types
are referred to as `[id]`, bit offsets begin with `@`, and a bit-field's width follows them:

    [1] INT int size=4 bits=32 signed
    [3] STRUCT flow size=8 { port: [2] @0; verdict: [5] @32:3 }
    [9] DATASEC .maps size=0 { [8] @0 size=32 }
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.btf.decode import Btf

_INT_WORDS = (
    (kinds.BTF_INT_SIGNED, "signed"),
    (kinds.BTF_INT_CHAR, "char"),
    (kinds.BTF_INT_BOOL, "bool"),
)


def lines(btf: Btf) -> Iterator[str]:
    """Yield a line for each type of *btf* but `void`, by id; FormatError at a broken one."""
    for type_id in range(1, len(btf)):
        yield line(btf, type_id)


def line(btf: Btf, type_id: int) -> str:
    """Return the line of one type, `void` excluded."""
    return f"[{type_id}] {btf.kind_name(type_id)} {_rest(btf, type_id)}".rstrip()


def _rest(btf: Btf, type_id: int) -> str:
    name = _name(btf.name(type_id))
    match btf.kind(type_id):
        case kinds.BTF_KIND_INT:
            encoding, offset, bits = btf.int_encoding(type_id)
            words = [word for bit, word in _INT_WORDS if encoding & bit]
            if offset:
                words.append(f"bits_offset={offset}")
            return " ".join([name, f"size={btf.size(type_id)}", f"bits={bits}", *words])
        case kinds.BTF_KIND_FLOAT:
            return f"{name} size={btf.size(type_id)}"
        case kinds.BTF_KIND_ARRAY:
            element, index, nelems = btf.array(type_id)
            return f"-> [{element}] index=[{index}] nelems={nelems}"
        case kinds.BTF_KIND_STRUCT | kinds.BTF_KIND_UNION:
            members = (
                f"{_name(member)}: [{member_id}] @{bit_offset}{f':{width}' if width else ''}"
                for member, member_id, bit_offset, width in btf.members(type_id)
            )
            return f"{name} size={btf.size(type_id)} {_braced(members)}"
        case kinds.BTF_KIND_ENUM | kinds.BTF_KIND_ENUM64:
            values = (f"{_name(one)}={value}" for one, value in btf.enumerators(type_id))
            signed = "signed" if btf.kind_flag(type_id) else "unsigned"
            return f"{name} size={btf.size(type_id)} {signed} {_braced(values)}"
        case kinds.BTF_KIND_FWD:
            return f"{'union' if btf.kind_flag(type_id) else 'struct'} {name}"
        case kinds.BTF_KIND_FUNC_PROTO:
            parameters = (
                f"{_name(parameter)}: [{of_id}]" if parameter or of_id else "..."
                for parameter, of_id in btf.parameters(type_id)
            )
            return f"({', '.join(parameters)}) -> [{btf.target(type_id)}]"
        case kinds.BTF_KIND_FUNC | kinds.BTF_KIND_VAR:
            linkage = btf.linkage(type_id)
            known = linkage < len(kinds.LINKAGE_NAMES)
            word = kinds.LINKAGE_NAMES[linkage] if known else f"linkage={linkage}"
            return f"{name} -> [{btf.target(type_id)}] {word}"
        case kinds.BTF_KIND_DATASEC:
            entries = (
                f"[{var_id}] @{offset} size={size}"
                for var_id, offset, size in btf.variables(type_id)
            )
            return f"{name} size={btf.size(type_id)} {_braced(entries)}"
        case kinds.BTF_KIND_DECL_TAG:
            index = btf.component_index(type_id)
            of = "" if index == -1 else f" component={index}"
            return f"{name} -> [{btf.target(type_id)}]{of}{_attribute(btf, type_id)}"
        case kinds.BTF_KIND_TYPE_TAG:
            return f"{name} -> [{btf.target(type_id)}]{_attribute(btf, type_id)}"
        case kinds.BTF_KIND_TYPEDEF:
            return f"{name} -> [{btf.target(type_id)}]"
        case kind if kind in kinds.REFERRING:
            return f"-> [{btf.target(type_id)}]"
        case _:
            return name  # of a kind to come, which only its name is known of


def _attribute(btf: Btf, type_id: int) -> str:
    return " attribute" if btf.kind_flag(type_id) else ""


def _braced(parts: Iterable[str]) -> str:
    inside = "; ".join(parts)
    return f"{{ {inside} }}" if inside else "{}"


def _name(name: str) -> str:
    """Return *name* as it can stand in a line: quoted unless it is printable and without spaces."""
    if not name:
        return "(anon)"
    plain = name.isascii() and name.isprintable() and not any(c in name for c in " {};,'\"")
    return name if plain else ascii(name)
