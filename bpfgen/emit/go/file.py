"""A model as one file of a Go package.

The parts are written first, since they decide which packages are imported and which names are
taken; a clash of names is an error, and nothing is written then.
"""

from __future__ import annotations

from bpfgen.emit.go.comments import comment, doc, no_constraint
from bpfgen.emit.go.facts import declare_facts
from bpfgen.emit.go.options import options_of
from bpfgen.emit.go.package import Package
from bpfgen.emit.go.types import claim_type, constants, declare
from bpfgen.emit.templates import render
from bpfgen.emit.user_space.docs import visible
from bpfgen.emit.user_space.names import refuse
from bpfgen.emit.user_space.view import view_of
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.emit.backend import Settings
    from bpfgen.emit.go.options import GoOptions
    from bpfgen.emit.user_space.identifiers import Identifier
    from bpfgen.emit.user_space.view import View
    from bpfgen.model.model import Model


def emit(model: Model, settings: Settings) -> list[str]:
    """Return the file of Go for *model*; what :data:`bpfgen.emit.BACKENDS` calls.

    Raises:
        OutputRefused: Two names of C would be one in Go, or one can't be had.
    """
    return [compose(view_of(model), options_of(settings, model.name))]


def identifiers(model: Model, view: View, settings: Settings) -> list[Identifier]:  # noqa: ARG001
    """Return what programs may name of the file of *view*.

    Raises:
        OutputRefused: As for :func:`emit`.
    """
    return _written(view, options_of(settings, view.source))[1].surface.identifiers


def compose(view: View, options: GoOptions) -> str:
    """Return the text of the file.

    Raises:
        OutputRefused: Two names of C would be one in Go, or one can't be had.
    """
    body, package = _written(view, options)
    standard, others = package.import_lines()
    opening = render(
        "go/opening.go.j2",
        source=no_constraint(visible(view.source).strip()),
        doc=comment(doc(view.doc)),
        package=options.package,
        standard=standard,
        others=others,
    )
    return opening + body


def _written(view: View, options: GoOptions) -> tuple[str, Package]:
    """Return all but the opening of the file, and what it is made of."""
    package = Package(view, options)
    for type in view.types:
        claim_type(package, type)
    parts = [constants(package, view.constants)]
    parts += [declare(package, type) for type in view.types]
    parts += [declare_facts(package, facts) for facts in view.maps]
    if options.accessors:
        from bpfgen.emit.go.access import declare_access

        parts.append(declare_access(package, view.maps))
    if package.has_bits:
        parts.append(render("go/bits.go.j2", bits=package.bits, set_bits=package.set_bits))
    refuse(*package.scopes)
    return "".join(parts), package
