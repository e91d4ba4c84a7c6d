"""What is to be said where the object is a running map: what a source of it can't have.

Beside :mod:`losses`: of an object, all that its source said is there.
"""

from __future__ import annotations

from bpfgen.importer.repair import warning
from bpfgen.kernel.made import kept_name
from bpfgen.object.running import GONE, NEWER_BTF, NO_BTF, NO_RIGHT
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import NOTE, WARNING, Diagnostic

if TYPE_CHECKING:
    from bpfgen.object.records import ObjectFile
    from bpfgen.object.running import RunningMap

_SIZES = "sizes stand for them here"


def left_out(object: ObjectFile) -> list[Diagnostic]:
    """Return which maps of *object*, running ones, no source could declare, and why.

    Beside others it is as with an object, whose variables aren't imported either.
    """
    reasons = [
        f"it holds the variables of section `{internal.section}`, and libbpf makes it of them"
        for internal in object.internal_maps
    ]
    for struct_ops in object.struct_ops:
        of = f" of `struct {struct_ops.type_name}`" if struct_ops.type_name else ""
        reasons.append(f"a `struct_ops` map is made of a variable{of}, and is no map definition")
    undeclared = object.running[len(object.running) - len(reasons) :]
    code, severity = ("import-lost", NOTE) if object.maps else ("import-map", WARNING)
    return [
        Diagnostic(
            code,
            f"{running} is left out: {why}",
            None,
            help=f"`bpfgen inspect id:{running.id} --types` shows what is in it",
            severity=severity,
        )
        for running, why in zip(undeclared, reasons, strict=True)
    ]


def said_of_running(object: ObjectFile) -> list[Diagnostic]:
    """Return what is to be known of a source of *object*; nothing where that was a file."""
    pairs = [(map.name, one) for one, map in zip(object.running, object.maps, strict=False)]
    lost = [_lost(running, name) for name, running in pairs]
    of_all = set(lost[0]).intersection(*lost[1:]) if len(lost) > 1 else set()
    said = _of_rights(pairs)
    for (name, running), notes in zip(pairs, lost, strict=True):
        said += (*_of_name(running, name), *_of_types(running, name))
        own = tuple(note for note in notes if note not in of_all)
        if own:
            said.append(_of_rest(f"map `{name}`", own, name))
    if of_all:
        shared = tuple(note for note in lost[0] if note in of_all)
        said.append(_of_rest("these maps", shared))
    return said


def _of_rights(pairs: list[tuple[str, RunningMap]]) -> list[Diagnostic]:
    """Return of which maps one may not read the types: a sentence, however many these are."""
    names = [name for name, one in pairs if any(held.untyped == NO_RIGHT for held in _held(one))]
    if len(names) == 1:
        message = f"to read the types of map `{names[0]}` takes CAP_SYS_ADMIN; {_SIZES}"
        return [warning("no-right", message, names[0])]
    message = f"to read the types of {len(names)} maps takes CAP_SYS_ADMIN; {_SIZES}"
    return [warning("no-right", message)] if names else []


def _held(running: RunningMap) -> tuple[RunningMap, ...]:
    return (running,) if running.inner is None else (running, running.inner)


def _of_name(running: RunningMap, name: str) -> list[Diagnostic]:
    if not running.name:
        message = f"the kernel has no name for map {running.id}: it is `{name}` here"
        return [Diagnostic("import-name", message, None, severity=NOTE, map=name)]
    if _is_whole(running, name):
        message = f"the kernel has cut the name of map {running.id}: by its pin it is `{name}`"
        return [Diagnostic("import-name", message, None, severity=NOTE, map=name)]
    if running.name != name:
        message = f"the kernel calls map {running.id} `{running.name}`: it is `{name}` here"
        return [warning("import-name", message, name)]
    return []


def _of_types(running: RunningMap, name: str) -> list[Diagnostic]:
    """Return what is wrong with the types; that a map has none is no news."""
    held = _held(running)
    if any(one.untyped == NO_RIGHT for one in held):
        return []  # said already
    if any(one.untyped == NEWER_BTF for one in held):
        message = f"the types of map `{name}` are of kinds that bpfgen doesn't know; {_SIZES}"
        return [warning("import-type", message, name)]
    if any(one.untyped == GONE for one in held):
        return [warning("import-type", f"the types of map `{name}` have gone; {_SIZES}", name)]
    assert all(one.untyped in ("", NO_BTF) for one in held)
    if any(one.rewritten for one in held):
        message = (
            f"libbpf has replaced types of map `{name}` that this kernel doesn't know: floating "
            "point and enums of 64 bits aren't as they were declared"
        )
        return [warning("import-type", message, name)]
    return []


def _is_whole(running: RunningMap, name: str) -> bool:
    """Whether *name* is that of the pin, and has what the kernel has cut."""
    return running.is_cut and name != running.name and kept_name(name) == running.name


def _lost(running: RunningMap, name: str) -> tuple[str, ...]:
    """Return what isn't known of *running*, or not kept in a source that calls it *name*."""
    unknown = (one for one in running.unknown if one.what != "name" or not _is_whole(running, name))
    notes = tuple(f"`{one.what}`: {one.why}" for one in unknown)
    if running.frozen:
        notes += ("that it is frozen, which its loader has to do again",)
    if running.owner_type is not None:
        notes += ("which type of programs it is bound to: the first one that uses it decides",)
    return notes


def _of_rest(what: str, notes: tuple[str, ...], name: str | None = None) -> Diagnostic:
    message = f"not all that was declared of {what} is known or kept"
    return Diagnostic("import-lost", message, None, notes=notes, severity=NOTE, map=name)
