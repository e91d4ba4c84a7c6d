"""A source whose maps are made or counted: one variant of it, and what is to be said of that.

What `create` and `size` have in common, between `sources` and `--set`.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import ERROR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.kernel.memory import Machine
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.model import Model
    from bpfgen.sources import Opened
    from bpfgen.text.diagnostics import Diagnostic


class DecidedSource(Record):
    """A source without errors and open conditions.

    Attributes:
        name: The source, as the user calls it.
        is_placed: Its text is in the file, so that diagnostics may point at it.
        model: What it comes to, before `--set`.
        options: What it was opened with.
        said: What was reported of it.
    """

    name: str
    is_placed: bool
    model: Model
    options: Options
    said: tuple[Diagnostic, ...] = ()

    def placed(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return *diagnostics* of the model, for people who see the file alone."""
        if self.is_placed:
            return list(diagnostics)
        from bpfgen.sources import without_places

        return without_places(diagnostics, self.name)

    def rules(
        self, model: Model, kernel: KernelVersion | None = None, machine: Machine | None = None
    ) -> list[Diagnostic]:
        """Return what the rules say of *model*, on another *kernel* and *machine* if given."""
        from bpfgen.rules import check

        options = self.options
        kernel, machine = kernel or options.kernel, machine or options.machine
        return list(check(model, kernel, options.style, options.loaders, machine))

    def caused(self, model: Model, values: Mapping[str, int]) -> list[Diagnostic]:
        """Return what the rules say of *model* with *values*, and not of the source without."""
        from bpfgen.commands.runtime_values import with_option

        known = self.rules(self.model)
        new = [one for one in self.rules(model) if one not in known]
        return self.placed(with_option(one, values) for one in new)


def decided(
    opened: Opened,
    name: str,
    options: Options,
    terminal: Terminal,
    *,
    concerns: frozenset[str],
    purpose: str,
) -> DecidedSource | None:
    """Return the source *name*, and report what is to be said of it; None where it is wrong.

    Args:
        opened: What was opened with *options*.
        name: As the user calls it.
        concerns: What its warnings may be about: see :class:`bpfgen.text.codes.Code`.
        purpose: What it has to be decided for, in words.
    """
    from bpfgen.sources import LANGUAGE, without_places

    is_placed = opened.kind == LANGUAGE
    said = _concerning(opened.diagnostics, concerns)
    if not is_placed:
        said = without_places(said, name)
    if terminal.report(said) or opened.failed or opened.compilation is None:
        return None
    compilation = opened.compilation
    if compilation.undecided:
        from bpfgen.emit.undecided import undecided

        terminal.report([undecided(compilation.undecided, purpose)])
        return None
    return DecidedSource(name, is_placed, compilation.model, options, tuple(said))


def _concerning(diagnostics: Sequence[Diagnostic], concerns: frozenset[str]) -> list[Diagnostic]:
    """Return the errors among *diagnostics*, and what else is about *concerns*."""
    if all(one.severity == ERROR for one in diagnostics):
        return list(diagnostics)
    from bpfgen.text.codes import CODES

    return [
        one for one in diagnostics if one.severity == ERROR or CODES[one.code].concern in concerns
    ]
