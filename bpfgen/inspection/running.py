"""What a running map has beside its definition: for people below the table, for programs a record.

Beside :mod:`table` and :mod:`json`, which have the definition.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite
from bpfgen.kernel.made import added_flags
from bpfgen.kernel.map_flags import flag_names
from bpfgen.kernel.program_types import program_type_name
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.render import printable
from bpfgen.text.table import FILE
from bpfgen.values.sections import type_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from bpfgen.ctype.types import Member, Type
    from bpfgen.inspection.declaration import Declarations
    from bpfgen.object.running import RunningMap
    from bpfgen.text.table import Page


def running_lines(running: RunningMap, page: Page = FILE) -> list[str]:
    """Return what is known of *running* beside its definition, and what isn't: a line a fact."""
    facts = [(name, printable(text)) for name, text in _facts(running)]
    width = max(len(name) for name, _ in facts)
    lines = []
    before = ""
    for name, text in facts:
        head = "" if name == before else name
        lines.append(f"{page.bold(head)}{' ' * (width - len(head))}  {text}")
        before = name
    return lines


def _facts(running: RunningMap) -> Iterator[tuple[str, str]]:
    yield "id", str(running.id)
    yield "name", running.name or "none"
    if running.memlock is not None:
        yield "memory", f"{running.memlock:,} bytes"
    if running.frozen is not None:
        yield "frozen", "yes: user space can't write to it" if running.frozen else "no"
    if running.owner_type is not None:
        yield "programs", f"those of type `{program_type_name(running.owner_type)}` alone"
    added = running.map_flags & (0 if running.kind is None else added_flags(running.kind))
    if added:
        yield "flags", f"{' | '.join(flag_names(added))}, which the kernel sets by itself"
    if running.types is not None:
        types = f"BTF {running.btf_id}" if running.btf_id else "those of vmlinux"
        if running.kind is not None and running.kind.from_variable and running.btf_id:
            types = f"BTF {running.btf_id}, the kernel's own"
        replaced = ", in which libbpf has replaced what this kernel doesn't know"
        yield "types", types + replaced * running.rewritten
    for unknown in running.unknown:
        yield "unknown", f"{unknown.what}: {unknown.why}"


def running_record(running: RunningMap, declarations: Declarations) -> dict[str, Any]:
    """Return the record of *running*, as docs/inspect.md has it."""
    types = running.types
    owner = running.owner_type
    return {
        "id": running.id,
        "name": running.name,
        "type": None if running.kind is None else running.kind.name,
        "type_id": running.number,
        "key_size": running.key_size,
        "value_size": running.value_size,
        "max_entries": running.max_entries,
        "map_flags": running.map_flags,
        "map_extra": running.map_extra,
        "frozen": running.frozen,
        "memory": running.memlock,
        "program_type": None if owner is None else program_type_name(owner),
        "btf_id": running.btf_id,
        "types": "rewritten" if running.rewritten else running.untyped or "known",
        "key": declarations.of_id(types, running.key_type_id),
        "value": declarations.of_id(types, running.value_type_id),
        "variables": [
            {
                "name": member.name,
                "type": declarations.one_line(member.type),
                "offset": member.bit_offset // 8,
            }
            for member in _variables(running)
        ],
        "inner": None if running.inner is None else running_record(running.inner, declarations),
        "unknown": [{"what": one.what, "why": one.why} for one in running.unknown],
    }


def value_of(running: RunningMap) -> Type | None:
    """Return what the values are of, variables as members of a struct; None where there is none."""
    if running.types is None:
        return None
    return type_of(running.types, running.value_type_id, running.value_size)


def _variables(running: RunningMap) -> tuple[Member, ...]:
    """Return the variables that *running* holds, as members; none where it is no global data."""
    value = None if running.section is None else value_of(running)
    return value.members if isinstance(value, Composite) else ()
