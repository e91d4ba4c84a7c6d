"""Model against a map of the running kernel: whether what runs is what was declared.

A running map is what loaders and the kernel have made of a declaration: numbers are compared with
those that must come of it (:mod:`bpfgen.kernel.made`), types where the kernel has them, as those of
an object are. What couldn't be compared is listed, with the reason.

In order: :mod:`sought` is which map of the source it is, this module what the map is,
:mod:`running_types` the types, :mod:`running_findings` gathers it.
"""

from __future__ import annotations

from bpfgen.ctype.describe import described
from bpfgen.ctype.sizes import sizeof
from bpfgen.kernel.made import UNSHOWN_FLAGS, hidden_flags, kept_name, made_entries
from bpfgen.kernel.map_flags import described_flags, flag_names
from bpfgen.kernel.map_kind import NAME_BYTES, NO_SIZE
from bpfgen.model.maps import FILLED_IN
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.maps.loaders import OF_TARGETS
from bpfgen.rules.maps.meta_equal import entries_count
from bpfgen.text.diagnostics import Diagnostic, FormatError
from bpfgen.verify.running_findings import RunningFindings
from bpfgen.verify.running_types import RunningTypes, Side
from bpfgen.verify.sought import sought

if TYPE_CHECKING:
    from bpfgen.kernel.memory import Machine
    from bpfgen.model.maps import Attribute
    from bpfgen.model.model import Model
    from bpfgen.object.running import RunningMap, Unknown
    from bpfgen.verify.sought import Sought

LEFT_TO_THE_LOADER = "the source leaves it to the loader"
_NOT_SAID = "the kernel doesn't say"
_CHANGES = "what is in a map changes while it runs"


class RunningVerified(Record):
    """What came of a comparison.

    Attributes:
        map: The name of the map in the source, `slots.inner` for an inner one; None where none of
            them could be taken for the running map, which is the only difference then.
        differences: Every way in which the running map is not what was declared; all are errors.
        uncompared: What couldn't be compared, and why: parts of the map as subjects have them.
        missed: Those of them that could be: with more rights, or had the map been made with types.
        warnings: What is to be said of the missed.
    """

    map: str | None
    differences: tuple[Diagnostic, ...]
    uncompared: tuple[Unknown, ...] = ()
    missed: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()


def verify_running(
    model: Model,
    running: RunningMap,
    map_name: str | None,
    machine: Machine,
    *,
    pin: str = "",
) -> RunningVerified:
    """Return in what *running* is not what *model* declares.

    Args:
        model: What was declared.
        running: What :func:`bpfgen.live.running.running_map` found.
        map_name: See :func:`bpfgen.verify.sought.sought`; None to go by the kernel's name.
        machine: Where it runs.
        pin: The name of the file by which it is pinned, or empty.
    """
    found = sought(model, running, map_name, pin)
    if isinstance(found, Diagnostic):
        return RunningVerified(None, (found,))
    findings = RunningFindings(found, running)
    types = RunningTypes(findings, model, machine)
    try:
        _shape(findings, types, Side(found, found.shape, running), machine)
    except FormatError as error:
        message = f"the types of {running} can't be read any further: {error.what}"
        findings.add("verify-object", message, None, running=running)
    _outside(findings, found, running)
    return RunningVerified(
        found.name,
        findings.finished(),
        findings.uncompared(),
        findings.missed(),
        tuple(findings.warnings()),
    )


def _shape(
    findings: RunningFindings,
    types: RunningTypes,
    side: Side,
    machine: Machine,
) -> None:
    """Compare what a map is, and the maps in it."""
    verify_kind(findings, side)
    verify_sizes(findings, side)
    _entries(findings, side, machine)
    _flags(findings, side)
    _extra(findings, side)
    types.key_and_value(side)
    _inner(findings, types, side, machine)


def verify_kind(findings: RunningFindings, side: Side) -> None:
    """Report that the running map is of another kind."""
    kind, running = side.shape.kind, side.running
    if kind.number != running.number:
        findings.add(
            side.code("verify-kind"),
            f"{side.label} is declared as `{kind.name}` ({kind.number}), and the running map is"
            f" of kind `{running.kind_name}` ({running.number})",
            side.shape.span or side.sought.span,
            running=running,
            subject=side.part("type"),
        )


def verify_sizes(findings: RunningFindings, side: Side) -> None:
    """Report that keys or values have other sizes."""
    shape, running = side.shape, side.running
    for name, argument, sizes, actual in (
        ("key_size", shape.key, shape.kind.key_sizes, running.key_size),
        ("value_size", shape.value, shape.kind.value_sizes, running.value_size),
    ):
        attribute = shape.attributes.get(name)
        if attribute is not None and attribute.value is None:
            findings.leave(side.where(name), LEFT_TO_THE_LOADER)
            continue
        span = None
        if attribute is not None:
            expected, said = _number(attribute), _declared_as(attribute)
            span = attribute.span
        elif argument is not None:
            size = sizeof(argument.type)
            # Some loaders leave out a type that a kind of records has for its readers alone.
            if size is None or sizes == NO_SIZE:
                continue
            expected, said = size, f"is {size} by its type"
            span = argument.span
        else:
            expected = 4 if shape.kind.of_maps and name == "value_size" else 0
            said = f"is {expected}" if expected else "isn't declared"
        if expected == actual:
            continue
        advice = ""
        if shape.kind.name in OF_TARGETS and (expected, actual) == (4, 8):
            advice = "aya makes values of 8 bytes, whatever is declared: declare them so"
        findings.add(
            side.code("verify-attribute"),
            f"`{name}` of {side.label} {said}, and the running map has {actual}",
            span,
            running=running,
            help=advice,
            subject=side.part(name),
        )


