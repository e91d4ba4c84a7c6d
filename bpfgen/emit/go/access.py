"""Typed access to maps over cilium/ebpf: a type for each map, and one with all maps of the file.

What user space can do with a kind is a row of :mod:`bpfgen.kernel.map_operations`; what a row
doesn't have, the type of such a map hasn't either.
"""

from __future__ import annotations

from bpfgen.emit.go.comments import comment, doc
from bpfgen.emit.go.facts import INNER, key_type, map_name, subject_of_map, value_type
from bpfgen.emit.go.layout import Line, columns
from bpfgen.emit.go.methods import Methods
from bpfgen.emit.go.naming import claim_exported, joined
from bpfgen.emit.go.operations import Access, write_decoder, write_operations
from bpfgen.emit.go.package import EBPF, ERRORS, FMT, LANGUAGE
from bpfgen.emit.user_space.identifiers import FILE, MAP
from bpfgen.emit.user_space.names import Names
from bpfgen.kernel.map_operations import MAP_OPERATIONS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.emit.go.package import Package
    from bpfgen.emit.user_space.facts import MapFacts


def declare_access(package: Package, maps: tuple[MapFacts, ...]) -> str:
    """Return all types of access to *maps*."""
    if not maps:
        return ""
    package.use(EBPF)
    parts = [_collection(package, maps)]
    for facts in maps:
        name, label, inner = map_name(facts), facts.name, facts.inner
        parts.append(_declare(package, facts, name, f"the map {label}", name, facts))
        wrapper = name
        while inner is not None:
            wrapper = f"{wrapper}{INNER}"
            parts.append(_declare(package, inner, wrapper, f"a map in {label}", name, facts))
            inner = inner.inner
    return "".join(parts)


def _collection(package: Package, maps: tuple[MapFacts, ...]) -> str:
    """Return the struct that a loaded object's maps are assigned to, and that of their specs."""
    own = [facts for facts in maps if facts.linkage != "extern" and _is_tag(facts.name)]
    if not own:
        return ""
    package.use(ERRORS)
    scope = package.members()
    scope.claim("Close", "the method `Close`")
    lines = [
        (
            claim_exported(
                scope, joined(facts.name), facts.name, subject_of_map(facts), facts.span
            ),
            f'`ebpf:"{facts.name}"`',
        )
        for facts in own
    ]
    name, specs = f"{package.stem}Maps", f"{package.stem}MapSpecs"
    for taken, role, held in ((name, "Maps", "*ebpf.Map"), (specs, "MapSpecs", "*ebpf.MapSpec")):
        package.scope.claim(taken, f"the struct `{taken}` of all maps")
        package.surface.add((FILE,), taken, "struct", role)
        for facts, (field, _) in zip(own, lines, strict=True):
            package.surface.add((MAP, facts.name), f"{taken}.{field}", held, role)
    package.surface.add((FILE,), f"{name}.Close", "func() error", "Close")
    maps_lines = columns([Line((field, "*ebpf.Map", tag)) for field, tag in lines])
    specs_lines = columns([Line((field, "*ebpf.MapSpec", tag)) for field, tag in lines])
    closes = "".join([f"\t\tm.{field}.Close(),\n" for field, _ in lines])
    return (
        f"\n// {name} has the maps of a loaded object, for LoadAndAssign of its CollectionSpec.\n"
        f"type {name} struct {{\n{maps_lines}}}\n\n"
        "// Close closes all maps, which stay where programs or pins hold them.\n"
        f"func (m *{name}) Close() error {{\n\treturn errors.Join(\n{closes}\t)\n}}\n\n"
        f"// {specs} has the maps of an object before it is loaded, for Assign.\n"
        f"type {specs} struct {{\n{specs_lines}}}\n"
    )


def _is_tag(name: str) -> bool:
    """Return whether *name* can stand in a field's tag: what C can't have as a name is no map."""
    return name.isascii() and name.isidentifier()


def _declare(
    package: Package, facts: MapFacts, wrapper: str, label: str, outer: str, owner: MapFacts
) -> str:
    operations = MAP_OPERATIONS[facts.kind.name]
    access = Access(
        wrapper,
        label,
        outer,
        owner,
        facts,
        operations,
        key_type(package, facts),
        value_type(package, facts),
    )
    for name in (wrapper, f"New{wrapper}"):
        package.scope.claim(name, subject_of_map(owner), owner.span)
    origin, inside = (MAP, owner.name), wrapper.removeprefix(outer)
    package.surface.add(origin, wrapper, "struct", f"{inside}Access")
    package.surface.add(origin, f"{wrapper}.Map", "*ebpf.Map", f"{inside}Map")
    package.surface.add(origin, f"New{wrapper}", f"func() ({wrapper}, error)", f"{inside}New")
    methods = Methods(package, f"m {wrapper}", Names(LANGUAGE), origin, inside)
    buffer = write_operations(methods, access)
    write_decoder(methods, access)
    return f"{_constructor(package, access)}{buffer}{''.join(methods.texts)}"


def _constructor(package: Package, access: Access) -> str:
    package.use(FMT)
    facts, wrapper = access.facts, access.wrapper
    tests = [f"m.Type() != {wrapper}Type"]
    if facts.key_size is not None:
        tests.append(f"m.KeySize() != {wrapper}KeySize")
    if facts.value_size is not None:
        tests.append(f"m.ValueSize() != {wrapper}ValueSize")
    label = "%s" if access.outer == wrapper else "a map in %s"
    sizes = (f"{wrapper}KeySize", f"{wrapper}ValueSize")
    shape = " with %d-byte keys and %d-byte values"
    # Sizes that are not compared are not expected.
    is_sized = None not in (facts.key_size, facts.value_size)
    wanted = ", ".join([f"ebpf.MapType({wrapper}Type)", *(sizes if is_sized else ())])
    type_doc = comment(doc("", f"{wrapper} is typed access to {access.label}."))
    about = (
        f"New{wrapper} returns typed access to m, which has to be of the kind and sizes that were "
        "declared: the error wraps ebpf.ErrMapIncompatible if it isn't."
    )
    return (
        f"\n{type_doc}type {wrapper} struct {{\n\tMap *ebpf.Map\n}}\n"
        f"\n{comment(doc('', about))}func New{wrapper}(m *ebpf.Map) ({wrapper}, error) {{\n"
        f"\tif {' || '.join(tests)} {{\n"
        f'\t\treturn {wrapper}{{}}, fmt.Errorf("{label}: %w: it is a %s{shape}, "+\n'
        f'\t\t\t"not a %s{shape if is_sized else ""}",\n'
        f"\t\t\t{access.outer}Name, ebpf.ErrMapIncompatible,\n"
        "\t\t\tm.Type(), m.KeySize(), m.ValueSize(),\n"
        f"\t\t\t{wanted})\n"
        f"\t}}\n\treturn {wrapper}{{Map: m}}, nil\n}}\n"
    )
