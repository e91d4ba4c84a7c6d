"""What libbpf asks of a map definition before the kernel sees it."""

from __future__ import annotations

from bpfgen.ctype.sizes import sizeof
from bpfgen.kernel.map_kinds import ARENA
from bpfgen.model.maps import DECLARED, Map, Template
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps.bpf_attr import map_name, subject_of
from bpfgen.text.diagnostics import Diagnostic, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.model.maps import Shape
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target


def shapes(model: Model) -> Iterator[tuple[Shape, Map | Template]]:
    """Yield every shape of *model* once, with what declares it: maps, templates, inner ones."""
    for declaration in model.declarations:
        if not isinstance(declaration, (Map, Template)):
            continue
        if isinstance(declaration, Map) and declaration.shape.template:
            continue
        shape: Shape | None = declaration.shape
        while shape is not None:
            yield shape, declaration
            shape = None if shape.inner_template else shape.inner


def undefinable_kinds(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """A `struct_ops` map is made by libbpf from a variable, not from a map definition.

    What it does: refuses `struct_ops` as the kind of a map.
    Why: such a map comes from a variable in section `.struct_ops` (bpf_object__init_struct_ops_maps
    in libbpf); a definition in `.maps` would lack the type id that the kernel asks for
    (bpf_struct_ops_map_alloc).
    In C one writes `SEC(".struct_ops") struct tcp_congestion_ops ops = { … };` instead.
    """
    for shape, declared in shapes(model):
        if shape.kind.from_variable:
            yield Diagnostic(
                "map-kind",
                "a `struct_ops` map can't be defined in `.maps`",
                shape.span,
                notes=("libbpf makes it from a variable in section `.struct_ops`",),
                help='define the variable in C, with `SEC(".struct_ops")`',
                map=map_name(declared),
                subject=subject_of(declared),
            )


def conflicting_sizes(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """`key_size` beside `key` (or `value_size` beside `value`) must be the size of that type.

    What it does: compares an explicit size with the type beside it.
    Why: libbpf refuses the definition: conflicting key size (parse_btf_map_def).
    """
    for shape, declared in shapes(model):
        for role in ("key", "value"):
            argument = getattr(shape, role)
            attribute = shape.attributes.get(f"{role}_size")
            if argument is None or attribute is None or attribute.origin != DECLARED:
                continue
            size = sizeof(argument.type)
            if size is not None and attribute.value not in (None, size):
                # Only a mistake pays for this import.
                from bpfgen.rules.maps import edits

                yield Diagnostic(
                    f"{role}-size-conflict",
                    f"`{role}_size` is {attribute.value}, and the {role}'s type has {size} bytes",
                    attribute.span,
                    notes=(f"libbpf refuses it: conflicting {role} size (parse_btf_map_def)",),
                    help=f"leave out `{role}_size`",
                    map=map_name(declared),
                    subject=subject_of(declared, f"{role}_size"),
                    edits=(left_out := edits.without(shape, f"{role}_size")),
                    changes_meaning=bool(left_out),
                )


def style_limits(model: Model, target: Target) -> Iterator[Diagnostic]:
    """The initializer style of 2019 has no `values`, `map_extra` or `pinning`.

    `--style initializer` writes maps as libbpf's first version of BTF-defined maps had them, as
    structs with initial values.
    What it does: refuses with that option what the form can't say; `--style modern` can.
    Why: its struct has the members of the commit that introduced BTF-defined maps, and no others.
    """
    if target.style != "initializer":
        return
    for declared in model.maps:
        if declared.legacy:
            continue
        shape = declared.shape
        for name in ("map_extra", "pinning"):
            attribute = shape.attributes.get(name)
            if attribute is not None:
                yield Diagnostic(
                    "initializer-style",
                    f"the initializer style has no `{name}`",
                    attribute.span or declared.span,
                    help="use `--style modern`",
                    map=declared.name,
                    subject=subject_of(declared, name),
                )
        if shape.inner is not None or declared.slots:
            yield Diagnostic(
                "initializer-style",
                "the initializer style has neither inner definitions nor initial values",
                shape.span or declared.span,
                help="use `--style modern`",
                map=declared.name,
                subject=subject_of(declared, "values"),
            )


def arena_twice(model: Model, _target: Target) -> Iterator[Diagnostic]:
    """An object has one arena at most.

    What it does: refuses a second map of kind `arena`.
    Why: libbpf since 1.4 refuses the object: only single ARENA map is supported
    (bpf_object__init_user_btf_maps); the kernel lets a program use one.

    Wrong:
        map left: arena[16];
        map right: arena[16];
    Right:
        map both: arena[32];
    """
    first: Map | None = None
    for declared in model.maps:
        if declared.shape.kind != ARENA:
            continue
        if first is None:
            first = declared
            continue
        yield Diagnostic(
            "arena-twice",
            "an object has one arena at most, and this is another",
            declared.span,
            labels=(Label(first.span, "the first one"),) if first.span else (),
            notes=("libbpf since 1.4 refuses it (bpf_object__init_user_btf_maps)",),
            help="make one arena of the size of both",
            map=declared.name,
            subject=subject_of(declared),
        )
