"""Macros of a C file, and their expansion as far as it is wanted.

A constant that has a name keeps it, so that the source says `MAX_FLOWS` as the C does. All else is
expanded as the preprocessor would: macros with parameters, those that stand for attributes, types
or whole definitions of maps. What is expanded follows C17 6.10.3 with GNU's `, ##__VA_ARGS__`.
"""

from __future__ import annotations

import re

from bpfgen.importer.from_c.errors import CError
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<string>\"(?:[^\"\\\n]|\\[^\n])*\"?|'(?:[^'\\\n]|\\[^\n]){1,12}')"
    r"|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)"
    r"|(?P<mark>[^\s\w])",
    re.DOTALL,
)
"""C's tokens; punctuators one character at a time, since nothing here asks for longer ones."""

_DEFINE = re.compile(r"([A-Za-z_$][\w$]*)(?:\(([^()]*)\))?[ \t]*(.*)", re.DOTALL)
_DEEPEST = 60
_LONGEST = 1_000_000
_MOST_SCANNED = 4_000_000
_LONGEST_NAME = 200
_STRING = re.compile(r"[\"\\]")
_OPENING = re.compile(r"\s*\(")
_PASTE = re.compile(r"\s*##")
_LAST_NAME = re.compile(r"([A-Za-z_$][\w$]*)\Z")


class Macro(Record):
    """A macro.

    Attributes:
        parameters: Their names, or None where there is no list of them.
        variadic: The name of what stands for the rest of the arguments, or empty.
        line: Where it is defined among the lines of the unit, from 0; -1 elsewhere.
        header: The place of the `#include` that brought it, as *line*; -1 for other macros.
    """

    name: str
    parameters: tuple[str, ...] | None
    variadic: str
    body: str
    line: int = -1
    header: int = -1


def read_define(text: str, line: int = -1, header: int = -1) -> Macro | None:
    """Return the macro that `#define *text*` defines, or None where that is no definition."""
    match = _DEFINE.match(text)
    if match is None:
        return None
    if match[2] is None:
        return Macro(match[1], None, "", match[3].strip(), line, header)
    names = [name.strip() for name in match[2].split(",")] if match[2].strip() else []
    variadic = ""
    if names and names[-1].endswith("..."):
        variadic = names.pop()[:-3].strip() or "__VA_ARGS__"
    return Macro(match[1], tuple(names), variadic, match[3].strip(), line, header)


class Expander:
    """Expands macros in one text.

    *keeps* says of a macro without parameters whether its name stays.

    Attributes:
        kept: The names that stayed.
    """

    def __init__(
        self,
        macros: Mapping[str, Macro],
        keeps: Callable[[Macro], bool],
        counter: list[int],
        line: int = 0,
    ) -> None:
        self._line = line
        self._macros = macros
        self._keeps = keeps
        self._counter = counter
        self._left = _LONGEST
        self._scanned = 0
        self.kept: dict[str, Macro] = {}

    def expanded(self, text: str) -> str:
        """Return *text* with its macros expanded.

        Raises:
            CError: The macros don't come to an end, or not as C has them.
        """
        if not self._is_concerned(text):
            return text
        return self._expanded(text, frozenset(), 0)

    def _is_concerned(self, text: str) -> bool:
        macros = self._macros
        return any(
            name in macros or name in ("__COUNTER__", "__LINE__")
            for name in re.findall(r"[A-Za-z_$][\w$]*", text)
        )

    def _expanded(self, text: str, hidden: frozenset[str], depth: int) -> str:
        if depth > _DEEPEST:
            raise CError("its macros are nested too deep")
        parts: list[str] = []
        position = 0
        while (match := TOKEN.search(text, position)) is not None:
            parts.append(text[position : match.start()])
            position = match.end()
            name = match["name"]
            macro = self._macros.get(name) if name is not None and name not in hidden else None
            if name == "__LINE__" and macro is None and self._line:
                parts.append(str(self._line))
                continue
            if name == "__COUNTER__" and macro is None:
                parts.append(str(self._counter[0]))
                self._counter[0] += 1
                continue
            if macro is None:
                parts.append(match[0])
                continue
            if macro.parameters is None:
                if self._keeps(macro) and not _OPENING.match(text, position):
                    self.kept.setdefault(macro.name, macro)
                    parts.append(match[0])
                    continue
                body = re.sub(r"\s*##\s*", "", macro.body)
            else:
                arguments, end = _arguments(text, position)
                # An opening bracket that nothing closes is looked for to the end, each time.
                self._scanned += (end if arguments is not None else len(text)) - position
                if self._scanned > _MOST_SCANNED:
                    raise CError("the brackets of its macros don't close")
                if arguments is None:
                    parts.append(match[0])
                    continue
                position = end
                body = self._replaced(macro, arguments, hidden, depth)
            result = self._expanded(body, hidden | {macro.name}, depth + 1)
            self._left -= len(result) + 1
            if self._left < 0:
                raise CError("its macros come to too much text")
            # What is left may be the name of a macro whose arguments follow.
            last = _LAST_NAME.search(result[-_LONGEST_NAME:].rstrip())
            other = self._macros.get(last[1]) if last is not None else None
            if (
                last is not None
                and other is not None
                and other.parameters is not None
                and other.name != macro.name
                and other.name not in hidden
                and _OPENING.match(text, position)
            ):
                arguments, end = _arguments(text, position)
                if arguments is not None:
                    parts.append(result[: result.rstrip().rfind(last[1])])
                    body = self._replaced(other, arguments, hidden, depth)
                    result = self._expanded(body, hidden | {macro.name, other.name}, depth + 1)
                    position = end
            parts.append(result)
        parts.append(text[position:])
        return "".join(parts)

    def _replaced(
        self, macro: Macro, arguments: list[str], hidden: frozenset[str], depth: int
    ) -> str:
        """Return the body of *macro* with *arguments* in it."""
        assert macro.parameters is not None
        names = macro.parameters
        count = len(names)
        if not names and arguments == [""]:
            arguments = []
        if len(arguments) < count or (len(arguments) > count and not macro.variadic):
            if len(arguments) != count - 1:
                raise CError(f"the macro `{macro.name}` takes {count} arguments")
            arguments = [*arguments, ""]
        given = {name: argument.strip() for name, argument in zip(names, arguments, strict=False)}
        if macro.variadic:
            given[macro.variadic] = ",".join(arguments[count:]).strip()
        body = macro.body
        if "__VA_OPT__" in body:
            body = _va_opt(body, is_empty=not given.get(macro.variadic))
        parts: list[str] = []
        position = 0
        pasting = False
        done: dict[str, str] = {}
        while (match := TOKEN.search(body, position)) is not None:
            space, word = body[position : match.start()], match[0]
            position = match.end()
            if not pasting:
                parts.append(space)
            if word == "#" and body.startswith("#", position):
                position += 1
                while parts and not parts[-1].strip():
                    parts.pop()
                if parts:
                    parts[-1] = parts[-1].rstrip()
                pasting = True
                rest = TOKEN.search(body, position)
                if (
                    rest is not None
                    and rest[0] == macro.variadic
                    and not given[macro.variadic]
                    and parts
                    and parts[-1] == ","
                ):
                    parts.pop()
                continue
            if word == "#":
                parameter = TOKEN.search(body, position)
                if parameter is not None and parameter[0] in given:
                    position = parameter.end()
                    text = " ".join(given[parameter[0]].split())
                    parts.append('"' + _STRING.sub(r"\\\g<0>", text) + '"')
                    pasting = False
                    continue
            if word in given:
                is_pasted = pasting or _PASTE.match(body, position) is not None
                if is_pasted:
                    parts.append(given[word])
                else:
                    if word not in done:
                        done[word] = self._expanded(given[word], hidden, depth + 1)
                    parts.append(done[word])
                    self._left -= len(done[word])
                    if self._left < 0:
                        raise CError("its macros come to too much text")
            else:
                parts.append(word)
            pasting = False
        return "".join(parts)


