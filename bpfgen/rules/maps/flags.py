"""`map_flags`, and the attributes that flags and kinds give a meaning: numa_node, map_extra."""

from __future__ import annotations

from bpfgen.kernel.map_flags import (
    EXCLUSIVE_FLAGS,
    MAP_FLAGS,
    OTHER_FLAGS,
    flag_names,
    flags_value,
)
from bpfgen.kernel.map_kind import U32_MAX
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import refused, with_article
from bpfgen.rules.maps.entries import PAGE
from bpfgen.text.diagnostics import WARNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Diagnostic

NUMA_NO_NODE = 0xFFFFFFFF
"""-1 as `numa_node`: any node."""

MAX_NUMNODES = 1024
"""The most nodes that Linux can be built for (NODES_SHIFT is 10 at most)."""

_ACCEPTED = {kind.name: flags_value(kind.flags) for kind in MAP_KINDS.values()}
_REQUIRED = {kind.name: flags_value(kind.required_flags) for kind in MAP_KINDS.values()}
_PAIRS = tuple(
    (flags_value((one,)), flags_value((other,)), one, other, function)
    for one, other, function in EXCLUSIVE_FLAGS
)


_NO_DESCRIPTOR = (
    "Linux refuses it with EINVAL or EBADF, where `map_token_fd` is no token (map_create)"
)


