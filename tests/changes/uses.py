"""What breaks code by the compilers themselves: programs that use every name of OLD's outputs.

The names and their types are those that the language's own tools read of the output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bpfgen.changes.categories import Asked, compare
from bpfgen.compiler import Options, compile
from bpfgen.emit import BACKENDS, OutputRefused
from bpfgen.text.source import Source
from tests.changes.mutations import changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bpfgen.changes.finding import Finding
    from bpfgen.model.model import Model


class Pair(NamedTuple):
    """OLD and NEW, and what `source` finds.

    Attributes:
        label: How a failure names it: its seed and what was done.
        texts: Both sources.
        models: What they come to.
        findings: What NEW breaks.
    """

    label: str
    texts: tuple[str, str]
    models: tuple[Model, Model]
    findings: list[Finding]

    def breaks(self, language: str) -> bool:
        """Return whether a finding says that code in *language* needs a change."""
        starts = (f"code in {language} needs a change: ", "code that uses what was generated")
        said = [sentence for one in self.findings for sentence in one.happens]
        return any(sentence.startswith(starts) for sentence in said)


def pairs(seed: int, count: int) -> Iterator[Pair]:
    """Yield *count* random pairs that every output can be had of."""
    for change in changes(seed, count):
        models = tuple(
            compile(Source("maps.dsl", text), Options()).model
            for text in (change.old_text, change.new_text)
        )
        old, new = models
        found = compare(old, new, Asked(("source",)))
        if all(one.code != "break-source-clash" for one in found):
            label = f"{change.seed} {change.what}"
            yield Pair(label, (change.old_text, change.new_text), (old, new), found)


def write_outputs(
    folder: Path, given: Sequence[Pair], backend: str, suffix: str, library: str = ""
) -> dict[Path, Pair]:
    """Write the outputs of *given*, `old` and `new` in a directory each; one may be refused.

    They have accessors, over *library*.
    """
    written: dict[Path, Pair] = {}
    for number, pair in enumerate(given):
        at = folder / f"pair{number}{library[:1]}"
        at.mkdir()
        try:
            for name, model in zip(("old", "new"), pair.models, strict=True):
                text = BACKENDS[backend].emit(model, {"accessors": (library,)})[0].text
                (at / f"{name}{suffix}").write_text(text, encoding="utf-8")
        except OutputRefused:
            continue
        written[at] = pair
    return written
