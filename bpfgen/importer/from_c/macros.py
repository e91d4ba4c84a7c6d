"""Macros of a C file, and their expansion as far as it is wanted.

A constant that has a name keeps it, so that the source says `MAX_FLOWS` as the C does. All else is
expanded as the preprocessor would: macros with parameters, those that stand for attributes, types
or whole definitions of maps. What is expanded follows C17 6.10.3 with GNU's `, ##__VA_ARGS__`.
"""

from __future__ import annotations

import re

from bpfgen.importer.from_c.errors import CError
from bpfgen.importer.from_c.lines import COMMENT_OR_STRING
from bpfgen.importer.from_c.trees import expression
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.scope import C_KEYWORDS
from bpfgen.syntax.tree import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TOKEN = re.compile(
    COMMENT_OR_STRING + r"|(?P<name>[A-Za-z_$][\w$]*)"
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
_IN_BODY = re.compile(rf"##|{TOKEN.pattern}", re.DOTALL)
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

    *keeps* says of a macro without parameters whether its name stays. *counter* has the next
    `__COUNTER__`, which stays where there is none; *line* is that on which the text begins.

    Attributes:
        kept: The names that stayed.
    """

    def __init__(
        self,
        macros: Mapping[str, Macro],
        keeps: Callable[[Macro], bool],
        counter: list[int] | None = None,
        line: int = 0,
    ) -> None:
        self._line = line or -_LONGEST  # not known
        self._keep_lines = False
        self._macros = macros
        self._keeps = keeps
        self._counter = counter
        self._left = _LONGEST
        self._scanned = 0
        self.kept: dict[str, Macro] = {}

    def expanded(self, text: str, *, keep_lines: bool = False) -> str:
        """Return *text* with its macros expanded.

        With *keep_lines*, arguments on several lines leave as many line ends.

        Raises:
            CError: The macros don't come to an end, or not as C has them.
        """
        if not self._is_concerned(text):
            return text
        self._keep_lines = keep_lines
        return self._expanded(text, frozenset(), 0)

    def _is_concerned(self, text: str) -> bool:
        macros = self._macros
        return any(
            name in macros or name in ("__COUNTER__", "__LINE__")
            for name in re.findall(r"[A-Za-z_$][\w$]*", text)
        )

    def _expanded(self, text: str, hidden: frozenset[str], depth: int) -> str:
        """Return *text* with its macros expanded, but for the *hidden*, which it comes from."""
        if depth > _DEEPEST:
            raise CError("its macros are nested too deep")
        parts: list[str] = []
        position = 0
        while (match := TOKEN.search(text, position)) is not None:
            parts.append(text[position : match.start()])
            if not depth:
                self._line += text.count("\n", position, match.start())
            begin = position = match.end()
            name = match["name"]
            macro = self._macros.get(name) if name is not None and name not in hidden else None
            if macro is None:
                parts.append(self._plain(match[0]))
                continue
            use = self._use(macro, text, position, hidden, depth)
            if use is None:
                parts.append(match[0])
                continue
            body, position = use
            result = self._expanded(body, hidden | {macro.name}, depth + 1)
            self._count(result)
            # What is left may be the name of a macro whose arguments follow.
            last = _LAST_NAME.search(result[-_LONGEST_NAME:].rstrip())
            other = self._macros.get(last[1]) if last is not None else None
            if last is not None and other is not None and other.parameters is not None:
                both = hidden | {macro.name}
                rest = None
                if other.name not in both:
                    rest = self._use(other, text, position, hidden, depth)
                if rest is not None:
                    parts.append(result[: result.rstrip().rfind(last[1])])
                    body, position = rest
                    result = self._expanded(body, both | {other.name}, depth + 1)
            if not depth:
                ends = text.count("\n", begin, position)
                self._line += ends
                if self._keep_lines:
                    result = result.replace("\n", " ") + "\n" * ends
            parts.append(result)
        parts.append(text[position:])
        return "".join(parts)

    def _plain(self, word: str) -> str:
        """Return what stands for *word*, which no `#define` defines."""
        if word == "__LINE__" and self._line > 0:
            return str(self._line)
        if word == "__COUNTER__" and self._counter is not None:
            self._counter[0] += 1
            return str(self._counter[0] - 1)
        return word

    def _use(
        self, macro: Macro, text: str, position: int, hidden: frozenset[str], depth: int
    ) -> tuple[str, int] | None:
        """Return what replaces *macro*, whose name ends at *position*, and the place after it.

        None where the name stays: it is kept, or no arguments follow.
        """
        if macro.parameters is None:
            if self._keeps(macro) and not _OPENING.match(text, position):
                self.kept.setdefault(macro.name, macro)
                return None
            return re.sub(r"\s*##\s*", "", macro.body), position
        arguments, end = _arguments(text, position)
        # An opening bracket that nothing closes is looked for to the end, each time.
        self._scanned += (end if arguments is not None else len(text)) - position
        if self._scanned > _MOST_SCANNED:
            raise CError("the brackets of its macros don't close")
        if arguments is None:
            return None
        return self._replaced(macro, _by_parameter(macro, arguments), hidden, depth), end

    def _count(self, text: str) -> None:
        """Count *text* against what all expansions together may come to."""
        self._left -= len(text) + 1
        if self._left < 0:
            raise CError("its macros come to too much text")

    def _replaced(
        self, macro: Macro, arguments: Mapping[str, str], hidden: frozenset[str], depth: int
    ) -> str:
        """Return the body of *macro* with *arguments*, by parameter, in it."""
        parts: list[str] = []
        expanded: dict[str, str] = {}
        words = _words(macro, arguments)
        is_pasted = False  # to what is before it
        index = 0
        while index < len(words):
            space, word = words[index]
            following = words[index + 1][1] if index + 1 < len(words) else ""
            index += 1
            if not is_pasted:
                parts.append(space)
            if word == "##":
                while parts and not parts[-1].strip():
                    parts.pop()
                is_empty = following == macro.variadic and not arguments.get(following)
                if is_empty and parts[-1:] == [","]:
                    parts.pop()
            elif word == "#" and following in arguments:
                index += 1
                text = " ".join(arguments[following].split())
                parts.append('"' + _STRING.sub(r"\\\g<0>", text) + '"')
            elif word in arguments and (is_pasted or following == "##"):
                parts.append(arguments[word])
            elif word in arguments:
                if word not in expanded:
                    expanded[word] = self._expanded(arguments[word], hidden, depth + 1)
                parts.append(expanded[word])
                self._count(expanded[word])
            else:
                parts.append(word)
            is_pasted = word == "##"
        return "".join(parts)


def _by_parameter(macro: Macro, arguments: list[str]) -> dict[str, str]:
    """Return *arguments* by the names of the parameters of *macro*.

    Raises:
        CError: They are too few or too many.
    """
    names = macro.parameters or ()
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
    return given


def _words(macro: Macro, arguments: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the tokens of the body of *macro*, each after the blanks before it."""
    body = macro.body
    if "__VA_OPT__" in body:
        body = _va_opt(body, is_empty=not arguments.get(macro.variadic))
    words: list[tuple[str, str]] = []
    position = 0
    for match in _IN_BODY.finditer(body):
        words.append((body[position : match.start()], match[0]))
        position = match.end()
    return words


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


_NO_CONSTANT = C_KEYWORDS | {"asm", "__asm__", "__attribute__", "__extension__", "__typeof__"}


def is_constant(macro: Macro, macros: Mapping[str, Macro], is_type: Callable[[str], bool]) -> bool:
    """Return whether *macro* reads as an integer constant: an expression, no type or declaration.

    *is_type* says whether a name is that of a type.
    """
    if macro.parameters is not None:
        return False
    try:
        body = Expander(macros, lambda _macro: False, line=1).expanded(macro.body)
    except CError:
        return False
    node = expression(body)
    if node is None:
        return False
    depth = 0
    for part in node.parts:
        if not isinstance(part, Token):
            continue
        depth += (part.kind == "LPAR") - (part.kind == "RPAR")
        # In brackets, the name of a type is a cast.
        if part.kind == "NAME" and not depth and (part.text in _NO_CONSTANT or is_type(part.text)):
            return False
    return True
