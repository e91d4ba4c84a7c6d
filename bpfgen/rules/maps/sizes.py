"""Sizes of keys and values, as each kind wants them."""

from __future__ import annotations

from bpfgen.ctype.describe import counted
from bpfgen.ctype.sizes import spelled
from bpfgen.ctype.types import Int, underlying
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import (
    BUILD_ID_SIZE,
    FOUR,
    MAX_STACK_DEPTH,
    NO_SIZE,
    STRUCT,
    Sizes,
)
from bpfgen.kernel.map_kinds import STACK_TRACE
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import prefix_advice, prefix_struct, refused, with_article

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.model import Model
    from bpfgen.rules.maps.bpf_attr import BpfAttr
    from bpfgen.rules.target import Target
    from bpfgen.text.diagnostics import Diagnostic, Edit

BUILD_IDS = Sizes(BUILD_ID_SIZE, MAX_STACK_DEPTH * BUILD_ID_SIZE, BUILD_ID_SIZE)
"""The values of a stack_trace with BPF_F_STACK_BUILD_ID."""

_STACK_BUILD_ID = MAP_FLAGS["BPF_F_STACK_BUILD_ID"].value


def map_key_size(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """The kind of a map says how many bytes a key has.

    What it does: compares the size of the key (of its type, or `key_size`) with what the kind
    takes. An array is indexed by 4 bytes, a hash takes from 1 byte to some 4 MiB, a queue has no
    key at all; `bpfgen kinds NAME` has the numbers.
    Why: the kernel refuses the map when it is created, with EINVAL or E2BIG and no word of reason
    (the map_alloc_check of each kind, array_map_alloc_check for one).

    Wrong:
        map counters: array<__u64, __u64>[64];
    Right:
        map counters: array<__u32, __u64>[64];
    """
    for attr in target.attrs:
        size = attr.key_size
        if size is None or size in attr.kind.key_sizes:
            continue
        if size == 0 and attr.is_template and not attr.given("key_size"):
            continue
        yield _wrong_size("key", "map-key-size", attr, attr.kind.key_sizes, size)


def map_value_size(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """The kind of a map says how many bytes a value has.

    What it does: compares the size of the value (of its type, or `value_size`) with what the kind
    takes. Kinds that hold file descriptors take 4 bytes (some 8, too), a value that each CPU has a
    copy of takes 32 KiB at most, a stack trace a multiple of 8 (of 32 with BPF_F_STACK_BUILD_ID).
    Why: the kernel refuses the map when it is created, with EINVAL or E2BIG and no word of reason
    (the map_alloc_check of each kind, htab_map_alloc_check for one).

    Wrong:
        struct big { __u8 bytes[40000]; };
        map scratch: percpu_array<__u32, big>[1];
    Right:
        struct big { __u8 bytes[4096]; };
        map scratch: percpu_array<__u32, big>[1];
    """
    for attr in target.attrs:
        size = attr.value_size
        if size is None:
            continue
        sizes = attr.kind.value_sizes
        if attr.kind == STACK_TRACE:
            if attr.map_flags is None and size in BUILD_IDS:
                continue
            if attr.map_flags and attr.map_flags & _STACK_BUILD_ID:
                sizes = BUILD_IDS
        if size in sizes or attr.kind.from_variable:
            continue
        if size == 0 and attr.is_template and not attr.given("value_size"):
            continue
        yield _wrong_size("value", "map-value-size", attr, sizes, size)


def map_element_size(_model: Model, target: Target) -> Iterator[Diagnostic]:
    """Key and value of a hash, or all values of a queue, have a limit together.

    What it does: adds up what the kernel allocates at once: key and value of an element of a hash
    (4194255 bytes at most), and all values of a queue or stack (32 bits of bytes).
    Why: the kernel refuses the map with E2BIG (htab_map_alloc_check, queue_stack_map_alloc_check;
    the sum for queues is checked by stable kernels of 2026 and was cut to 32 bits before).

    Wrong:
        struct half { __u8 bytes[2 << 20]; };
        map m: hash<half, half>[1] { map_flags = BPF_F_NO_PREALLOC; };
    Right:
        struct half { __u8 bytes[2 << 20]; };
        map m: hash<__u32, half>[1] { map_flags = BPF_F_NO_PREALLOC; };
    """
    for attr in target.attrs:
        kind = attr.kind
        key, value = attr.key_size, attr.value_size
        if kind.over_element is not None and key is not None and value is not None:
            fits = key in kind.key_sizes and value in kind.value_sizes
            if fits and key + value > kind.over_element:
                yield attr.diagnostic(
                    "map-element-size",
                    f"key and value have {key + value} bytes together, and {with_article(kind)}"
                    f" takes {kind.over_element}",
                    "value_size",
                    notes=(refused("E2BIG", kind),),
                    help=f"take {counted(key + value - kind.over_element, 'byte')} off one of them",
                )
        elif kind.over_values is not None and value and attr.max_entries:
            total = value * (attr.max_entries + 1)
            if total > kind.over_values and value in kind.value_sizes:
                yield attr.diagnostic(
                    "map-element-size",
                    f"the values have {total} bytes together, and {with_article(kind)} takes"
                    f" {kind.over_values}",
                    "max_entries",
                    notes=(refused("E2BIG", kind),),
                    help=f"write `[{kind.over_values // value - 1}]` at most",
                    replacement=str(kind.over_values // value - 1),
                )


def wanted(sizes: Sizes) -> str:
    """Return *sizes* in words: `4 bytes`, `4 or 8 bytes`, `8 to 1016 bytes in steps of 8`."""
    if sizes.least == sizes.most:
        return counted(sizes.most, "byte")
    if sizes.most - sizes.least == sizes.multiple:
        return f"{sizes.least} or {sizes.most} bytes"
    steps = f" in steps of {sizes.multiple}" if sizes.multiple > 1 else ""
    return f"{sizes.least} to {sizes.most} bytes{steps}"


def _remedy(role: str, attr: BpfAttr, sizes: Sizes, size: int) -> tuple[str, str]:
    """Return the help for a *role* of *size* bytes, where there has to be one.

    After it comes what to type instead of its size or type, or an empty text.
    """
    argument = attr.shape.key if role == "key" else attr.shape.value
    if role == "value" and attr.kind.has_record and argument is not None:
        kind = attr.kind.name
        help_ = f"the type of the records goes between angle brackets: `{kind}<T>`, with one type"
        return help_, ""
    if sizes == FOUR:
        if argument is not None:
            return "use `__u32`", "__u32"
        return f"write `{role}_size = 4`", "4"
    lacks_prefix = attr.kind.key_type == STRUCT and role == "key" and size < sizes.least
    if lacks_prefix and argument is not None and isinstance(underlying(argument.type), Int):
        return prefix_advice(argument.type), prefix_struct(argument.type)
    if argument is not None:
        return f"use a type of {wanted(sizes)}", ""
    nearest = min(max(size + -size % sizes.multiple, sizes.least), sizes.most)
    return f"write `{role}_size = {nearest}`", str(nearest)


def _lacks_other(role: str, attr: BpfAttr) -> bool:
    """Return whether the map lacks the other one of key and value, too.

    A person then has to say both, and which of them have types: `key_size` would rule out `<K, V>`.
    """
    other, size, sizes = "key_size", attr.key_size, attr.kind.key_sizes
    if role == "key":
        other, size, sizes = "value_size", attr.value_size, attr.kind.value_sizes
    return size is not None and size not in sizes and not attr.given(other)


def _wrong_size(role: str, code: str, attr: BpfAttr, sizes: Sizes, size: int) -> Diagnostic:
    kind = attr.kind
    argument = attr.shape.key if role == "key" else attr.shape.value
    name = f"{role}_size"
    help_ = replacement = ""
    label = counted(size, "byte")
    if sizes == NO_SIZE:
        message = f"{with_article(kind)} has no {role}, and one of {counted(size, 'byte')} is given"
        help_ = f"leave out the {role}"
        if role == "value" and kind.has_record:
            help_ = f"the type of the records goes between angle brackets: `{kind.name}<T>`"
    elif not attr.given(name):
        message = f"{with_article(kind)} needs a {role} of {wanted(sizes)}, and there is none"
        types = f"{kind.name}<{role.upper()[0]}>" if kind.keyless else f"{kind.name}<K, V>"
        help_ = f"write `{types}`, or `{name} = …;` if it has no type"
        label = ""
    elif argument is not None and (text := spelled(argument.type)).startswith("`"):
        indexed = role == "key" and kind.indexed
        verb = (
            f"{with_article(kind)} is indexed by" if indexed else f"a {role} of `{kind.name}` has"
        )
        message = f"{verb} {wanted(sizes)}, and {text} has {size}"
    else:
        message = f"a {role} of `{kind.name}` has {wanted(sizes)}, and this one has {size}"
    edits: tuple[Edit, ...] = ()
    if sizes == NO_SIZE and (role == "key" or not kind.has_record):
        edits = attr.without(name if argument is None else role)
    elif sizes == FOUR and not attr.given(name) and not _lacks_other(role, attr):
        is_typed = kind.btf == "required"  # where a size alone is refused
        edits = attr.with_attribute(*((role, "int") if is_typed else (name, "4")))
    if not help_:
        help_, replacement = _remedy(role, attr, sizes, size)
    errno = sizes.over if size > sizes.most else "EINVAL"
    return attr.diagnostic(
        code,
        message,
        name,
        label=label,
        notes=(refused(errno, kind),),
        help=help_,
        replacement=replacement,
        edits=edits,
        is_certain=sizes == FOUR and argument is None,
    )
