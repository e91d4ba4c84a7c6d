"""What `layout` finds of changes that a person can judge; each with all that it has to say."""

from __future__ import annotations

import pytest

from bpfgen.changes.categories import Asked, compare
from bpfgen.changes.rules import LAYOUT
from bpfgen.compiler import Options, compile
from bpfgen.text.source import Source
from tests.changes.layout_cases import BREAKS, SAME

ASKED = Asked((LAYOUT,), everything=True)


def found(old: str, new: str, asked: Asked = ASKED) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return code, subject and maps of what *new* breaks of *old*."""
    models = []
    for text in (old, new):
        compilation = compile(Source("maps.dsl", text), Options(is_ruled=False))
        assert not compilation.failed, [one.message for one in compilation.diagnostics]
        models.append(compilation.model)
    return [
        (one.code.removeprefix("break-layout-"), one.subject.name, one.subject.part, one.maps)
        for one in compare(models[0], models[1], asked)
    ]


def text(case: str) -> str:
    """Return the source that *case* stands for: the members of a value, or a whole source."""
    if case.startswith(("map", "struct", "enum", "typedef", "union")) and "map m" in case:
        return case
    return f"struct s {{ {case} }}; map m: hash<__u32, s>[8];"


@pytest.mark.parametrize(("old", "new"), SAME)
def test_the_same(old: str, new: str) -> None:
    """Nothing that was stored means anything else."""
    assert found(text(old), text(new)) == []


@pytest.mark.parametrize(("old", "new", "expected"), BREAKS)
def test_breaks(old: str, new: str, expected: list[str]) -> None:
    """Each cause once, where it is."""
    codes = [f"{code} {name}.{part}" for code, name, part, _ in found(text(old), text(new))]
    assert codes == expected
