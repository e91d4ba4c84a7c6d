"""What C, libbpf and the kernel ask of a model: generators of diagnostics, and who may allow what.

A rule takes the model and what it is checked against and yields diagnostics; it changes nothing.
"""

from __future__ import annotations

from bpfgen.diagnostics import WARNING, Diagnostic
from bpfgen.record import TYPE_CHECKING
from bpfgen.rules.maps import conflicting_sizes, style_limits, undefinable_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bpfgen.model.kernel import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.syntax.tree import Allowance

    Rule = Callable[[Model, "Target"], Iterator[Diagnostic]]

from bpfgen.rules.target import Target

RULES: tuple[Rule, ...] = (undefinable_kinds, conflicting_sizes, style_limits)
"""Every rule, in the order in which they are asked."""

ALLOWABLE = frozenset({"key-size-conflict", "value-size-conflict"})
"""The codes that an allowance can turn off: what can be emitted all the same."""


def check(model: Model, kernel: KernelVersion | None, style: str) -> Iterator[Diagnostic]:
    """Yield what the rules say of *model*; *kernel* overrides the file's own target."""
    target = Target.of(model, kernel, style)
    for rule in RULES:
        yield from rule(model, target)


def allowed(diagnostics: Iterable[Diagnostic], allowances: Iterable[Allowance]) -> list[Diagnostic]:
    """Return *diagnostics* without those that `// bpfgen: allow CODE because …` turns off.

    An allowance holds for the line that it stands on and for the one below it. One that turns off
    nothing is a warning, and so is one for a code that can't be allowed.
    """
    by_place: dict[tuple[str, int, str], Allowance] = {}
    unused: dict[int, Allowance] = {}
    for allowance in allowances:
        for line in (allowance.line, allowance.line + 1):
            by_place[allowance.span.source.name, line, allowance.code] = allowance
        unused[id(allowance)] = allowance
    kept: list[Diagnostic] = []
    for diagnostic in diagnostics:
        span = diagnostic.span
        if span is not None and by_place:
            place = (span.source.name, span.line, diagnostic.code)
            found = by_place.get(place)
            if found is not None and (
                diagnostic.severity == WARNING or diagnostic.code in ALLOWABLE
            ):
                unused.pop(id(found), None)
                continue
        kept.append(diagnostic)
    kept.extend(
        Diagnostic(
            "unused-allowance",
            f"nothing here needs `{allowance.code}` to be allowed",
            allowance.span,
            help="remove the comment",
            severity=WARNING,
        )
        for allowance in unused.values()
    )
    return kept
