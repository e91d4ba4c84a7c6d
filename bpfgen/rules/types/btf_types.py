"""The BTF types of keys and values, as the kernel wants them beside the sizes."""

from __future__ import annotations

from bpfgen.ctype.sizes import spelled
from bpfgen.ctype.types import Composite, Enum, Int, underlying
from bpfgen.kernel.map_kind import ANY, CGROUP_KEY, INT32, STRUCT
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.fields.places import found_fields
from bpfgen.rules.fields.uses import FieldFinder
from bpfgen.rules.maps.bpf_attr import prefix_advice, prefix_struct, with_article
from bpfgen.text.diagnostics import ERROR, WARNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Diagnostic

_WANTED = {
    INT32: "an integer of 4 bytes",
    STRUCT: "a struct that begins with `__u32 prefixlen`",
    CGROUP_KEY: "`__u64` or `struct bpf_cgroup_storage_key`",
}
_REMEDY = {
    INT32: "use `__u32`",
    CGROUP_KEY: "use `struct bpf_cgroup_storage_key`",
}


_UNTYPED = "libbpf then creates the map without types"

_TYPE = {INT32: "__u32", CGROUP_KEY: "struct bpf_cgroup_storage_key"}
"""What to type instead, where it is the same for every map."""


def map_key_type(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """Some kinds want a key of a certain type, not only of the right size.

    What it does: looks at the type of the key. That of an array or a local storage is an integer of
    32 bits (its sign doesn't matter, an enum or a struct won't do), that of an lpm_trie a struct,
    that of a cgroup_storage a 64-bit integer or struct bpf_cgroup_storage_key.
    Why: the kernel refuses the types with EINVAL (array_map_check_btf, trie_check_btf,
    bpf_local_storage_map_check_btf, cgroup_storage_check_btf). libbpf then creates the map without
    any types: it works, and bpftool shows bytes. That is a warning. A local storage can't be
    created at all, and locks and kptrs in the value of another map are gone: those are errors.

    Wrong:
        enum place { FIRST, SECOND };
        map counters: array<enum place, __u64>[2];
    Right:
        enum place { FIRST, SECOND };
        map counters: array<__u32, __u64>[2];
    """
    for attr in target.attrs:
        kind = attr.kind
        key = attr.shape.key
        if key is not None and kind.keyless and kind.btf == "optional":
            # Its size is 0, else map-key-size speaks.
            if attr.key_size == 0:
                yield attr.diagnostic(
                    "map-key-type",
                    f"{with_article(kind)} has no key, so that it has no type either",
                    "key_size",
                    part="key",
                    span=key.span,
                    notes=(
                        "Linux refuses the types with EINVAL (bloom_map_check_btf)",
                        _UNTYPED,
                    ),
                    help="leave out the key",
                    edits=attr.without("key"),
                    severity=WARNING,
                )
            continue
        if key is None or kind.key_type == ANY or attr.legacy or attr.shape.value is None:
            continue
        if attr.key_size is None or attr.key_size not in kind.key_sizes:
            continue
        if _has_type(key.type, kind.key_type):
            continue
        required = kind.btf == "required"
        check = kind.source.rpartition(", ")[2]  # what looks at types comes last
        notes = [f"Linux refuses the types with EINVAL ({check})"]
        fields = found_fields(attr.shape, FieldFinder())
        if required:
            notes.append("libbpf's second try, without types, fails as well")
        else:
            notes.append(_UNTYPED)
        if fields:
            notes.append(f"no program can use the `{fields[0].name}` of the value then")
        yield attr.diagnostic(
            "map-key-type",
            f"the key of {with_article(kind)} is {_WANTED[kind.key_type]}, and {spelled(key.type)}"
            f" is {_what(key.type)}",
            "key_size",
            part="key",
            span=key.span,
            notes=tuple(notes),
            help=_REMEDY.get(kind.key_type) or prefix_advice(key.type),
            severity=ERROR if required or fields else WARNING,
            replacement=_TYPE.get(kind.key_type) or prefix_struct(key.type),
        )


def _has_type(type: Type, wanted: str) -> bool:
    bare = underlying(type)
    if wanted == INT32:
        return isinstance(bare, Int) and bare.size == 4
    if wanted == STRUCT:
        return isinstance(bare, Composite) and bare.kind == "struct"
    if isinstance(bare, Int):
        return bare.size == 8
    # cgroup_storage_check_btf: two members, 64 bits at 0 and 32 bits at 64.
    if not (isinstance(bare, Composite) and bare.kind == "struct" and len(bare.members) == 2):
        return False
    inode, attach_type = bare.members
    first, second = underlying(inode.type), underlying(attach_type.type)
    return (
        (isinstance(first, Int) and first.size == 8 and not inode.is_bitfield)
        and (isinstance(second, Int) and second.size == 4 and not attach_type.is_bitfield)
        and attach_type.bit_offset == 64
    )


def _what(type: Type) -> str:
    bare = underlying(type)
    if isinstance(bare, Enum):
        return "an enum"
    if isinstance(bare, Int):
        return "an integer"
    if isinstance(bare, Composite):
        return "another struct" if bare.kind == "struct" else "a union"
    return "none"


def lpm_key_prefix(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """The key of an lpm_trie begins with the length of the prefix.

    What it does: warns where no member of 4 bytes stands at the start of the key's struct.
    Why: whatever stands there, the kernel reads the first 4 bytes as the number of bits that count
    (struct bpf_lpm_trie_key_hdr), and refuses to store a key whose number is larger than its data
    has bits, with EINVAL (trie_update_elem).

    Wrong:
        struct prefix { __u8 address[4]; __u8 bits; __u8 pad[3]; };
        map routes: lpm_trie<prefix, __u32>[64];
    Right:
        struct prefix { __u32 bits; __u8 address[4]; };
        map routes: lpm_trie<prefix, __u32>[64];
    """
    reported: set[int] = set()  # by identity
    for attr in target.attrs:
        key = attr.shape.key
        if key is None or attr.kind.key_type != STRUCT or id(key.type) in reported:
            continue
        struct = underlying(key.type)
        if not isinstance(struct, Composite) or struct.kind != "struct" or _begins_with_4(struct):
            continue
        reported.add(id(key.type))
        yield attr.diagnostic(
            "lpm-key-prefix",
            "the key of an `lpm_trie` begins with the length of its prefix, and "
            f"{spelled(key.type)} doesn't begin with a number of 4 bytes",
            "key_size",
            part="key",
            span=key.span,
            notes=("Linux reads the first 4 bytes as a number of bits (bpf_lpm_trie_key_hdr)",),
            help="write `__u32 prefixlen;` as its first member",
            severity=WARNING,
        )


def _begins_with_4(composite: Composite) -> bool:
    """Return whether an integer of 4 bytes stands at the start of *composite*, at any depth."""
    pending: list[Type] = [composite]
    while pending:
        bare = underlying(pending.pop())
        if isinstance(bare, Composite):
            pending += (m.type for m in bare.members if m.bit_offset == 0 and not m.is_bitfield)
        elif isinstance(bare, (Int, Enum)) and bare.size == 4:
            return True
    return False


def map_types_required(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """A local storage needs the types of its key and its value.

    What it does: asks for both types where `key_size` or `value_size` stand instead, and refuses a
    legacy map, whose types stay in the source.
    Why: the kernel refuses sk_storage, inode_storage, task_storage and cgrp_storage without BTF
    types with EINVAL (bpf_local_storage_map_alloc_check), and libbpf's second try, without types,
    fails as well.

    Wrong:
        map tasks: task_storage { key_size = 4; value_size = 8; };
    Right:
        map tasks: task_storage<int, __u64>;
    """
    for attr in target.attrs:
        if attr.kind.btf != "required" or attr.is_template:
            continue
        if attr.legacy:
            yield attr.diagnostic(
                "map-types-required",
                f"{with_article(attr.kind)} needs types of key and value, and a legacy map has"
                " none",
                "",
                notes=("Linux refuses it with EINVAL (bpf_local_storage_map_alloc_check)",),
                help="make it a BTF-defined map: leave out `legacy`",
                edits=attr.modern(),
            )
            continue
        for role in ("key", "value"):
            if getattr(attr.shape, role) is not None or not attr.given(f"{role}_size"):
                continue
            yield attr.diagnostic(
                "map-types-required",
                f"{with_article(attr.kind)} needs the type of its {role}, and there is a size only",
                f"{role}_size",
                notes=("Linux refuses it with EINVAL (bpf_local_storage_map_alloc_check)",),
                help=f"write `{attr.kind.name}<int, T>`",
                edits=attr.typed(role),
            )


def half_typed_map(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """The kernel takes the types of key and value both, or neither.

    What it does: warns where one has a type and the other a size only.
    Why: the kernel refuses the map with EINVAL (map_create, map_check_btf), and libbpf creates it
    without any type: bpftool shows bytes, and special fields of the value are not found. On the
    kinds whose types libbpf keeps back anyway it makes no difference, and nothing is said.

    Wrong:
        struct flow { __u64 packets; };
        map flows: hash[16] { key_size = 4; value = struct flow; };
    Right:
        struct flow { __u64 packets; };
        map flows: hash<__u32, flow>[16];
    """
    for attr in target.attrs:
        kind = attr.kind
        shape = attr.shape
        if not kind.takes_both_types or attr.legacy or attr.is_template:
            continue
        if (shape.key is None) == (shape.value is None):
            continue
        typed, bare = ("key", "value") if shape.value is None else ("value", "key")
        if not attr.given(f"{bare}_size"):
            continue
        yield attr.diagnostic(
            "half-typed-map",
            f"the {typed} has a type, and the {bare} has none",
            f"{bare}_size" if f"{bare}_size" in shape.attributes else typed,
            notes=(
                "Linux refuses one without the other with EINVAL (map_check_btf)",
                _UNTYPED,
            ),
            help=f"give the {bare} a type, or the {typed} a size only",
            edits=attr.typed(bare),
            severity=WARNING,
        )
