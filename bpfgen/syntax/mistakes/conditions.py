"""Mistakes in conditions: other languages' words for `when`, and where there can be none."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes.place import mistake

if TYPE_CHECKING:
    from bpfgen.syntax.mistakes.place import Mistake, Place


def condition_among_members(place: Place) -> Mistake | None:
    """`struct s { when (A) { int b; } };`, and the same in a union or an enum."""
    opened = place.opened("{")
    if opened < 0 or place.is_map():
        return None
    at = opened - 1
    while at >= place.first and place.texts[at] not in {";", "{", "}", "="}:
        at -= 1
    heads = range(at + 1, opened)
    kind = next((place.texts[h] for h in heads if place.kinds[h] in ("COMPOSITE", "ENUM")), "")
    at = place.index
    while kind and at > opened and place.texts[at] not in {"when", "if", ";"}:
        at -= 1
    if not kind or place.texts[at] not in {"when", "if"} or place.texts[at + 1] != "(":
        return None
    what = "enumerators" if kind == "enum" else "members"
    return mistake(
        f"{what} can't depend on a condition: a type has one layout",
        place.span(at, place.closing(at + 1) + 1 if place.closing(at + 1) > 0 else at + 1),
        help=f"declare the whole {kind} in each branch, `when (…) {{ {kind} … }} else {{ … }}`",
        resume=place.end(place.first),
    )


def another_word(place: Place) -> Mistake | None:
    """`if (A) { … } else if (B) { … }`: the word here is `when`."""
    index, first = place.index, place.texts[place.first]
    at = place.first
    if place.texts[index] == "if" and place.texts[index - 1] == "else":
        at = index
    elif first not in {"elif", "elseif"} and (first, place.texts[at + 1]) != ("if", "("):
        return None
    is_whole = place.texts[at] == "if"
    closed = place.closing(at + 1) if place.texts[at + 1] == "(" else -1
    return mistake(
        "a condition begins with `when` here",
        place.span(at, at + 1),
        help="write `when`" if is_whole else "write `} else when (…) {`",
        edits=(place.replace(at, at + 1, "when"),) if is_whole else (),
        resume=_after_blocks(place, closed + 1) if closed > 0 else -1,
    )


def without_parentheses(place: Place) -> Mistake | None:
    """`when A > 1 { … }`, `else when A { … }`."""
    at = place.index
    while at > place.first and place.texts[at] != "when":
        at -= 1
    if place.texts[at] != "when" or place.texts[at + 1] == "(":
        return None
    after = at + 1
    while place.texts[after] not in {"{", "}", ";", ""}:
        after += 1
    if place.texts[after] != "{" or place.line(after) != place.line(at):
        return None
    if after == at + 1:
        return mistake("`when` needs a condition", place.span(at, at + 1), help="write `when (…)`")
    condition = place.written(at + 1, after)
    return mistake(
        "a condition stands in parentheses",
        place.span(at + 1, after),
        help=f"write `when ({condition})`",
        edits=(place.insert(at + 1, "("), place.append(after - 1, ")")),
        resume=_after_blocks(place, after),
    )


def without_braces(place: Place) -> Mistake | None:
    """`when (A) map m: …;`: braces are never left out."""
    if place.accepted.keys() - {"WHEN"} != {"LBRACE"}:
        return None
    before = place.texts[place.index - 1]
    if before not in {")", "else"}:
        return None
    return mistake(
        "braces stand around what depends on a condition, be it one declaration",
        place.span(place.index, place.index + 1),
        help="write `{` before it, and `}` after it",
        resume=place.end(place.index),
    )


def else_alone(place: Place) -> Mistake | None:
    """`else { … }` after anything but a branch; `when (A) { … }; else { … }`."""
    first = place.first
    if place.texts[first] != "else":
        return None
    after_semicolon = first > 1 and place.texts[first - 2 : first] == ["}", ";"]
    opened = next((at for at in range(first, first + 3) if place.texts[at] == "{"), -1)
    return mistake(
        "this `else` belongs to no `when`",
        place.span(first, first + 1),
        help="remove the `;` before it" if after_semicolon else "it stands right after a branch",
        edits=(place.remove(first - 1, first),) if after_semicolon else (),
        resume=_after_blocks(place, opened) if opened > 0 else -1,
    )


def macro_with_more(place: Place) -> Mistake | None:
    """`macro A = 1;`, `macro MAX(a, b);`: a name and no more."""
    first, index = place.first, place.index
    if place.kinds[first] != "MACRO" or place.texts[index] not in {"=", "("}:
        return None
    name = place.texts[index - 1]
    if place.texts[index] == "=":
        return mistake(
            "`macro` lists names whose values C has, and gives them none",
            place.span(index, index + 1),
            help=f"leave the value out, or write `const {name} = …;`",
            resume=place.end(first),
        )
    return mistake(
        "a condition can't ask for a macro with arguments",
        place.span(index, index + 1),
        help=f"list it without them, if `{name}` is a number",
        resume=place.end(first),
    )


def _after_blocks(place: Place, opened: int) -> int:
    """Return the token after the block that opens at *opened*, and after its `else` branches."""
    at = opened
    while place.texts[at] == "{":
        closed = place.closing(at)
        if closed < 0:
            return -1
        at = closed + 1
        if place.texts[at] != "else":
            return at
        while place.texts[at] not in {"{", "}", ";", ""}:
            at += 1
    return -1
