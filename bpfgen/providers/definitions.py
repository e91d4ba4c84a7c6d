"""Names from the command line: `-D NAME=VALUE`, the value being one expression.

Loaded where there is such an option.
"""

from __future__ import annotations

from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING
from bpfgen.resolve.definitions import Definitions
from bpfgen.resolve.file import Resolver
from bpfgen.syntax.parser import parse
from bpfgen.syntax.tree import ConstItem
from bpfgen.text.diagnostics import WARNING, Subject
from bpfgen.text.source import Source, Span
from bpfgen.text.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.ctype.types import Expression
    from bpfgen.text.diagnostics import Report


def parse_definitions(definitions: Mapping[str, str], report: Report) -> Definitions:
    """Return the values of `-D` options, which know the prelude's names and no others.

    What is no expression is reported (codes `syntax`, `unknown-definition` and those of constants)
    and left out.
    """
    values: dict[str, Expression] = {}
    for name, value in definitions.items():
        source = Source(f"-D {name}", f"const {name} = {value};")
        tree = parse(source, report)
        items = tree.items
        if len(items) == 1 and isinstance(items[0], ConstItem):
            resolver = Resolver(tree, report, [], Prelude.shared())
            expression = resolver.expression(items[0].value)
            if expression is not None:
                values[name] = expression
        elif items:
            message = f"`-D {name}` takes one expression as its value"
            report.error("unknown-definition", message, Span(source, 0, len(source.text)))
    return Definitions(values)


def report_unused(definitions: Definitions, report: Report) -> None:
    """Warn of `-D` options that no file has a constant for."""
    for name in definitions.unused:
        report.error(
            "unknown-definition",
            f"`-D {name}` replaces no constant: there is none of that name",
            None,
            help=did_you_mean(name, definitions.known),
            severity=WARNING,
            subject=Subject("definition", name),
        )
