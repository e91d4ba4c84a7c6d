"""Which kind of map takes which special field in its value: every pair, against a second table."""

from __future__ import annotations

import pytest

from bpfgen.compiler import compile
from bpfgen.text.source import Source
from tests.kernel.random_maps import NUMBERS, plain
from tests.rulebook.test_versions import FIELDS, OBJECTS

STORAGES = "sk_storage inode_storage task_storage cgrp_storage"
LOCKED = f"hash array cgroup_storage {STORAGES} rhash"
LATER = "hash array lru_hash rhash"
COUNTED = f"hash array percpu_hash percpu_array lru_hash lru_percpu_hash {STORAGES} rhash"

TAKERS = {
    **dict.fromkeys(("bpf_spin_lock", "bpf_res_spin_lock"), LOCKED),
    **dict.fromkeys(("bpf_timer", "bpf_wq", "bpf_task_work"), LATER),
    **dict.fromkeys(("bpf_refcount", "kptr", "kptr_untrusted", "percpu_kptr"), COUNTED),
    **dict.fromkeys(("bpf_list_head", "bpf_rb_root"), "hash array"),
    "uptr": "task_storage",
}
"""map_check_btf in kernel/bpf/syscall.c, but for lru_hash, which takes lists and no lock."""


@pytest.mark.parametrize("field", TAKERS)
def test_each_kind_takes_the_fields_that_it_takes(field: str) -> None:
    """What a kind doesn't take is refused, and nothing else."""
    member = FIELDS.get(field, f"struct {field} f;")
    kinds = [kind for kind in NUMBERS if not kind.endswith("_of_maps")]
    text = f"{OBJECTS}struct v {{ {member} }};\n"
    for kind in kinds:
        definition = plain(kind)
        attributes = {**definition.attributes(), "value": "struct v"}
        attributes.pop("value_size", None)
        if kind not in ("ringbuf", "user_ringbuf", "arena"):
            assert definition.value_size
        body = " ".join(f"{name} = {value};" for name, value in attributes.items())
        text += f"map {kind}: {kind} {{ {body} }}\n"
    told = {
        diagnostic.map
        for diagnostic in compile(Source("maps.dsl", text)).diagnostics
        if diagnostic.code == "special-field-kind" and f"a `{field}`" in diagnostic.message
    }
    assert {kind for kind in kinds if kind not in told} == set(TAKERS[field].split())
