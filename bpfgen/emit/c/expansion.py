"""How much the preprocessor makes of a constant: each name in a macro is replaced by its text.

`const A1 = A0 + A0;` and so on doubles with each line; so does a chain of names put brackets into
brackets. The header then has the number.
"""

from __future__ import annotations

from bpfgen.ctype.types import Constant
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.ctype.types import Expression

MOST_TOKENS = 4096
"""No person writes as many; each use of the constant costs as many."""

MOST_BRACKETS = 200
"""Names within names, each in parentheses of its own: clang's -fbracket-depth is 256."""


class Expansion:
    """Measures the constants of one model, each of them once."""

    __slots__ = ("_large", "_measured")

    def __init__(self) -> None:
        self._measured: dict[str, tuple[int, int]] = {}
        self._large: set[str] = set()

    def is_too_large(self, constant: Constant) -> bool:
        """Return whether a compiler had better not expand the expression of *constant*."""
        pending = [constant]
        while pending:
            macros = _macros(pending[-1].expression)
            missing = [one for one in macros if one.name not in self._measured]
            if missing:
                pending += missing
            else:
                self._measure(pending.pop(), macros)
        return constant.name in self._large

    def _measure(self, constant: Constant, macros: list[Constant]) -> None:
        """Note the tokens of what stands for *constant*, and the parentheses within each other."""
        inner = [self._measured[macro.name] for macro in macros]
        own = len(constant.expression.parts) if constant.expression is not None else 1
        tokens = own + sum(2 + tokens for tokens, _brackets in inner)
        brackets = 1 + max((brackets for _tokens, brackets in inner), default=0)
        if macros and (tokens > MOST_TOKENS or brackets > MOST_BRACKETS):
            self._large.add(constant.name)
            tokens, brackets = 1, 0
        self._measured[constant.name] = (tokens, brackets)


def _macros(expression: Expression | None) -> list[Constant]:
    parts = () if expression is None else expression.parts
    return [one for one in parts if isinstance(one, Constant) and one.is_macro]
