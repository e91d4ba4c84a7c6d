"""Types that programs and user space share: what the two sides see differently.

None of these is an error: the kernel takes every one of them, and the surprise comes later.
"""

from __future__ import annotations

from bpfgen.ctype.describe import counted, described
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Array, Composite, Int, Pointer, underlying
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import map_name, subject_of
from bpfgen.rules.maps.definitions import shapes
from bpfgen.rules.types.leaves import KEY, leaves
from bpfgen.text.diagnostics import STYLE, WARNING, Diagnostic, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Member, Type
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target
    from bpfgen.rules.types.leaves import Leaf

LONGS = frozenset({"long", "unsigned long"})


def shared_types(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """A type that another machine, or the next boot, sees differently.

    What it does: speaks of `long` in keys, values and records, and of pointers in keys.
    Why: `long` has 8 bytes in a BPF program and 4 in a 32-bit user space; an address means nothing
    outside the kernel, shows where the kernel is, and differs after each boot.
    """
    reported: set[int] = set()  # by identity
    for leaf in leaves(model):
        if isinstance(leaf.type, Int):
            if leaf.type.name in LONGS and id(leaf.member or leaf.argument) not in reported:
                reported.add(id(leaf.member or leaf.argument))
                yield from _long(leaf, leaf.type)
        elif isinstance(leaf.type, Pointer) and leaf.role == KEY:
            yield leaf.diagnostic(
                "pointer-in-key",
                f"{leaf.name} is a pointer: a key that is an address",
                label=f"`{described(leaf.type)}`",
                notes=(
                    (
                        "user space can't know the address, and two objects may have the same one"
                        " after each other"
                    ),
                ),
                help="use a number that identifies the object, or a local storage map",
                severity=STYLE,
            )


def _long(leaf: Leaf, type_: Int) -> Iterator[Diagnostic]:
    """Yield a `long`, unless a typedef says that it has 64 bits, as `uint64_t` does."""
    if any("64" in name for name in leaf.typedefs):
        return
    name = leaf.typedefs[0] if leaf.typedefs else type_.name
    yield leaf.diagnostic(
        "long-in-shared-type",
        f"`{name}` has 8 bytes here, and 4 in a 32-bit user space",
        notes=("BPF programs are 64-bit whatever runs beside them",),
        help=f"use `{'__s64' if type_.signed else '__u64'}`",
        severity=STYLE,
    )


def percpu_value_size(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """The value of a per-CPU map isn't a multiple of 8 bytes.

    User space reads and writes the values of all CPUs at once, each rounded up to 8 bytes
    (bpf_percpu_hash_copy, bpf_percpu_array_copy in the kernel; cilium/ebpf and libbpf pass the
    buffer on as it is). A buffer of the number of CPUs times sizeof(value) is too small, and the
    kernel writes past its end.

    Wrong:
        map hits: percpu_array<__u32, __u32>[8];
    Right:
        map hits: percpu_array<__u32, __u64>[8];
    """
    for shape, declared in shapes(model):
        if not shape.kind.per_cpu:
            continue
        attribute = shape.attributes.get("value_size")
        if shape.value is not None:
            size, span = sizeof(shape.value.type), shape.value.span
        elif attribute is not None:
            size, span = attribute.value, attribute.span
        else:
            continue
        if size and size % 8 and size <= shape.kind.value_sizes.most:
            yield Diagnostic(
                "percpu-value-size",
                f"user space sees each CPU's value in {counted(size + -size % 8, 'byte')}, and it"
                f" has {size}",
                span or shape.span,
                label=counted(size, "byte"),
                notes=("the kernel rounds each CPU's value up to 8 bytes (bpf_percpu_array_copy)",),
                help="make it a multiple of 8, or use that size in user space",
                severity=WARNING,
                map=map_name(declared),
                subject=subject_of(declared, "value_size"),
            )


def flexible_value(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """A value ends in an array without a length.

    Values of a map have one size, that of the type, and an array without a length adds nothing to
    it: its elements have no room. In C the compiler doesn't stop a program from using them; the
    verifier refuses that program.

    Wrong:
        struct names { __u32 count; __u32 ids[]; };
        map m: array<__u32, names>[1];
    Right:
        struct names { __u32 count; __u32 ids[16]; };
        map m: array<__u32, names>[1];
    """
    reported: set[int] = set()  # by identity
    for shape, declared in shapes(model):
        if shape.value is None:
            continue
        member = _open_end(shape.value.type)
        if member is None or id(member) in reported:
            continue
        reported.add(id(member))
        at_map = shape.value.span
        span, labels = member.span, (Label(at_map, "a value"),) if at_map is not None else ()
        if span is None or (at_map is not None and span.source.name != at_map.source.name):
            span, labels = at_map, (Label(span, "declared here"),) if span is not None else ()
        yield Diagnostic(
            "flexible-value",
            f"a value has one size, and `{member.name}` at its end has no length",
            span,
            labels=labels,
            notes=("the elements have no room in the map",),
            help="give it a length",
            severity=WARNING,
            map=map_name(declared),
            subject=subject_of(declared, f"value.{member.name}"),
        )


def _open_end(type_: Type) -> Member | None:
    """Return the array without elements at the end of *type_*, or None."""
    while True:
        bare = underlying(type_)
        if not isinstance(bare, Composite) or bare.kind != "struct" or not bare.members:
            return None
        last = bare.members[-1]
        inner = underlying(last.type)
        if isinstance(inner, Array) and inner.length == 0:
            return last
        type_ = last.type
