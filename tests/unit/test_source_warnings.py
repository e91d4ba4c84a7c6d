"""Which warnings about a source are about some of its maps."""

from __future__ import annotations

from bpfgen.commands.source_warnings import concerning
from bpfgen.text.diagnostics import ERROR, WARNING, Diagnostic, Subject
from tests.verify.program import model_of

MODEL = """\
struct inside { __u32 a; };
struct own { struct inside i; };
struct other { __u32 b; };
map asked: hash<__u32, own>[1];
map rest: hash<__u32, other>[1];
map outer: array_of_maps<__u32, array<__u32, other>[1]>[1];
"""


def said(subject: Subject | None, map: str | None = None, severity: str = WARNING) -> Diagnostic:
    """Return a diagnostic about *subject*."""
    return Diagnostic("code", "", None, severity=severity, map=map, subject=subject)


def test_warnings_that_concern_a_map() -> None:
    """Those about it, its types and the file; not those about other maps and their types."""
    own = [
        said(Subject("map", "asked"), "asked"),
        said(Subject("struct", "own", "i")),
        said(Subject("struct", "inside")),
        said(Subject("struct", "")),
        said(Subject("import", "x.dsl")),
        said(None),
        said(Subject("map", "rest"), "rest", ERROR),
    ]
    others = [said(Subject("map", "rest"), "rest"), said(Subject("struct", "other", "b"))]
    model = model_of(MODEL)
    assert list(concerning([*others, *own], model, {"asked"})) == own
    assert list(concerning(others, model, {"rest"})) == others
    assert list(concerning(others, model, {"outer"})) == others[1:]
    assert list(concerning(others, model, ())) == []
