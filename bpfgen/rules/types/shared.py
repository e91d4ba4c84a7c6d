"""Types that programs and user space share: what the two sides see differently.

None of these is an error: the kernel takes every one of them, and the surprise comes later.
"""

from __future__ import annotations

from bpfgen.ctype.children import pointee_tags
from bpfgen.ctype.describe import counted, described, is_address_space
from bpfgen.ctype.padding import holes
from bpfgen.ctype.sizes import alignof, innermost, is_packed, sizeof
from bpfgen.ctype.types import (
    Array,
    Composite,
    Float,
    Int,
    Pointer,
    underlying,
)
from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import map_name, subject_of
from bpfgen.rules.maps.definitions import shapes
from bpfgen.rules.types.leaves import KEY, leaves
from bpfgen.text.diagnostics import STYLE, WARNING, Diagnostic, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Member, Type
    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target
    from bpfgen.rules.types.leaves import Leaf
    from bpfgen.text.diagnostics import Edit

_FOLLOWED = frozenset({*POINTER_TAGS, "user"})
"""Type tags of pointers that the kernel looks after, or that are user space's own."""

KERNEL_ALIGNMENT = 8
"""What the kernel aligns the values of all maps to."""

_MMAPABLE = MAP_FLAGS["BPF_F_MMAPABLE"].value

LONGS = frozenset({"long", "unsigned long"})

_INT128 = (
    "int128-in-shared-type",
    "`__int128` begins at multiples of 16 here, and at multiples of 8 on s390x",
    "32-bit machines have no such type, and Go has no number of that size",
    "use an array of two `__u64`",
)
_PACKED_INT128 = (
    "int128-in-shared-type",
    "32-bit machines have no `__int128`",
    "Go has no number of that size, either",
    "use an array of two `__u64`",
)
"""Packed, it begins at the same place everywhere."""
_DIFFERING = {
    "char": (
        "char-in-shared-type",
        "a `char` by itself has a sign here, and none on other machines",
        "arm64, arm, riscv, s390x and powerpc read -1 as 255",
        "use `__s8` for a number, `__u8` for a byte",
    ),
    "long double": (
        "long-double-in-shared-type",
        "`long double` is a `double` in BPF programs, and wider on most machines",
        "it has 8 bytes here, and 16 on x86-64 and arm64; the generated header says `double` there",
        "use `double`",
    ),
    "__int128": _INT128,
    "unsigned __int128": _INT128,
}
"""What is said of each type that is another on some host: code, message, note, help."""


