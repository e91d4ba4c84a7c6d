"""`#if` without a preprocessor: where there is no clang to ask, the macros of the file decide.

Used by :mod:`unit` in the second step of the import of C. As the preprocessor does, a name that
nobody defined counts as 0, and numbers have the widest types (C17 6.10.1). Our own parser reads
the expression, and the language's own arithmetic evaluates it.
"""

from __future__ import annotations

import re

from bpfgen.ctype.constants import ConstantError, Operand, Operator, evaluate, parse_integer
from bpfgen.ctype.types import LLONG, ULLONG
from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.macros import TOKEN, Expander
from bpfgen.importer.from_c.trees import expression
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import Token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpfgen.importer.from_c.macros import Macro

_DEFINED = re.compile(r"\bdefined[ \t]*(?:\([ \t]*(\w+)[ \t]*\)|(\w+))")
_CALL = re.compile(r"\b[A-Za-z_]\w*[ \t]*\([^()]*\)")
_NUMBERS = ("NUMBER", "CHARACTER")
_LONGEST = 4000


def holds(word: str, condition: str, macros: Mapping[str, Macro]) -> bool:
    """Return whether `#word condition` is true; what can't be decided is false."""
    name = condition.split(maxsplit=1)[0] if condition.split() else ""
    if word in ("ifdef", "elifdef"):
        return name in macros
    if word in ("ifndef", "elifndef"):
        return name not in macros
    if len(condition) > _LONGEST:
        return False
    text = _DEFINED.sub(lambda m: "1" if (m[1] or m[2]) in macros else "0", condition)
    try:
        return value_of(Expander(macros, lambda _macro: False).expanded(text)) != 0
    except (CError, ConstantError):
        return False


def value_of(text: str) -> int:
    """Return the value of the expression *text*, whose macros are expanded.

    Raises:
        CError: It isn't an expression of numbers.
        ConstantError: It has no value.
    """
    text = TOKEN.sub(lambda m: "0" if m["name"] else m[0], _CALL.sub("0", text))
    items: list[Operand | Operator] = []
    node = expression(text)
    if node is None:
        raise CError("it is no expression")
    for part in node.parts:
        if not isinstance(part, Token) or part.kind == "UNIT":
            raise CError("it is no expression of numbers")
        if part.kind in _NUMBERS:
            value, integer = parse_integer(part.text)
            items.append(Operand(value, LLONG if integer.signed else ULLONG, part.span))
        else:
            items.append(Operator(part.text, part.span))
    return evaluate(items)[0]
