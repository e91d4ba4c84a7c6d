"""Random values with special fields: what bpfgen says of them against what the running kernel does.

Some shapes make Linux 6.18 print a warning and taint itself: both kinds of lock in a struct, a list
or tree under a bpf_res_spin_lock, two of one field that counts once if a nested struct has one of
them (each nested struct is searched by itself) or if it is bpf_refcount. bpfgen refuses them, and
they are never tried here.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Composite
from bpfgen.kernel.special_fields import SPECIAL_FIELDS
from bpfgen.model.model import TypeDeclaration
from bpfgen.rules.fields.holders import value_struct
from bpfgen.rules.fields.uses import NODES, FieldFinder
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source
from tests.conformance import libbpf
from tests.kernel.bpf_syscall import create_map, has_special_fields, load_btf, map_info
from tests.kernel.btf_encoder import BtfEncoder
from tests.kernel.field_programs import program
from tests.tools import require_clang, require_root

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation

pytestmark = pytest.mark.kernel

PROGRAMS = int(os.environ.get("BPFGEN_DIFFERENTIAL_FIELDS", "6000"))
SEED = 20260730

ONCE = frozenset(name for name, field in SPECIAL_FIELDS.items() if field.most == 1)

STRICTER = {
    "special-field-hidden": "a hidden lock is lost also where another field is found",
    "special-field-alignment": "one that isn't aligned is lost also where another field is found",
    "kptr-tag of an object": "such a pointer alone is no reason to look at a struct",
    "kptr-target of an object": "the same",
}
"""Codes that bpfgen gives to what this kernel takes, each with its reason."""


COMMON = (
    *("accepted", "load", "create", "forgotten", "kept"),
    *("special-field-kind", "special-field-access", "special-field-twice"),
    *("special-field-lock", "special-field-contains", "special-field-hidden"),
    *("special-field-bitfield", "special-field-alignment", "special-field-nodes"),
    *("special-field-cycle", "kptr-tag", "kptr-target", "kptr-destructor"),
)
"""What must come up among the programs, lest nothing is tried."""


def _kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def _dangerous(compilation: Compilation) -> bool:
    """Whether the program has one of the shapes that make a kernel warn, in any of its structs."""
    finder = FieldFinder()
    for declaration in compilation.model.declarations:
        if not isinstance(declaration, TypeDeclaration):
            continue
        composite = declaration.defines
        if not isinstance(composite, Composite):
            continue
        names: Counter[str] = Counter()
        nested = set()
        for use in finder.of(composite).uses:
            names[use.name] += max(use.count, 1)
            if use.nested or use.name == "bpf_refcount":
                nested.add(use.name)
        if any(names[name] > 1 and name in ONCE for name in nested):
            return True
        if names["bpf_spin_lock"] and names["bpf_res_spin_lock"]:
            return True
        if names["bpf_res_spin_lock"] and (names["bpf_list_head"] or names["bpf_rb_root"]):
            return True
    return False


def _found_fields(compilation: Compilation) -> bool:
    """Whether bpfgen sees special fields in the map's value."""
    value = compilation.model.maps[0].shape.value
    composite = value_struct(value.type) if value is not None else None
    if composite is None:
        return False
    return any(not use.hidden and use.name not in NODES for use in FieldFinder().of(composite).uses)


def _answer(compilation: Compilation) -> str:
    """Return what the kernel does: `load`, `create` (refused there), `forgotten` or `kept`."""
    model = compilation.model
    shape = model.maps[0].shape
    encoder = BtfEncoder(model.types)
    for declaration in model.declarations:
        if isinstance(declaration, TypeDeclaration) and isinstance(declaration.defines, Composite):
            encoder.add(declaration.defines)
    assert shape.value is not None
    key_id = encoder.add(shape.key.type) if shape.key is not None else 0
    value_id = encoder.add(shape.value.type)
    numbers = {name: attribute.value or 0 for name, attribute in shape.attributes.items()}
    try:
        btf = load_btf(encoder.data())
    except OSError:
        return "load"
    with btf:
        try:
            created = create_map(
                shape.kind.number,
                key_size=(sizeof(shape.key.type) or 0) if shape.key is not None else 0,
                value_size=sizeof(shape.value.type) or 0,
                max_entries=numbers.get("max_entries", 0),
                map_flags=numbers.get("map_flags", 0),
                btf_fd=btf.fd,
                btf_key_type_id=key_id,
                btf_value_type_id=value_id,
            )
        except OSError:
            return "create"
        with created:
            return "kept" if has_special_fields(created.fd) else "forgotten"


def _codes(compilation: Compilation) -> set[str]:
    """Return what speaks against the program; of structs that are in no value, with that added."""
    return {
        diagnostic.code
        if diagnostic.map is not None or not diagnostic.code.startswith("kptr")
        else f"{diagnostic.code} of an object"
        for diagnostic in compilation.diagnostics
        if diagnostic.severity == ERROR or diagnostic.code == "kptr-destructor"
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_kernel_agrees_about_special_fields(seed: int) -> None:
    """What bpfgen accepts, the kernel takes and keeps in mind; what it refuses, it doesn't."""
    require_root()
    kernel = _kernel()
    if kernel < (6, 18):
        pytest.skip("the kernel is older than what the programs are made for: 6.18")
    tainted = Path("/proc/sys/kernel/tainted").read_text()
    random = Random(seed)  # noqa: S311 -- not for secrets
    seen: Counter[str] = Counter()
    wrong = []
    tried = 0
    while tried < PROGRAMS // 4:
        text = program(random)
        compilation = compile(Source("m.dsl", text), Options(kernel=kernel))
        value = compilation.model.maps[0].shape.value
        if value is None or not sizeof(value.type) or _dangerous(compilation):
            continue
        tried += 1
        codes = _codes(compilation)
        answer = _answer(compilation)
        seen.update(codes or {"accepted"})
        seen[answer] += 1
        if codes:
            agreed = answer != "kept" or bool(codes & STRICTER.keys())
        else:
            agreed = answer == ("kept" if _found_fields(compilation) else "forgotten")
        if not agreed:
            wrong.append(f"{sorted(codes)} against `{answer}`:\n{text}")
    assert not wrong, f"{len(wrong)} of {tried}\n" + "\n".join(wrong[:5])
    assert Path("/proc/sys/kernel/tainted").read_text() == tainted
    for what in COMMON:
        assert seen[what] >= tried // 1000, (what, seen)


def test_clangs_types_get_the_same_answer() -> None:
    """What is accepted is kept in mind, too, if clang compiles the types and libbpf loads them."""
    require_root()
    require_clang()
    kernel = _kernel()
    if kernel < (6, 18):
        pytest.skip("the kernel is older than what the programs are made for: 6.18")
    random = Random(4)  # noqa: S311 -- not for secrets
    tried: Counter[bool] = Counter()
    while min(tried[False], tried[True]) < 8:
        # A struct that is only named is vmlinux.h's to define; here it gets any body.
        text = program(random).replace("struct task_struct;", "struct task_struct { int x; };")
        compilation = compile(Source("m.dsl", text), Options(kernel=kernel))
        fields = _found_fields(compilation)
        if _codes(compilation) or _dangerous(compilation) or tried[fields] == 8:
            continue
        tried[fields] += 1
        data, diagnostics = build_object(compilation)
        assert data is not None, diagnostics
        with libbpf.open_object(data) as opened:
            descriptor = opened.load()["m"]
            info = map_info(descriptor)
            assert info.btf_value_type_id, f"{text}\n{opened.messages}"
            assert has_special_fields(descriptor) == fields, text