def _arguments(text: str, position: int) -> tuple[list[str] | None, int]:
    """Return the arguments in the brackets that follow at *position*, and the place after them."""
    opening = _OPENING.match(text, position)
    if opening is None:
        return None, position
    arguments: list[str] = []
    depth = 1
    start = place = opening.end()
    while (match := TOKEN.search(text, place)) is not None:
        place = match.end()
        mark = match["mark"]
        if mark is None:
            continue
        if mark in "([{":
            depth += mark == "("
        elif mark == ")":
            depth -= 1
            if not depth:
                arguments.append(text[start : match.start()])
                return arguments, place
        elif mark == "," and depth == 1:
            arguments.append(text[start : match.start()])
            start = place
    return None, position


def _va_opt(body: str, *, is_empty: bool) -> str:
    """Return *body* with `__VA_OPT__(text)` as its text, or as nothing."""
    while (match := re.search(r"\b__VA_OPT__\b", body)) is not None:
        arguments, end = _arguments(body, match.end())
        inside = "" if arguments is None or is_empty else ",".join(arguments)
        body = body[: match.start()] + inside + body[end:]
    return body


_OPERAND = ("name", "number", "string")
_NO_CONSTANT = frozenset(
    """
    auto break case const continue default do else enum extern for goto if inline register restrict
    return static struct switch typedef union volatile while void float double bool _Bool
    char short int long signed unsigned __attribute__ __extension__ asm __asm__ typeof __typeof__
    """.split()
)
_QUERIES = ("sizeof", "_Alignof", "alignof", "__alignof__")


def is_constant(macro: Macro, macros: Mapping[str, Macro], is_type: Callable[[str], bool]) -> bool:
    """Return whether *macro* reads as an integer constant: an expression, no type or declaration.

    *is_type* says whether a name is that of a type.
    """
    if macro.parameters is not None:
        return False
    try:
        body = Expander(macros, lambda _macro: False, [0], 1).expanded(macro.body)
    except CError:
        return False
    return _is_expression(body, is_type)


def _is_expression(body: str, is_type: Callable[[str], bool]) -> bool:
    depth = 0
    before = ""
    query = False
    tokens = 0
    for match in TOKEN.finditer(body):
        kind, word = match.lastgroup or "", match[0]
        if kind == "comment":
            continue
        tokens += 1
        if kind == "string" and word.startswith('"'):
            return False
        if kind == "mark" and (word in "{};#.@`\\[]" or (word == "," and depth == 0)):
            return False
        if word == "=" and before not in ("=", "!", "<", ">") and body[match.end() :][:1] != "=":
            return False
        if kind == "name" and word not in _QUERIES:
            if depth == 0 and (word in _NO_CONSTANT or is_type(word)):
                return False
            if _OPENING.match(body, match.end()):
                return False
        is_operand = kind in _OPERAND
        if is_operand and before == "operand" and depth == 0 and not query:
            return False
        query = word in _QUERIES
        if word in "([":
            depth += 1
        elif word in ")]":
            depth -= 1
            if depth < 0:
                return False
        before = "operand" if is_operand else word
    return tokens > 0 and depth == 0