def map_flags(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """Each kind takes certain flags, and no others.

    What it does: compares `map_flags` with the flags that the kind takes; `bpfgen kinds NAME` has
    them.
    Why: the kernel refuses a map with any other bit, with EINVAL (map_alloc_check of each kind); an
    LRU hash with BPF_F_NO_PREALLOC gets ENOTSUPP. BPF_F_TOKEN_FD comes with a file descriptor
    and is set by the loader, BPF_F_PATH_FD belongs to pinning.

    Wrong:
        map counters: array<__u32, __u64>[4] { map_flags = BPF_F_NO_PREALLOC; };
    Right:
        map counters: array<__u32, __u64>[4] { map_flags = BPF_F_MMAPABLE; };
    """
    for attr in target.attrs:
        flags = attr.map_flags
        if not flags or not (extra := flags & ~_ACCEPTED[attr.kind.name]):
            continue
        kind = attr.kind
        names = flag_names(extra)
        listed = " and ".join(f"`{name}`" if name in MAP_FLAGS else name for name in names)
        errno = "EINVAL"
        help_ = "leave it out" if len(names) == 1 else "leave them out"
        if "BPF_F_NO_PREALLOC" in names and kind.lru:
            errno = "EINVAL or ENOTSUPP" if len(names) > 1 else "ENOTSUPP"
            help_ += ": an LRU list needs all its elements beforehand"
        notes = [refused(errno, kind)] if names != ["BPF_F_TOKEN_FD"] else [_NO_DESCRIPTOR]
        for name in names:
            if name not in MAP_FLAGS:
                notes.append(f"no flag is {name}: the highest is bit {max_bit()}")
            elif MAP_FLAGS[name].nowhere:
                notes.append(f"`{name}`: {MAP_FLAGS[name].nowhere}")
            elif takers := [other.name for other in MAP_KINDS.values() if name in other.flags]:
                shown = ", ".join(takers[:4]) + (" …" if len(takers) > 4 else "")
                notes.append(f"`{name}` is for {shown}")
        yield attr.diagnostic(
            "map-flags",
            f"{with_article(kind)} doesn't take {listed}",
            "map_flags",
            notes=tuple(notes),
            help=help_,
            edits=attr.without_flags(names),
        )


def max_bit() -> int:
    """Return the highest bit that is a flag."""
    return max(flag.bit for flag in MAP_FLAGS.values())


def map_flags_meaning(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """A flag of a helper means something else in `map_flags`.

    What it does: warns where `map_flags` names a flag of bpf_map_update_elem, bpf_get_stackid,
    bpf_redirect_map and the like, in a constant of the file too.
    Why: BPF_MAP_CREATE has flags of its own for the same bits (include/uapi/linux/bpf.h), so that
    the map is created, and is another one: BPF_NOEXIST is BPF_F_NO_PREALLOC there, and BPF_F_LOCK
    is BPF_F_NUMA_NODE.

    Wrong:
        map seen: hash<__u32, __u64>[64] { map_flags = BPF_NOEXIST; };
    Right:
        map seen: hash<__u32, __u64>[64] { map_flags = BPF_F_NO_PREALLOC; };
    """
    for attr in target.attrs:
        attribute = attr.shape.attributes.get("map_flags")
        if attribute is None or attribute.expression is None:
            continue
        # Most flags are none, and needn't load what looks for names.
        from bpfgen.ctype.operands import constants_in

        for constant in constants_in(attribute.expression):
            taker = OTHER_FLAGS.get(constant.name)
            if taker is None or not constant.value:
                continue
            meant = " | ".join(flag_names(constant.value & U32_MAX))
            yield attr.diagnostic(
                "map-flags-meaning",
                f"`{constant.name}` is a flag of `{taker}`, and in `map_flags` it is {meant}",
                "map_flags",
                part=constant.name,
                notes=("BPF_MAP_CREATE has flags of its own (include/uapi/linux/bpf.h)",),
                help=f"leave it out, and give it to `{taker}`",
                edits=attr.without_flags((constant.name,)),
                severity=WARNING,
            )


def map_flags_missing(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """Some kinds exist with a certain flag only.

    What it does: asks for the flag that an lpm_trie, an rhash, a local storage (BPF_F_NO_PREALLOC)
    or an arena (BPF_F_MMAPABLE) needs, where `map_flags` is given without it. Where `map_flags` is
    not given, bpfgen fills it in.
    Why: the kernel refuses the map with EINVAL (trie_alloc, bpf_local_storage_map_alloc_check,
    arena_map_alloc).

    Wrong:
        struct prefix { __u32 prefixlen; __be32 address; };
        map routes: lpm_trie<prefix, __u32>[64] { map_flags = BPF_F_RDONLY_PROG; };
    Right:
        struct prefix { __u32 prefixlen; __be32 address; };
        map routes: lpm_trie<prefix, __u32>[64] {
            map_flags = BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG;
        };
    """
    for attr in target.attrs:
        required = _REQUIRED[attr.kind.name]
        flags = attr.map_flags
        if not required or flags is None or flags & required == required:
            continue
        missing = flag_names(required & ~flags)
        names = " | ".join(missing)
        yield attr.diagnostic(
            "map-flags-missing",
            f"{with_article(attr.kind)} needs `{names}`",
            "map_flags",
            notes=(refused("EINVAL", attr.kind),),
            help=f"add it: `map_flags = {' | '.join(flag_names(required | flags))};`"
            if flags
            else f"write `map_flags = {names};`, or leave it out",
            edits=attr.with_flags(missing),
            is_certain=True,
        )


def map_flags_pair(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """Three pairs of flags contradict each other.

    What it does: refuses BPF_F_RDONLY with BPF_F_WRONLY, BPF_F_RDONLY_PROG with BPF_F_WRONLY_PROG,
    and on an LRU hash BPF_F_NO_COMMON_LRU with BPF_F_NUMA_NODE.
    Why: the kernel refuses them with EINVAL (bpf_get_file_flag, bpf_map_flags_access_ok,
    htab_map_alloc_check): nobody could use a map that can be neither read nor written.

    Wrong:
        map m: array<__u32, __u64>[1] { map_flags = BPF_F_RDONLY | BPF_F_WRONLY; };
    Right:
        map m: array<__u32, __u64>[1] { map_flags = BPF_F_RDONLY | BPF_F_WRONLY_PROG; };
    """
    for attr in target.attrs:
        flags = attr.map_flags
        if not flags:
            continue
        accepted = _ACCEPTED[attr.kind.name]
        for one, other, name, other_name, function in _PAIRS:
            both = one | other
            if flags & both == both and accepted & both == both:
                yield attr.diagnostic(
                    "map-flags-pair",
                    f"`{name}` and `{other_name}` exclude each other",
                    "map_flags",
                    part=f"{name} | {other_name}",
                    notes=(f"Linux refuses them together with EINVAL ({function})",),
                    help="keep the one that is meant",
                )


def numa_node(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """`numa_node` and BPF_F_NUMA_NODE belong together.

    What it does: warns of a `numa_node` without the flag, and refuses a node that no Linux has.
    Why: without the flag the kernel ignores the number (bpf_map_attr_numa_node); a node that isn't
    online gets EINVAL (map_create).

    Wrong:
        map m: array<__u32, __u64>[1] { numa_node = 1; };
    Right:
        map m: array<__u32, __u64>[1] { map_flags = BPF_F_NUMA_NODE; numa_node = 1; };
    """
    numa = MAP_FLAGS["BPF_F_NUMA_NODE"].value
    for attr in target.attrs:
        if "numa_node" not in attr.shape.attributes:
            continue
        flags, node = attr.map_flags, attr.numa_node
        if flags is not None and not flags & numa:
            may_have = "BPF_F_NUMA_NODE" in attr.kind.flags
            yield attr.diagnostic(
                "numa-node",
                "`numa_node` means nothing without `BPF_F_NUMA_NODE`",
                "numa_node",
                notes=("Linux ignores it (bpf_map_attr_numa_node)",),
                help="add the flag to `map_flags`"
                if may_have
                else f"leave it out: {with_article(attr.kind)} can't be bound to a node",
                edits=attr.with_flags(("BPF_F_NUMA_NODE",))
                if may_have
                else attr.without("numa_node"),
                severity=WARNING,
            )
        elif node is not None and MAX_NUMNODES <= node != NUMA_NO_NODE:
            yield attr.diagnostic(
                "numa-node",
                f"`numa_node` is {node}, and nodes count from 0 to {MAX_NUMNODES - 1}",
                "numa_node",
                notes=("Linux refuses a node that isn't online with EINVAL (map_create)",),
                help="write the number of a node, or leave it out with the flag",
            )


def map_extra(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """`map_extra` has a meaning for three kinds, and limits there.

    What it does: refuses it on other kinds. For a bloom_filter it is the number of hash functions,
    at most 15; for an arena the address where user space maps it: whole pages, and the arena must
    not cross a multiple of 4 GiB; for an rhash the initial size, at most `max_entries` and 65535.
    Why: the kernel refuses anything else with EINVAL (map_create, bloom_map_alloc,
    rhtab_map_alloc_check), E2BIG (rhtab_map_alloc_check, over 65535) or ERANGE (arena_map_alloc).

    Wrong:
        map seen: bloom_filter<__u64>[1000] { map_extra = 16; };
    Right:
        map seen: bloom_filter<__u64>[1000] { map_extra = 3; };
    """
    for attr in target.attrs:
        extra = attr.map_extra
        if not extra:
            continue
        kind = attr.kind
        wrong = _wrong_extra(attr, extra)
        if wrong is not None:
            message, errno, help_, replacement = wrong
            note = refused(errno, kind)
            if not kind.map_extra:
                note = "Linux refuses it with EINVAL (map_create)"
            yield attr.diagnostic(
                "map-extra",
                message,
                "map_extra",
                notes=(note, f"here it is {kind.map_extra}") if kind.map_extra else (note,),
                help=help_,
                replacement=replacement,
                edits=() if kind.map_extra else attr.without("map_extra"),
            )


def _wrong_extra(attr: BpfAttr, extra: int) -> tuple[str, str, str, str] | None:
    """Return what is wrong with *extra*, or None.

    That is the message, the errno, the help, and what to type instead of the number or an empty
    text.
    """
    kind = attr.kind
    entries = attr.max_entries
    if not kind.map_extra:
        return (
            f"`map_extra` means nothing to {with_article(kind)}",
            "EINVAL",
            "leave it out",
            "",
        )
    if kind.extra_most is not None:
        most = kind.extra_most
        if kind.extra_within_entries and entries:
            most = min(most, entries)
        if extra > most:
            message = f"`map_extra` is {extra}, and {most} is the most here"
            errno = kind.extra_over if kind.extra_most < extra <= U32_MAX else "EINVAL"
            return message, errno, f"write `map_extra = {most}` at most", str(most)
    if kind.extra_is_address:
        if extra % PAGE:
            message = f"the address {extra:#x} is not at the start of a page"
            page = f"{extra & -PAGE:#x}"
            return message, "EINVAL", f"write `map_extra = {page}`", page
        if entries and extra >> 32 != (extra + entries * PAGE - 1) >> 32:
            message = f"from {extra:#x} on the arena would cross a multiple of 4 GiB"
            start = f"{extra >> 32 << 32:#x}"
            return message, "ERANGE", f"write `map_extra = {start}`, or make it smaller", start
    return None