def shared_types(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """A type that another machine, or the next boot, sees differently.

    What it does: speaks of `long`, of a `char` that is no text, of `long double`, `__int128` and
    pointers in keys, values and records. Pointers that the kernel looks after (kptr and uptr tags),
    that are user space's (tag `user`) and those into an arena, which user space can map at the same
    addresses, are no such pointers.
    Why: `long` has 8 bytes in a BPF program and 4 in a 32-bit user space; compilers for other
    machines differ in whether `char` has a sign, in what `long double` is, and in where `__int128`
    may begin; an address means nothing outside the kernel, shows where the kernel is, and differs
    after each boot.
    """
    reported: set[int] = set()  # by identity
    for leaf in leaves(model, _may_differ):
        if isinstance(leaf.type, Int):
            if leaf.type.name in LONGS and id(leaf.member or leaf.argument) not in reported:
                reported.add(id(leaf.member or leaf.argument))
                yield from _long(leaf, leaf.type)
            elif leaf.type.name in _DIFFERING and id(leaf.member or leaf.argument) not in reported:
                reported.add(id(leaf.member or leaf.argument))
                yield from _differing(leaf, leaf.type)
        elif isinstance(leaf.type, Float):
            if leaf.type.name in _DIFFERING and id(leaf.member or leaf.argument) not in reported:
                reported.add(id(leaf.member or leaf.argument))
                yield from _differing(leaf, leaf.type)
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
        elif (
            isinstance(leaf.type, Pointer)
            and id(leaf.member or leaf.argument) not in reported
            and not _stays_good(leaf.type)
        ):
            reported.add(id(leaf.member or leaf.argument))
            yield leaf.diagnostic(
                "pointer-in-value",
                f"{leaf.name} is a pointer, which user space can't follow",
                label=f"`{described(leaf.type)}`",
                notes=("what it points to may be gone when the value is read",),
                help="store what it points to, a number that identifies it, or a `__kptr`",
                severity=STYLE,
            )


def _may_differ(type: Type) -> bool:
    """Return whether *type*, of one member, may be one that others see differently."""
    if isinstance(type, (Int, Float)):
        return type.name in LONGS or type.name in _DIFFERING
    return isinstance(type, Pointer)


def _stays_good(pointer: Pointer) -> bool:
    """Return whether the kernel keeps what *pointer* points to, or user space has it as well."""
    return any(tag in _FOLLOWED or is_address_space(tag) for tag in pointee_tags(pointer))


def _long(leaf: Leaf, type_: Int) -> Iterator[Diagnostic]:
    """Yield a `long`, unless a typedef says that it has 64 bits, as `uint64_t` does."""
    if any("64" in name for name in leaf.typedefs):
        return
    name = leaf.typedefs[0] if leaf.typedefs else type_.name
    instead = "__s64" if type_.signed else "__u64"
    yield leaf.diagnostic(
        "long-in-shared-type",
        f"`{name}` has 8 bytes here, and 4 in a 32-bit user space",
        notes=("BPF programs are 64-bit whatever runs beside them",),
        help=f"use `{instead}`",
        severity=STYLE,
        edits=leaf.with_type(type_.name, instead),
    )


def _differing(leaf: Leaf, type_: Int | Float) -> Iterator[Diagnostic]:
    """Yield what compilers for other machines take for another type; text has no sign to miss."""
    whole = leaf.argument.type if leaf.member is None else leaf.member.type
    is_text = type_.name == "char" and isinstance(underlying(whole), Array)
    if is_text or (leaf.member is not None and leaf.member.name is None):
        return
    said = _DIFFERING[type_.name]
    if said is _INT128 and leaf.member is not None and leaf.owner is not None:
        said = _PACKED_INT128 if is_packed(leaf.member, leaf.owner) else said
    code, message, note, help_ = said
    yield leaf.diagnostic(
        code,
        message,
        label=f"`{type_.name}`",
        notes=(note,),
        help=help_,
        severity=WARNING,
        edits=leaf.with_type(type_.name, "double") if type_.name == "long double" else (),
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
    fixed: set[int] | None = None  # by identity
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
            # Only a mistake pays for this import.
            from bpfgen.rules.maps.edits import grown

            fixed = _fixed(model) if fixed is None else fixed

            yield Diagnostic(
                "percpu-value-size",
                f"user space sees each CPU's value in {counted(size + -size % 8, 'byte')}, and it"
                f" has {size}",
                span or shape.span,
                label=counted(size, "byte"),
                notes=("the kernel rounds each CPU's value up to 8 bytes (bpf_percpu_array_copy)",),
                help="make it a multiple of 8, or use that size in user space",
                edits=(edits := grown(shape, "value", 8) or _padded(shape, fixed)),
                changes_meaning=bool(edits),
                severity=WARNING,
                map=map_name(declared),
                subject=subject_of(declared, "value_size"),
            )


def _fixed(model: Model) -> set[int]:
    """Return the identities of the types whose size matters to more than values of each CPU."""
    from bpfgen.rules.types.padding import of_the_prelude

    held = [
        argument
        for shape, _declared in shapes(model)
        for argument in (shape.key, shape.record, None if shape.kind.per_cpu else shape.value)
    ]
    types = [underlying(argument.type) for argument in held if argument is not None]
    return {*map(id, types), *of_the_prelude(model)}


def _padded(shape: Shape, fixed: set[int]) -> tuple[Edit, ...]:
    """Return the edits that let the struct that is the value of *shape* have a multiple of 8 bytes.

    Nothing where it isn't a struct of a source, is one of *fixed*, or has padding already.
    """
    from bpfgen.ctype.padding import free_names
    from bpfgen.text.statements import after_statement, end_of_statement

    struct = None if shape.value is None else underlying(shape.value.type)
    if not isinstance(struct, Composite) or struct.kind != "struct" or not struct.members:
        return ()
    last = struct.members[-1].span
    if id(struct) in fixed or last is None or next(holes(struct), None):
        return ()
    end = end_of_statement(last)
    if end is None:
        return ()
    missing, name = -struct.size % KERNEL_ALIGNMENT, next(free_names(struct))
    is_word = missing == 4 and struct.align % missing == 0
    declaration = f"__u32 {name};" if is_word else f"__u8 {name}[{missing}];"
    return (after_statement(end, last.source, [declaration]),)


def flexible_ends(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """A value or a key ends in an array without a length.

    Keys and values of a map have one size, that of their type, and an array without a length adds
    nothing to it: its elements have no room, and are no part of a key. In C the compiler doesn't
    stop a program from using them; of a value the verifier refuses that program, of a key it reads
    what happens to be there.

    Wrong:
        struct names { __u32 count; __u32 ids[]; };
        map m: array<__u32, names>[1];
    Right:
        struct names { __u32 count; __u32 ids[16]; };
        map m: array<__u32, names>[1];
    """
    reported: set[tuple[str, int]] = set()  # by identity
    for shape, declared in shapes(model):
        for argument, role in ((shape.key, "key"), (shape.value, "value")):
            if argument is None:
                continue
            member = _open_end(argument.type)
            if member is None or (role, id(member)) in reported:
                continue
            reported.add((role, id(member)))
            at_map = argument.span
            span, labels = member.span, (Label(at_map, f"a {role}"),) if at_map is not None else ()
            if span is None or (at_map is not None and span.source.name != at_map.source.name):
                span, labels = at_map, (Label(span, "declared here"),) if span is not None else ()
            is_key = role == "key"
            yield Diagnostic(
                "flexible-key" if is_key else "flexible-value",
                f"a {role} has one size, and `{member.name}` at its end has no length",
                span,
                labels=labels,
                notes=(
                    "the elements are no part of the key: they are neither hashed nor compared"
                    if is_key
                    else "the elements have no room in the map",
                ),
                help="give it a length",
                severity=WARNING,
                map=map_name(declared),
                subject=subject_of(declared, f"{role}.{member.name}"),
            )


def value_alignment(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """A value wants to be aligned to more than 8 bytes.

    What it does: warns of a value, or a ring buffer's record, whose type has a larger alignment:
    `aligned(64)`, `__int128`. An array with BPF_F_MMAPABLE begins at a page, and keeps it.
    Why: the kernel begins values at multiples of 8 bytes, whatever their type (struct bpf_array,
    struct htab_elem, bpf_map_alloc_percpu, __bpf_ringbuf_reserve). The compiler counts on the
    alignment: two values may share a cache line, and code in user space that was compiled for the
    type may fault at an address that isn't aligned.

    Wrong:
        struct counters { __u64 in, out; } __attribute__((aligned(64)));
        map m: hash<__u32, counters>[8];
    Right:
        struct counters { __u64 in, out; };
        map m: hash<__u32, counters>[8];
    """
    for shape, declared in shapes(model):
        argument = shape.record if shape.kind.keyless and shape.kind.has_record else shape.value
        if argument is None:
            continue
        align = alignof(argument.type)
        flags = shape.attributes.get("map_flags")
        if align <= KERNEL_ALIGNMENT or (flags is not None and (flags.value or 0) & _MMAPABLE):
            continue
        role = "record" if argument is shape.record else "value"
        copied = "copy it to where it is aligned before it is used"
        yield Diagnostic(
            "value-alignment",
            f"`{described(argument.type)}` wants to be at a multiple of {align}, and the kernel"
            f" begins each {role} at one of {KERNEL_ALIGNMENT}",
            argument.span,
            label=f"alignment {align}",
            notes=("Linux aligns to 8 bytes (struct htab_elem, bpf_map_alloc_percpu and others)",),
            help=(
                f"use arrays of two `__u64` for `__int128`, or {copied}"
                if _is_aligned_by_a_number(argument.type, align)
                else f"leave out `aligned`, or {copied}"
            ),
            severity=WARNING,
            map=map_name(declared),
            subject=subject_of(declared, role),
        )


def _is_aligned_by_a_number(type_: Type, align: int) -> bool:
    """Return whether *type_* is aligned to *align* because a number in it is, without `aligned`."""
    if alignof(type_) != align:
        return False
    bare = innermost(type_)
    if isinstance(bare, Composite):
        return any(
            not is_packed(member, bare) and _is_aligned_by_a_number(member.type, align)
            for member in bare.members
        )
    return isinstance(bare, Int) and bare.size == align


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
