"""Two sources side by side, whatever they are: what the newer one breaks of the older one.

Between `sources`, which opens both, and `commands` or a caller of the Python API.
"""

from __future__ import annotations

from bpfgen.changes.categories import compare
from bpfgen.model.model import Model
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.sources import LANGUAGE, RUNNING, without_places
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    from bpfgen.changes.categories import Asked
    from bpfgen.changes.finding import Finding
    from bpfgen.sources import Opened
    from bpfgen.text.diagnostics import Diagnostic

NO_MODEL = Model("", "", {}, (), (), (), (), (), {})
"""What a file that isn't there declares."""


def errors_of(opened: Opened, name: str) -> list[Diagnostic]:
    """Return the errors of the source *opened*, which the user calls *name*."""
    errors = [one for one in opened.diagnostics if one.severity == ERROR]
    return errors if opened.kind == LANGUAGE else without_places(errors, name)


def compared(old: Opened | None, new: Opened | None, asked: Asked) -> list[Finding]:
    """Return what *new* breaks of *old*; both are resolved, and None where there is no such file.

    Places of what is no source of the language are in a text that nobody has, and are left out.
    """
    if old is not None and old.kind == RUNNING:
        asked = replace(asked, is_pin=True)
    before, after = (
        NO_MODEL if side is None or side.compilation is None else side.compilation.model
        for side in (old, new)
    )
    findings = compare(before, after, asked)
    for side, opened in (("old", old), ("new", new)):
        if opened is not None and opened.kind != LANGUAGE:
            findings = [
                replace(one, **{side: replace(getattr(one, side), span=None)}) for one in findings
            ]
    return findings
