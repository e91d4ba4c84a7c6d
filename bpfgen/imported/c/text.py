"""A C file cut into its declarations; comments are gone, lines are known.

The preprocessor isn't run, since it would take away the names that are wanted. `#define` and
`#include` are noted, conditionals are decided by what the file itself defines, as the preprocessor
does with a name that nobody defined.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_DIRECTIVE = re.compile(r"[ \t]*#[ \t]*(\w+)[ \t]*(.*)")
_DEFINE = re.compile(r"(\w+)(\([^)]*\))?[ \t]*(.*)")
_DEFINED = re.compile(r"\bdefined[ \t]*(?:\([ \t]*(\w+)[ \t]*\)|(\w+))")
_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\(")
_TRAILERS = re.compile(r"(?:__attribute__|SEC|__aligned|__contains)\s*$")

MAP, FUNCTION, TYPE, CALL, OTHER = "map", "function", "type", "call", "other"


class Chunk(Record):
    """One declaration at the top of the file.

    Attributes:
        kind: `map`, `function` (its head), `type`, `call` (of a macro) or `other`.
        text: Without comments; a function's without its body.
        line: Of its first character, from 1.
    """

    kind: str
    text: str
    line: int


class CFile(Record):
    """What the file consists of.

    Attributes:
        chunks: In order.
        defines: Object-like macros: their text and line; the last of each.
        function_macros: Macros with parameters: their text and line.
        includes: As written, `<linux/in.h>`, with their lines.
        skipped: Lines of conditionals whose text was left out.
    """

    chunks: list[Chunk]
    defines: dict[str, tuple[str, int]]
    function_macros: dict[str, tuple[str, int]]
    includes: dict[str, int]
    skipped: list[int]


def read_c(text: str) -> CFile:
    """Return the declarations of the C source *text*."""
    text = text.replace("\r\n", "\n")
    if "\\\n" in text:
        text = _joined(text)
    text = _COMMENT.sub(_blanked, text)
    found = CFile([], {}, {}, {}, [])
    lines = _without_directives(text.split("\n"), found)
    found.chunks.extend(_chunks("\n".join(lines)))
    return found


def _joined(text: str) -> str:
    """Return *text* with continued lines joined; the lines behind keep their numbers."""
    lines: list[str] = []
    pending = ""
    missing = 0
    for line in text.split("\n"):
        if line.endswith("\\"):
            pending += line[:-1] + " "
            missing += 1
            continue
        lines.append(pending + line)
        lines += [""] * missing
        pending, missing = "", 0
    return "\n".join([*lines, pending])


def _blanked(found: re.Match[str]) -> str:
    """Return a string or character as it is, a comment as its line ends."""
    text = found[0]
    return "\n" * text.count("\n") or " " if text.startswith("/") else text


def _without_directives(lines: list[str], found: CFile) -> list[str]:
    """Return *lines* with directives, and what conditionals leave out, empty; note the former."""
    kept: list[str] = []
    # Of each open conditional: whether its text counts, whether a branch has been taken.
    open_: list[list[bool]] = []
    for number, line in enumerate(lines, 1):
        directive = _DIRECTIVE.match(line)
        is_active = all(level[0] for level in open_)
        if directive is None:
            kept.append(line if is_active else "")
            continue
        kept.append("")
        word, rest = directive[1], directive[2].strip()
        if word in ("if", "ifdef", "ifndef"):
            taken = is_active and _holds(word, rest, found)
            open_.append([taken, taken or not is_active])
        elif word in ("elif", "else") and open_:
            level = open_[-1]
            holds = not level[1] and (word == "else" or _holds("if", rest, found))
            level[0] = holds
            level[1] = level[1] or holds
        elif word == "endif" and open_:
            open_.pop()
        elif is_active:
            _note(word, rest, number, found)
        if word in ("if", "ifdef", "ifndef", "elif", "else") and open_ and not open_[-1][0]:
            found.skipped.append(number)
    return kept


def _note(word: str, rest: str, number: int, found: CFile) -> None:
    if word == "include":
        found.includes.setdefault(rest, number)
    elif word == "undef":
        found.defines.pop(rest, None)
    elif word == "define":
        macro = _DEFINE.match(rest)
        if macro is None:
            return
        if macro[2] is not None:
            found.function_macros[macro[1]] = (macro[3], number)
        else:
            found.defines[macro[1]] = (macro[3].strip(), number)


def _holds(word: str, condition: str, found: CFile) -> bool:
    """Return whether a conditional is true, by the macros of this file alone."""
    if word == "ifdef":
        return condition in found.defines
    if word == "ifndef":
        return condition not in found.defines

    def value(name: str) -> str:
        text = found.defines.get(name, ("0", 0))[0]
        return text if re.fullmatch(r"\d+", text) else "0"

    text = _DEFINED.sub(lambda m: "1" if (m[1] or m[2]) in found.defines else "0", condition)
    text = re.sub(r"\b[A-Za-z_]\w*\b(?:\s*\([^)]*\))?", lambda m: value(m[0]), text)
    text = text.replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"!(?!=)", " not ", text)
    if not re.fullmatch(r"[\d\s()<>=!+*/%-]*(?:(?:and|or|not)[\d\s()<>=!+*/%-]*)*", text):
        return False
    try:
        return bool(_condition(text))
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return False


def _condition(text: str) -> int:
    """Return the value of an expression of numbers, comparisons, `and`, `or` and `not`."""
    import ast

    def value(node: ast.AST) -> int:
        if isinstance(node, ast.Expression):
            return value(node.body)
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return node.value
        if isinstance(node, ast.BoolOp):
            results = [value(each) for each in node.values]
            return int(all(results) if isinstance(node.op, ast.And) else any(results))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return int(not value(node.operand))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            left, right = value(node.left), value(node.comparators[0])
            comparisons = {
                ast.Lt: left < right,
                ast.LtE: left <= right,
                ast.Gt: left > right,
                ast.GtE: left >= right,
                ast.Eq: left == right,
                ast.NotEq: left != right,
            }
            return int(comparisons[type(node.ops[0])])
        raise ValueError

    return value(ast.parse(text.strip() or "0", mode="eval"))


def _chunks(text: str) -> Iterator[Chunk]:
    """Yield the declarations of *text*, which has neither comments nor directives."""
    position = counted = 0
    line = 1
    while True:
        while position < len(text) and text[position] in " \t\n;":
            position += 1
        if position >= len(text):
            return
        start = position
        line += text.count("\n", counted, start)
        counted = start
        call = _CALL.match(text, start)
        if call is not None and call[1] not in ("SEC", "__attribute__", "_Static_assert"):
            position = _behind_brackets(text, call.end() - 1)
            yield Chunk(CALL, text[start:position], line)
            continue
        position, body = _end(text, start)
        whole = text[start:position]
        if body >= 0:
            yield Chunk(FUNCTION, text[start:body].strip(), line)
        else:
            yield Chunk(_kind(whole), whole.rstrip("; \n\t"), line)


def _end(text: str, start: int) -> tuple[int, int]:
    """Return where the declaration at *start* ends, and where a function's body begins or -1."""
    position = start
    while position < len(text):
        character = text[position]
        if character == ";":
            return position + 1, -1
        if character == "{" and _is_body(text[start:position]):
            return _behind_brackets(text, position), position
        if character in "({[":
            position = _behind_brackets(text, position)
        elif character in "\"'":
            position = _behind_string(text, position)
        else:
            position += 1
    return position, -1


