"""The rule `break-inner-fields` against the kernel: values with special fields, one change or more.

Both versions have BTF of their own, as two objects of a running system have. What a list, a tree or
a pointer to a struct of the program is of is known to the kernel by that BTF alone, so that such
inner maps never fit a map of maps that was made of another object, whatever changed: those pairs
are counted apart.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import Asked, compare
from bpfgen.compiler import compile
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Composite
from bpfgen.text.source import Source
from tests.changes.test_inner_kernel import stores
from tests.kernel.bpf_syscall import create_map, load_btf
from tests.kernel.btf_encoder import BtfEncoder
from tests.tools import require_root

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation

pytestmark = pytest.mark.kernel

SEED = int(os.environ.get("BPFGEN_RANDOM_SEED", "5"))
COUNT = int(os.environ.get("BPFGEN_RANDOM_PAIRS", "400"))

TYPES = """\
struct task_struct;
struct cgroup;
struct own { __u64 x; };
struct in_list { struct bpf_list_node node; __u64 x; };
struct in_tree { struct bpf_rb_node node; __u64 x; };
"""

ONCE = (
    "struct bpf_spin_lock {}",
    "struct bpf_timer {}",
    "struct bpf_wq {}",
    "struct bpf_refcount {}",
)
"""At most one of each stands in a value, and none in a nested struct: a kernel warns of others."""

PLAIN = ("__u8 {}", "__u32 {}", "__u64 {}", "__u64 {}[3]", "__u32 {}[2]", "struct own *{}")
POINTERS = (
    "struct task_struct __kptr *{}",
    "struct cgroup __kptr *{}",
    "struct task_struct __kptr_untrusted *{}",
    "struct task_struct __kptr *{}[2]",
    "struct {{ struct cgroup __kptr *p; __u64 n; }} {}[2]",
    "struct {{ struct cgroup __kptr *p; }} {}[2]",
    "struct {{ __u64 n; struct task_struct __kptr_untrusted *p[2]; }} {}",
    "struct {{ __u64 a, b; }} {}[2]",
)
OF_THE_PROGRAM = (
    "struct own __kptr *{}",
    "struct bpf_list_head {} __contains(in_list, node)",
    "struct bpf_rb_root {} __contains(in_tree, node)",
)
"""Fields whose record refers to the BTF of the map."""


def test_the_kernel_compares_special_fields_as_the_rule_does() -> None:
    """A map is stored exactly where there is no finding."""
    require_root()
    outcomes = {(True, False): 0, (False, False): 0, (True, True): 0, (False, True): 0}
    for number in range(COUNT):
        random = Random(f"{SEED}/{number}")  # noqa: S311 -- test data
        members = random_members(random)
        changed = members
        for _ in range(random.choice((0, 1, 1, 1, 2))):
            changed = with_a_change(random, changed)
        sides = [compile(Source("maps.dsl", text_of(one))) for one in (members, changed)]
        if any(side.failed for side in sides):
            continue
        is_broken = bool(compare(sides[0].model, sides[1].model, Asked(("inner",))))
        is_own = any(field in (*members, *changed) for field in OF_THE_PROGRAM)
        with ExitStack() as stack:
            stored = inner_map(stack, sides[0])
            takes = stores(outer_map(stack, inner_map(stack, sides[1])), stored)
            if is_own:
                assert not takes
                of_its_own = outer_map(stack, inner_map(stack, sides[0]))
                assert not stores(of_its_own, stored) or members == []
            else:
                assert takes == (not is_broken), f"{members}\n{changed}"
        outcomes[is_broken, is_own] += 1
    assert min(outcomes.values()) > COUNT // 50, outcomes


def random_members(random: Random) -> list[str]:
    """Return the members of a value, without names."""
    members = random.choices(PLAIN, k=random.randint(0, 3))
    members += random.choices(POINTERS, k=random.randint(0, 2))
    members += random.sample(ONCE, random.choice((0, 0, 1, 1, 2)))
    if random.random() < 0.2:
        members.append(random.choice(OF_THE_PROGRAM))
    random.shuffle(members)
    return members


def with_a_change(random: Random, members: list[str]) -> list[str]:
    """Return *members* with one change, which may mean nothing."""
    changed = list(members)
    what = random.randrange(5)
    if what == 0 and len(changed) > 1:
        one, other = random.sample(range(len(changed)), 2)
        changed[one], changed[other] = changed[other], changed[one]
    elif what == 1 and changed:
        changed.pop(random.randrange(len(changed)))
    elif what == 2:
        unused = [field for field in ONCE if field not in changed]
        field = random.choice((*PLAIN, *POINTERS, *unused))
        changed.insert(random.randrange(len(changed) + 1), field)
    elif what == 3 and changed:
        at = random.randrange(len(changed))
        group = next(g for g in (ONCE, PLAIN, POINTERS, OF_THE_PROGRAM) if changed[at] in g)
        changed[at] = random.choice(
            [f for f in group if f not in ONCE or f not in changed] or [changed[at]]
        )
    elif changed:
        at = random.randrange(len(changed))
        changed[at] = random.choice(PLAIN[:3]) if changed[at] in PLAIN else changed[at]
    return changed


def text_of(members: list[str]) -> str:
    """Return a source with a map of maps whose values have *members*, and some bytes."""
    body = "".join(f"    {one.format(f'm{at}')};\n" for at, one in enumerate(members))
    value = f"struct v {{\n{body}    __u32 last;\n}};\n"
    return f"{TYPES}{value}map m: array_of_maps<__u32, hash<__u32, v>[1]>[1];\n"


def inner_map(stack: ExitStack, side: Compilation) -> int:
    """Return the descriptor of an inner map of *side*, with BTF of its own."""
    shape = side.model.maps[0].shape.inner
    assert shape is not None
    assert shape.key is not None
    assert shape.value is not None
    encoder = BtfEncoder(side.model.types)
    for type in side.model.types.values():
        if isinstance(type, Composite):  # what a list is of, only its tag says
            encoder.add(type)
    key, value = encoder.add(shape.key.type), encoder.add(shape.value.type)
    btf = stack.enter_context(load_btf(encoder.data()))
    made = create_map(
        shape.kind.number,
        key_size=4,
        value_size=sizeof(shape.value.type) or 0,
        max_entries=1,
        btf_fd=btf.fd,
        btf_key_type_id=key,
        btf_value_type_id=value,
    )
    return stack.enter_context(made).fd


def outer_map(stack: ExitStack, inner: int) -> int:
    """Return the descriptor of a map of maps like *inner*."""
    outer = create_map(12, key_size=4, value_size=4, max_entries=1, inner_map_fd=inner)
    return stack.enter_context(outer).fd
