"""Two sources side by side, whatever they are: what the newer one breaks of the older one.

Between `sources`, which opens both, and `commands` or a caller of the Python API.
"""

from __future__ import annotations

from bpfgen.changes.categories import compare_files
from bpfgen.changes.pairs import no_model
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.sources import LANGUAGE, RUNNING, without_places
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.finding import Finding
    from bpfgen.model.model import Model
    from bpfgen.sources import Opened
    from bpfgen.text.diagnostics import Diagnostic


def errors_of(opened: Opened, name: str) -> list[Diagnostic]:
    """Return the errors of the source *opened*, which the user calls *name*."""
    errors = [one for one in opened.diagnostics if one.severity == ERROR]
    return errors if opened.kind == LANGUAGE else without_places(errors, name)


def compared(old: Opened | None, new: Opened | None, asked: Asked) -> list[Finding]:
    """Return what *new* breaks of *old*; see :func:`compared_files`."""
    return compared_files([(old, new)], asked)[0]


def compared_files(
    files: Sequence[tuple[Opened | None, Opened | None]], asked: Asked
) -> list[list[Finding]]:
    """Return for each of *files*, OLD and NEW, what NEW breaks; what moved between them isn't gone.

    All are resolved; one side may be None, of a file that isn't there. Places of what is no source
    of the language are in a text that nobody has, and are left out.
    """
    kinds = [[None if side is None else side.kind for side in file] for file in files]
    if any(old == RUNNING for old, _new in kinds):
        asked = replace(asked, is_pin=True)
    if any(RUNNING in both for both in kinds):
        asked = replace(asked, is_running=True)
    found = compare_files([(_model(old, new), _model(new, old)) for old, new in files], asked)
    return [_placed(one, *both) for one, both in zip(found, kinds, strict=True)]


def _model(side: Opened | None, other: Opened | None) -> Model:
    """Return the model of *side*; where it isn't there, one that declares nothing."""
    for opened in (side, other):
        if opened is not None and opened.compilation is not None:
            model = opened.compilation.model
            return model if opened is side else no_model(model.name)
    raise ValueError("one of the two sides is there")


def _placed(findings: list[Finding], old: str | None, new: str | None) -> list[Finding]:
    """Return *findings* with the places that are in a text which somebody has."""
    if old in (None, LANGUAGE) and new in (None, LANGUAGE):
        return findings
    placed: list[Finding] = []
    for finding in findings:
        before, after = finding.old, finding.new
        if old not in (None, LANGUAGE):
            before = replace(before, span=None)
        if new not in (None, LANGUAGE):
            after = replace(after, span=None)
        placed.append(replace(finding, old=before, new=after))
    return placed