def _entries(findings: RunningFindings, side: Side, machine: Machine) -> None:
    shape, running = side.shape, side.running
    attribute = shape.attributes.get("max_entries")
    flags = shape.attributes.get("map_flags")
    declared_flags = running.map_flags if _is_runtime(flags) else _number(flags)
    where = side.where("max_entries")
    if attribute is not None and attribute.value is None:
        findings.leave(where, LEFT_TO_THE_LOADER)
        return
    if side.is_held and not entries_count(shape.kind, declared_flags, machine.kernel):
        findings.leave(where, "the maps in a map needn't all have as many")
        return
    declared = _number(attribute)
    expected = made_entries(shape.kind, declared, declared_flags, machine)
    if running.max_entries in expected:
        if running.max_entries != expected[0]:
            findings.leave(where, "there are as many as CPUs, and some loaders make no more")
        return
    comes_to = ""
    if expected != (declared,):
        comes_to = f", which comes to {' or '.join(str(number) for number in expected)}"
    _differs(findings, side, "max_entries", str(running.max_entries), comes_to=comes_to)


def _flags(findings: RunningFindings, side: Side) -> None:
    shape, running = side.shape, side.running
    attribute = shape.attributes.get("map_flags")
    if _is_runtime(attribute):
        findings.leave(side.where("map_flags"), LEFT_TO_THE_LOADER)
        return
    declared = _number(attribute)
    for name in flag_names(declared & hidden_flags(shape.kind)):
        why = f"the kernel doesn't keep {name}, which is about the descriptor that made the map"
        if name not in UNSHOWN_FLAGS:
            why = f"the kernel sets {name} by itself"
        findings.leave(f"{side.where('map_flags')}.{name}", why)
    differ = (declared ^ running.map_flags) & ~hidden_flags(shape.kind)
    if differ:
        notes = [f"only declared: {name}" for name in flag_names(differ & declared)]
        notes += (f"only in the running map: {name}" for name in flag_names(differ & ~declared))
        _differs(
            findings, side, "map_flags", described_flags(running.map_flags), notes=tuple(notes)
        )


def _extra(findings: RunningFindings, side: Side) -> None:
    running = side.running
    attribute = side.shape.attributes.get("map_extra")
    if _is_runtime(attribute):
        findings.leave(side.where("map_extra"), LEFT_TO_THE_LOADER)
        return
    if side.is_held:
        findings.leave(side.where("map_extra"), "the maps in a map needn't all have the same")
        return
    if _number(attribute) != running.map_extra:
        _differs(findings, side, "map_extra", str(running.map_extra))


def _differs(
    findings: RunningFindings,
    side: Side,
    name: str,
    actual: str,
    *,
    comes_to: str = "",
    notes: tuple[str, ...] = (),
) -> None:
    """Report that the attribute *name* is *actual* in the running map, and not as declared."""
    attribute = side.shape.attributes.get(name)
    said = "isn't declared" if attribute is None else _declared_as(attribute)
    findings.add(
        side.code("verify-attribute"),
        f"`{name}` of {side.label} {said}{comes_to}, and the running map has {actual}",
        None if attribute is None else attribute.span,
        running=side.running,
        subject=side.part(name),
        notes=notes,
    )


def _inner(
    findings: RunningFindings,
    types: RunningTypes,
    side: Side,
    machine: Machine,
) -> None:
    """Compare the definition of the maps in a map with the one map in it that could be had."""
    shape, running = side.shape, side.running
    if not shape.kind.of_maps or side.is_held:
        return
    if shape.inner is None:
        findings.leave("inner", LEFT_TO_THE_LOADER)
        return
    if running.inner is None:
        known = [one.why for one in running.unknown if one.what == "inner"]
        leave = findings.miss if running.inner_refused else findings.leave
        leave("inner", known[0] if known else "there is no map in it that shows it")
        return
    _shape(findings, types, Side(side.sought, shape.inner, running.inner, is_held=True), machine)


def _outside(findings: RunningFindings, found: Sought, running: RunningMap) -> None:
    """List what a declaration says, and no running map shows."""
    shape, map = found.shape, found.map
    if shape.record is not None:
        why = f"the kernel doesn't know the records, declared as `{described(shape.record.type)}`"
        findings.leave("record", why)
    if not found.is_inner:
        if map.slots:
            findings.leave("slots", _CHANGES)
        if kept_name(map.name) != running.name:
            findings.leave("name", f"the kernel calls it `{running.name}`")
        elif kept_name(map.name) != map.name:
            findings.leave("name", f"the kernel keeps {NAME_BYTES} bytes of it")
        if map.legacy or map.linkage != "global":
            findings.leave("linkage", "it is that of a variable in an object")
        if map.decl_tags:
            findings.leave("btf_decl_tag", "they are those of a variable in an object")
        findings.leave("pinning", _NOT_SAID)
    findings.leave("numa_node", _NOT_SAID)


def _is_runtime(attribute: Attribute | None) -> bool:
    return attribute is not None and attribute.value is None


def _number(attribute: Attribute | None) -> int:
    """Return what a loader hands on; 0 where the source is silent, or leaves it to the loader."""
    if attribute is None or attribute.value is None:
        return 0
    return attribute.value % (1 << 64 if attribute.name == "map_extra" else 1 << 32)


def _declared_as(attribute: Attribute) -> str:
    number = _number(attribute)
    said = described_flags(number) if attribute.name == "map_flags" else str(number)
    verb = "is filled in as" if attribute.origin == FILLED_IN else "is declared as"
    return f"{verb} {said}"