def _is_body(head: str) -> bool:
    """Whether a brace behind *head* opens a function: its parameters stand in front of it."""
    head = head.rstrip()
    while head.endswith(")"):
        depth = 0
        for index in range(len(head) - 1, -1, -1):
            depth += (head[index] == ")") - (head[index] == "(")
            if depth == 0:
                break
        before = head[:index]
        if not _TRAILERS.search(before):
            return True
        head = _TRAILERS.sub("", before).rstrip()
    return False


def _behind_brackets(text: str, position: int) -> int:
    """Return the place behind the bracket that closes the one at *position*."""
    depth = 0
    while position < len(text):
        character = text[position]
        if character in "\"'":
            position = _behind_string(text, position)
            continue
        depth += (character in "({[") - (character in ")}]")
        position += 1
        if depth == 0:
            return position
    return position


def _behind_string(text: str, position: int) -> int:
    quote = text[position]
    position += 1
    while position < len(text) and text[position] not in (quote, "\n"):
        position += 2 if text[position] == "\\" else 1
    return position + 1


def _kind(text: str) -> str:
    if re.search(r"\bSEC\s*\(\s*\"\.?maps\"|\bsection\s*\(\s*\"\.?maps\"", text):
        return MAP
    if text.startswith("typedef"):
        return TYPE
    if re.match(r"(?:struct|union|enum)\b", text):
        brace = text.find("{")
        if brace < 0:
            return OTHER
        behind = re.sub(
            r"__attribute__\s*\(\(.*?\)\)|__packed|__aligned\s*\([^)]*\)",
            "",
            text[_behind_brackets(text, brace) :],
        )
        return TYPE if not behind.strip(" ;\n\t") else OTHER
    return OTHER
