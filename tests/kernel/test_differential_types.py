"""Random types, compiled by clang: the rule `btf-refused` against BPF_BTF_LOAD of this kernel."""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest

from bpfgen.compiler import Options, compile, emit
from bpfgen.ctype.layout import BTF_MEMBERS
from bpfgen.elf.read import ElfFile
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source
from tests import compiled
from tests.fuzz.object_drafts import TypesDraft, kind_of, take_types_apart
from tests.kernel.bpf_syscall import load_btf
from tests.kernel.random_types import RandomType
from tests.tools import compilers, require_clang, require_root

pytestmark = pytest.mark.kernel

TYPES = int(os.environ.get("BPFGEN_DIFFERENTIAL_TYPES", "400"))
"""How many with each compiler; 10,000 take two minutes."""

BATCH = 100
"""How many in one file for clang."""

_ABOUT_TYPES = {
    3: ((3, 4), 0, ()),
    4: ((), 3, (1,)),
    5: ((), 3, (1,)),
    13: ((2,), 2, (1,)),
    15: ((), 3, (0,)),
}
"""Where ids of types stand: words of each kind, and in each of its elements of so many words."""


def _ids(record: list[int]) -> list[int]:
    """Return the places in *record* that hold ids."""
    kind = kind_of(record)
    places, each, inside = _ABOUT_TYPES.get(kind, ((2,), 0, ()))
    found = list(places) if kind not in (1, 6, 7, 16, 19) else []
    if each:
        found += [at + n for at in range(3, len(record), each) for n in inside]
    return found


def _alone(draft: TypesDraft, root: int) -> bytes:
    """Return BTF of the type *root* of *draft* and what it needs, in the same order."""
    needed = {0}
    pending = [root]
    while pending:
        type_id = pending.pop()
        if type_id not in needed:
            needed.add(type_id)
            record = draft.records[type_id - 1]
            pending += (record[at] for at in _ids(record))
    for number, record in enumerate(draft.records, 1):
        if kind_of(record) == 17 and record[2] in needed:
            needed.add(number)
    new = {old: number for number, old in enumerate(sorted(needed))}
    made = TypesDraft(draft.order)
    made.strings = draft.strings
    for old in sorted(needed)[1:]:
        record = list(draft.records[old - 1])
        for at in _ids(record):
            record[at] = new[record[at]]
        made.records.append(record)
    return made.build()


def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def _batch(chance: Random) -> list[tuple[RandomType, str]]:
    """Return types that the language takes, with what the rule says of each, or nothing."""
    found: list[tuple[RandomType, str]] = []
    while len(found) < BATCH:
        type = RandomType(chance, len(found))
        text = f"{type.text}map m{len(found)}: hash<__u32, {type.name}>[1];\n"
        compilation = compile(Source("t.dsl", text), Options(kernel=_kernel()))
        said = compilation.diagnostics
        if any(each.severity == ERROR for each in said):
            continue
        refused = [each.message for each in said if each.code == "btf-refused"]
        found.append((type, "; ".join(refused)))
    return found


@pytest.mark.parametrize("compiler", compilers())
def test_the_kernel_agrees_about_random_types(compiler: str) -> None:
    """What the rule accepts, the kernel takes; what it refuses, the kernel does."""
    require_root()
    require_clang(compiler)
    chance = Random(1)  # noqa: S311 -- not for secrets
    seen: Counter[bool] = Counter()
    wrong: list[str] = []
    for _ in range(0, TYPES, BATCH):
        batch = _batch(chance)
        text = "".join(
            f"{type.text}map m{number}: hash<__u32, {type.name}>[1];\n"
            for number, (type, _said) in enumerate(batch)
        )
        compilation = compile(Source("t.dsl", text), Options(kernel=_kernel()))
        data = compiled.compile_c(emit(compilation), compiler)
        section = ElfFile(data).section_named(".BTF")
        assert section is not None
        draft = take_types_apart(bytes(section.data), "<")
        names = {
            draft.strings[record[0] : draft.strings.index(b"\0", record[0])].decode(): number
            for number, record in enumerate(draft.records, 1)
            if kind_of(record) == 14
        }
        for number, (type, said) in enumerate(batch):
            try:
                load_btf(_alone(draft, names[f"m{number}"])).close()
                kernels = ""
            except OSError as error:
                kernels = str(error).splitlines()[-1]
            seen[bool(kernels)] += 1
            if bool(kernels) != bool(said):
                wrong.append(f"{type.text}{type.name}\n  kernel `{kernels}`, rule `{said}`")
    assert not wrong, f"{len(wrong)} of {seen.total()}\n" + "\n".join(wrong[:4])
    assert min(seen.values()) > TYPES / 10, seen


def test_the_rule_knows_of_enums_with_too_many() -> None:
    """Such an enum in a value is reported where it is declared: clang leaves it out of BTF."""
    names = ",".join(f"E{number}" for number in range(BTF_MEMBERS + 1))
    text = f"enum e {{ {names} }};\nstruct s {{ enum e x; }};\nmap m: hash<__u32, s>[1];\n"
    found = compile(Source("t.dsl", text)).diagnostics
    assert [(said.code, said.span and said.span.line) for said in found] == [("btf-refused", 1)]
