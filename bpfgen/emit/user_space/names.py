"""Names of an output: which are taken, and what is said where two would be one.

Every backend claims each name that it gives, where it gives it; what clashes is refused together.
"""

from __future__ import annotations

from bpfgen.emit.backend import OUTPUT_NAME, OutputRefused
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic, Label

if TYPE_CHECKING:
    from bpfgen.text.source import Span


class Names:
    """The names of one scope of an output: a package, a module, or the members of one type."""

    def __init__(self, language: str, clashes: set[tuple[str, str]] | None = None) -> None:
        """Take no name yet.

        Args:
            language: How messages call it: `Go`, `Rust`, `Python`.
            clashes: The pairs of subjects that clash, which scopes may share: one name of C may be
                in many of the output, and one message is enough.
        """
        self._language = language
        self._clashes = set() if clashes is None else clashes
        self._taken: dict[str, tuple[str, Span | None]] = {}
        self.diagnostics: list[Diagnostic] = []

    def claim(self, name: str, subject: str, span: Span | None = None) -> str:
        """Return *name*, which is *subject*'s from now on, or report whose it is already.

        What is no identifier is reported, too: a header of C may have `$` in its names.

        Args:
            name: As the output has it.
            subject: What has the name, as a message calls it: "`struct flow_key`".
            span: Where the source declares it.
        """
        if not (name.isascii() and name.isidentifier()):
            self.diagnostics.append(
                Diagnostic(
                    OUTPUT_NAME,
                    f"{subject} would be `{name}` in {self._language}, which is no identifier",
                    span,
                    help="rename it",
                )
            )
            return name
        taken = self._taken.get(name)
        if taken is None:
            self._taken[name] = (subject, span)
        elif (subject, taken[0]) not in self._clashes:
            other, place = taken
            self._clashes.add((subject, other))
            self.diagnostics.append(
                Diagnostic(
                    OUTPUT_NAME,
                    f"{subject} and {other} would both be `{name}` in {self._language}",
                    span,
                    label=f"`{name}`",
                    labels=(Label(place, f"`{name}`, too"),) if place is not None else (),
                    help="rename one of them",
                )
            )
        return name

    def free(self, name: str) -> str:
        """Return *name*, or it and as many underscores as nobody has; it is taken from now on.

        For names that no program outside the output needs to know, or that give way: accessors.
        """
        while name in self._taken:
            name += "_"
        self._taken[name] = (f"`{name}`", None)
        return name


def refuse(*scopes: Names) -> None:
    """Raise :class:`OutputRefused` with all that is wrong in *scopes*, if anything is."""
    diagnostics = [diagnostic for scope in scopes for diagnostic in scope.diagnostics]
    if diagnostics:
        raise OutputRefused(diagnostics)
