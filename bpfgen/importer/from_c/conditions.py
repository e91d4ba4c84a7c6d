"""`#if` without a preprocessor: where there is no clang to ask, the macros of the file decide.

As the preprocessor does, a name that nobody defined counts as 0.
"""

from __future__ import annotations

import re

from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.macros import Expander
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

    from bpfgen.importer.from_c.macros import Macro

_DEFINED = re.compile(r"\bdefined[ \t]*(?:\([ \t]*(\w+)[ \t]*\)|(\w+))")
_NUMBER = re.compile(r"\b(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlL]*\b")
_NAME = re.compile(r"\b[A-Za-z_]\w*\b(?:[ \t]*\([^()]*\))?")
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
        text = Expander(macros, lambda _macro: False, [0]).expanded(text)
        return bool(_value(text[:_LONGEST]))
    except (CError, SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return False


def _value(text: str) -> int:
    """Return the value of an expression in which everything is a number."""
    import ast

    text = _NUMBER.sub(lambda m: str(int(m[1], 8 if re.fullmatch(r"0\d+", m[1]) else 0)), text)
    text = _NAME.sub("0", text).replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"!(?!=)", " not ", text).replace("/", "//")
    if not text.strip():
        raise ValueError
    return _node(ast.parse(text.strip(), mode="eval").body)


def _node(node: ast.AST) -> int:
    import ast
    import operator

    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.BoolOp):
        results = [_node(each) for each in node.values]
        return int(all(results) if isinstance(node.op, ast.And) else any(results))
    if isinstance(node, ast.UnaryOp):
        value = _node(node.operand)
        if isinstance(node.op, ast.Not):
            return int(not value)
        return {ast.USub: -value, ast.UAdd: value, ast.Invert: ~value}[type(node.op)]
    if isinstance(node, ast.BinOp):
        left, right = _node(node.left), _node(node.right)
        if isinstance(node.op, (ast.LShift, ast.RShift)) and not 0 <= right < 64:
            raise ValueError
        operators = {
            ast.Add: operator.add,
            ast.Sub: operator.sub,
            ast.Mult: operator.mul,
            ast.FloorDiv: operator.floordiv,
            ast.Mod: operator.mod,
            ast.LShift: operator.lshift,
            ast.RShift: operator.rshift,
            ast.BitAnd: operator.and_,
            ast.BitOr: operator.or_,
            ast.BitXor: operator.xor,
        }
        if type(node.op) not in operators:
            raise ValueError
        return int(operators[type(node.op)](left, right)) & ((1 << 64) - 1)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, right = _node(node.left), _node(node.comparators[0])
        return int(
            {
                ast.Lt: left < right,
                ast.LtE: left <= right,
                ast.Gt: left > right,
                ast.GtE: left >= right,
                ast.Eq: left == right,
                ast.NotEq: left != right,
            }[type(node.ops[0])]
        )
    raise ValueError
