"""Where an edit goes: the statement around a place in a text, its lines, what may stand after it.

For the diagnostics of stages that know where names and values stand, and have no tree. What is
asked about is text that was parsed; where a comment or another form is in the way, there is no
answer, and so no edit. Loaded by what reports a mistake.
"""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Edit
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bpfgen.text.source import Source

_PIECE = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[\[\](){};,]""", re.DOTALL
)
_TRIVIA = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_BLANKS = " \t"
_NAME_BEFORE = re.compile(r"\w+\s*=\s*\Z")
_ROOM = 400
"""Characters before a value in which its name is looked for."""
_FLAGS = re.compile(r"\w+(?:\s*\|\s*\w+)*")
_COMMENT_AFTER = re.compile(r"[ \t]*(?://[^\n\r]*|/\*[^\n]*?\*/[ \t]*)(?=\r?\n|\Z)")
_INSIDE = re.compile(r"//|/\*|['\"]")
_ATTRIBUTE = re.compile(r"\b__attribute(?:__)?\s*\(\s*\(\Z")
_CLOSING = re.compile(r"\)\s*\)")
_IN_WHEN = re.compile(r"(?:\)|\belse)\s*\Z")


def end_of_statement(span: Span) -> int | None:
    """Return the offset after the `;` of the statement in which *span* stands; None if none does.

    So it is too where a comma comes before that: what is declared beside it isn't its affair. A
    *span* that ends in `;` is the statement itself.
    """
    text, position, depth = span.source.text, span.end, 0
    if text.endswith(";", span.start, span.end):
        return span.end
    while (piece := _PIECE.search(text, position)) is not None:
        position = piece.end()
        match piece[0]:
            case "(" | "[" | "{":
                depth += 1
            case ")" | "]":
                depth = max(depth - 1, 0)
            case "}":
                depth -= 1
                if depth < 0:
                    return None
            case ";" if depth == 0:
                return position
            case "," if depth == 0:
                return None
            case _:
                pass
    return None


def statement_around(span: Span) -> Span | None:
    """Return the statement in which *span* stands, with its `;`; None if it isn't the only one.

    It begins after the one before it, and after the comments between them.
    """
    source, text = span.source, span.source.text
    end = end_of_statement(span)
    room = max(span.start - _ROOM, 0)
    before = max(text.rfind(sign, room, span.start) for sign in ";{}")
    if end is None or before < room:
        return None
    line = text.rfind("\n", 0, before) + 1
    between = _TRIVIA.match(text, before + 1)
    assert between is not None
    start = between.end()
    # What ends the statement before mustn't be a sign in a comment or a literal.
    if start > span.start or _INSIDE.search(text, line, before) or "*/" in text[start : span.start]:
        return None
    return None if "," in text[start : span.start] else Span(source, start, end)


def attribute_around(value: Span) -> Span | None:
    """Return the whole of the attribute `name = value;` whose value stands at *value*."""
    source = value.source
    room = max(value.start - _ROOM, 0)
    name = _NAME_BEFORE.search(source.text, room, value.start)
    end = _TRIVIA.match(source.text, value.end)
    if name is None or end is None or not source.text.startswith(";", end.end()):
        return None
    return Span(source, name.start(), end.end() + 1)


def removal(span: Span) -> Edit:
    """Return the edit that takes away what stands at *span*.

    Its lines go with it where nothing else is on them, and else the blanks on one side.
    """
    source, start, end = span.source, span.start, span.end
    text = source.text
    line = text.rfind("\n", 0, start) + 1
    following = text.find("\n", end)
    following = len(text) if following < 0 else following + 1
    begins_line = not text[line:start].strip()
    if begins_line and not text[end:following].strip():
        if following == len(text) and not text.endswith("\n") and line:
            return Edit(Span(source, line - 1 - text.endswith("\r", 0, line - 1), following), "")
        return Edit(Span(source, line, following), "")
    if begins_line:
        while text[end : end + 1] in (" ", "\t"):
            end += 1
    else:
        while start > line and text[start - 1] in _BLANKS:
            start -= 1
    return Edit(Span(source, start, end), "")


def without_attribute(value: Span) -> tuple[Edit, ...]:
    """Return the edit that leaves out the attribute of a map whose value stands at *value*.

    That is `name = value;`, with the braces around it if it is alone in them, or `[value]`. Nothing
    where it stands in another way.
    """
    source = value.source
    text = source.text
    start, end = _before(text, value.start), _after(text, value.end)
    if text.startswith("[", start - 1):
        whole = Span(source, _before(text, start - 1), end + 1)
        return (Edit(whole, ""),) if text.startswith("]", end) else ()
    attribute = attribute_around(value)
    if attribute is None:
        return ()
    start, end = _before(text, attribute.start) - 1, _after(text, attribute.end)
    is_alone = text.startswith("{", start) and text.startswith("}", end)
    if is_alone and _IN_WHEN.search(text, max(start - _ROOM, 0), start) is None:
        before = _before(text, start)
        if "//" in text[text.rfind("\n", 0, before) + 1 : before]:
            before = start  # the line end is that of a comment
        return (Edit(Span(source, before, end + 1), ""),)
    return (removal(attribute),)


def with_attribute(shape: Span, attribute: str) -> Edit:
    """Return the edit that gives a map, template or inner map the *attribute*, `name = value;`.

    *shape* is all from its kind to its closing brace, if there is one.
    """
    source, end = shape.source, shape.end
    if not shape.text.endswith("}"):
        return Edit(Span(source, end, end), f" {{ {attribute} }}")
    text = source.text
    last = _before(text, end - 1)
    at = Span(source, last, last)
    if "\n" not in text[last : end - 1]:
        closing = "" if text[last : end - 1] else " "
        return Edit(at, f" {attribute}{closing}")
    line = text.rfind("\n", 0, last) + 1
    indent = _indent(text, line)
    if text[last - 1] == "{":
        indent += "    "
    return Edit(at, f"\n{indent}{attribute}")


def after_statement(end: int, source: Source, added: Sequence[str]) -> Edit:
    """Return the edit that puts the statements *added* after the one that ends at *end*.

    Where its line ends there, and what it has begins it, each gets a line of its own, after the
    comment of that line if there is one.
    """
    text = source.text
    line = text.rfind("\n", 0, end) + 1
    comment = _COMMENT_AFTER.match(text, end)
    place = end if comment is None else comment.end()
    rest = text.find("\n", place)
    is_whole = rest >= 0 and not text[place:rest].strip()
    has_opening = "{" in _PIECE.sub(_brackets_alone, text[line:end])
    if is_whole and not has_opening:
        indent = _indent(text, line)
        return Edit(Span(source, place, place), "".join(f"\n{indent}{one}" for one in added))
    return Edit(Span(source, end, end), "".join(f" {one}" for one in added))


def instead_of_statement(statement: Span, added: Sequence[str]) -> Edit:
    """Return the edit that puts the statements *added* in the place of *statement*.

    Each has a line of its own where that begins one.
    """
    text, start = statement.source.text, statement.start
    line = text.rfind("\n", 0, start) + 1
    between = " " if text[line:start].strip() else f"\n{text[line:start]}"
    return Edit(statement, between.join(added))


def _brackets_alone(piece: re.Match[str]) -> str:
    """Return *piece* if it is a bracket, and nothing for a comment or a literal."""
    return piece[0] if len(piece[0]) == 1 else ""


def without_flags(value: Span, names: Collection[str]) -> tuple[Edit, ...]:
    """Return the edit that takes the flags *names* out of the `|` chain at *value*.

    With the last of them goes the attribute. Nothing where not all of them stand there by name.
    """
    text = value.text
    terms = list(re.finditer(r"\w+", text))
    if _FLAGS.fullmatch(text) is None or not set(names) <= {term[0] for term in terms}:
        return ()
    kept = [index for index, term in enumerate(terms) if term[0] not in names]
    if not kept:
        return without_attribute(value)
    pieces = [terms[kept[0]][0]]
    pieces += (text[terms[index - 1].end() : terms[index].end()] for index in kept[1:])
    return (Edit(value, "".join(pieces)),)


def with_flags(value: Span, names: Sequence[str]) -> Edit:
    """Return the edit that adds the flags *names* to the expression at *value*."""
    text, added = value.text, " | ".join(names)
    if text.strip() in ("0", "0x0"):
        return Edit(value, added)
    if _FLAGS.fullmatch(text) is None:
        text = f"({text})"
    return Edit(value, f"{text} | {added}")


def word_before(name: Span, word: str) -> Span | None:
    """Return where *word*, a pattern, last stands in the declaration of *name*, before it."""
    text = name.source.text
    room = max(name.start - _ROOM, 0)
    start = max(room, *(text.rfind(end, room, name.start) + 1 for end in ";{}"))
    found = list(re.compile(rf"\b(?:{word})\b").finditer(text, start, name.start))
    return Span(name.source, found[-1].start(), found[-1].end()) if found else None


def without_c_attribute(span: Span) -> tuple[Edit, ...]:
    """Return the edit that leaves out the attribute at *span*, one of an `__attribute__((…))`.

    If there is no other in the brackets, they go, too; a macro is left to a person.
    """
    source, text = span.source, span.source.text
    start, end = _before(text, span.start), _after(text, span.end)
    opening = _ATTRIBUTE.search(text, max(start - _ROOM, 0), start)
    closing = _CLOSING.match(text, end)
    if opening is not None and closing is not None:
        return (removal(Span(source, opening.start(), closing.end())),)
    if text.startswith(",", end):
        return (Edit(Span(source, span.start, _after(text, end + 1)), ""),)
    if text.startswith(",", start - 1):
        return (Edit(Span(source, start - 1, span.end), ""),)
    return ()


def word_of(span: Span, word: str, instead: str) -> tuple[Edit, ...]:
    """Return the edit that writes *instead* of *word*, with which the text at *span* begins."""
    source, end = span.source, span.start + len(word)
    is_there = source.text.startswith(word, span.start)
    return (Edit(Span(source, span.start, end), instead),) if is_there else ()


def without_word(name: Span, word: str, between: str) -> tuple[Edit, ...]:
    """Return the edit that leaves out *word*, which stands before *between* and *name*."""
    pattern = re.compile(rf"\b{word}\s+(?={between}\s+\Z)")
    found = pattern.search(name.source.text, max(name.start - _ROOM, 0), name.start)
    if found is None:
        return ()
    return (Edit(Span(name.source, found.start(), found.end()), ""),)


def _before(text: str, position: int) -> int:
    """Return the offset after the last character before *position* that is no blank or line end."""
    while position and text[position - 1].isspace():
        position -= 1
    return position


def _after(text: str, position: int) -> int:
    """Return the offset of the first character from *position* on that is no blank or line end."""
    while text[position : position + 1].isspace():
        position += 1
    return position


def _indent(text: str, line: int) -> str:
    """Return the blanks at the start of the line that begins at *line*."""
    end = line
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    return text[line:end]
