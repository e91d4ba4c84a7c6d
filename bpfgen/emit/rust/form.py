"""Lines of Rust as rustfmt lays them out: what fits on a line of 100 stays on it.

The ground of this folder. The widths are rustfmt's defaults (`max_width`, `fn_call_width`,
`chain_width`, `struct_lit_width`, `attr_fn_like_width`).
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_WIDTH = 100
CALL_WIDTH = 60
CHAIN_WIDTH = 60
LITERAL_WIDTH = 18
RESULT_WIDTH = 96
GENERIC_WIDTH = 102
"""What rustfmt keeps on the line of a result after parameters on lines of their own, with the brace
and, where there are arguments that it could break, without."""
ATTRIBUTE_WIDTH = 70
INDENT = "    "


def attribute(name: str, arguments: Sequence[str], indent: str = "") -> list[str]:
    """Return `#[name(arguments)]`."""
    inside = ", ".join(arguments)
    line = f"{indent}#[{name}({inside})]"
    if len(inside) <= ATTRIBUTE_WIDTH and len(line) <= MAX_WIDTH:
        return [line]
    lines = [f"{indent}{INDENT}{argument}," for argument in arguments]
    if name != "derive":
        lines[-1] = lines[-1].removesuffix(",")
    return [f"{indent}#[{name}(", *lines, f"{indent})]"]


def function(
    head: str, parameters: Sequence[str], result: str, body: Sequence[str], indent: str = ""
) -> list[str]:
    """Return a function with the lines *body*, which come without its indentation.

    Args:
        head: `pub fn name`.
        parameters: Each as `name: type`.
        result: The type of what it returns; empty for nothing.
    """
    arrow = f" -> {result}" if result else ""
    line = f"{indent}{head}({', '.join(parameters)}){arrow} {{"
    if len(line) <= MAX_WIDTH:
        lines = [line]
    else:
        lines = [f"{indent}{head}("]
        lines += [f"{indent}{INDENT}{parameter}," for parameter in parameters]
        lines += _result(f"{indent}){arrow}", indent)
    lines += [f"{indent}{INDENT}{text}" if text else "" for text in body]
    return [*lines, f"{indent}}}"]


def _result(line: str, indent: str) -> list[str]:
    """Return the lines of a function's result, *line*, and of the brace that follows."""
    width = len(line.rpartition("\n")[2])
    if width > GENERIC_WIDTH and line.endswith(">"):
        outer, _, inside = line.removesuffix(">").partition("<")
        first, comma, last = inside.rpartition(", ")
        arguments = [first, last] if comma else [last]
        return [f"{outer}<", *(f"{indent}{INDENT}{word}," for word in arguments), f"{indent}> {{"]
    return [f"{line} {{"] if width + 2 <= RESULT_WIDTH else [line, f"{indent}{{"]


def call(head: str, arguments: Sequence[str], tail: str, depth: int) -> list[str]:
    """Return the lines of `head(arguments)tail`, *depth* columns from the left."""
    inside = ", ".join(arguments)
    line = f"{head}({inside}){tail}"
    is_short = len(arguments) == 1 or len(inside) <= CALL_WIDTH
    if is_short and depth + len(line) <= MAX_WIDTH:
        return [line]
    return [f"{head}(", *(f"{INDENT}{argument}," for argument in arguments), f"){tail}"]


def chain(head: str, calls: Sequence[str], depth: int) -> list[str]:
    """Return the lines of `head.call.call`, *depth* columns from the left.

    One call on what is no chain itself may be as long as the line.
    """
    line = head + "".join(f".{text}" for text in calls)
    is_single = len(calls) == 1 and "." not in head.partition("(")[0]
    if depth + len(line) <= MAX_WIDTH and (is_single or len(line) <= CHAIN_WIDTH):
        return [line]
    return [head, *(f"{INDENT}.{text}" for text in calls)]


def literal(value: int) -> str:
    """Return *value* in decimal, its digits in threes where there are five or more."""
    return f"{value:_}" if abs(value) >= 10_000 else str(value)


def hexadecimal(value: int, digits: int) -> str:
    """Return *value* in hexadecimal, its digits in fours."""
    text = f"{value:0{digits}x}"
    parts = [text[max(0, end - 4) : end] for end in range(len(text), 0, -4)]
    return "0x" + "_".join(reversed(parts))
