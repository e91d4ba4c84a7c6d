"""A source that was imported, held against the object that it was made from.

By the same comparison as verification: import never keeps quiet about what it could not express.
What it has reported in better words before, and what is no difference to a loader, is left out.
"""

from __future__ import annotations

from functools import partial

from bpfgen.object.records import LEGACY
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic
from bpfgen.verify.declarations import verify_programs
from bpfgen.verify.findings import Findings
from bpfgen.verify.maps import verify_map
from bpfgen.verify.types import TypeChecker
from bpfgen.verify.whole_types import verify_whole_types

if TYPE_CHECKING:
    from collections.abc import Container

    from bpfgen.model.model import Model
    from bpfgen.object.records import ObjectFile


def differences(
    model: Model,
    object: ObjectFile,
    renamed: Container[str] = (),
    unfolded: Container[str] = (),
    *,
    of_c: bool = False,
) -> list[Diagnostic]:
    """Return in what the maps and types of *model* are not those of *object*.

    That a type or member has another name, one of *renamed*, is reported already, and so is that
    the source has what the typedefs *unfolded* stand for. The differences are warnings where the
    object itself was imported, and errors where that is what C compiles to.
    """
    findings = Findings(object, has_source=False)
    types = TypeChecker(findings, model, renamed, unfolded, flavors=True)
    findings.try_all(
        partial(
            verify_map,
            findings,
            types,
            declared,
            findings.maps.get(declared.name),
            is_imported=False,
            style=_style(object, declared.name),
            own=False,
        )
        for declared in model.maps
    )
    if object.btf is not None:
        findings.try_all(
            (
                partial(verify_whole_types, findings, types, model),
                partial(verify_programs, findings, types, model),
            )
        )
    return [
        Diagnostic(
            "import-difference",
            f"the source and the object differ: {difference.message}",
            None,
            notes=difference.notes,
            severity=ERROR if of_c else WARNING,
            map=difference.map,
            subject=difference.subject,
        )
        for difference in findings.finished()
        if not _is_reported(object, difference)
    ]


def _is_reported(object: ObjectFile, difference: Diagnostic) -> bool:
    """Whether *difference* is of no account, or was reported in better words before."""
    emitted = object.map_named(difference.map or "")
    if emitted is None:
        return False
    if difference.code == "verify-datasec":
        return True  # slots that are empty after the last make a variable longer, not the map
    if difference.code == "verify-linkage":
        return emitted.linkage == "static" or emitted.definition.style == LEGACY
    if difference.code == "verify-inner":
        return emitted.definition.values == "programs"
    return difference.code == "verify-definition" and emitted.definition.style == LEGACY


def _style(object: ObjectFile, name: str) -> str:
    emitted = object.map_named(name)
    return "modern" if emitted is None else emitted.definition.style
