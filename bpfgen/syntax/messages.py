"""A syntax error in a person's words: what stands there, what could, what was probably meant."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.lexer import END
from bpfgen.text.diagnostics import Label
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from bpfgen.syntax.parser import _Parser

_WORDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "CHARACTER": "a character constant",
    "INCLUDE": "`include`",
    "BUILTIN": "a type",
    "COMPOSITE": "`struct`",
    "QUALIFIER": "`const`",
    "TYPE_ATTRIBUTE": "`key`",
    "UNIT": "`KiB`",
    END: "the end of the file",
}

_OPERATORS = frozenset(
    [
        "PLUS",
        "MINUS",
        "STAR",
        "SLASH",
        "PERCENT",
        "SHIFT_LEFT",
        "SHIFT_RIGHT",
        "LESS",
        "LESS_EQUAL",
        "GREATER",
        "GREATER_EQUAL",
        "EQUAL",
        "NOT_EQUAL",
        "AMPERSAND",
        "CARET",
        "PIPE",
        "AND",
        "OR",
        "QUESTION",
    ]
)
_OPERANDS = frozenset(("NUMBER", "NAME", "CHARACTER", "SIZEOF", "LPAR"))
_TYPES = frozenset(("BUILTIN", "COMPOSITE", "ENUM", "NAME"))
_DECORATION = frozenset(
    [
        "ATTRIBUTE",
        "TAG_MACRO",
        "PACKED",
        "ALIGNED",
        "ALIGNAS",
        "CONTAINS",
        "QUALIFIER",
        "UNIT",
        "TILDE",
        "BANG",
        "ELLIPSIS",
    ]
)
_ITEM_STARTS = frozenset(
    ("MAP", "TEMPLATE", "IMPORT", "INCLUDE", "TARGET", "WEAK", "LEGACY", "EXTERN", "TYPEDEF")
)
_MOST_LISTED = 6
_C_WORDS = frozenset(("BUILTIN", "QUALIFIER", "COMPOSITE", "ENUM", "TYPEDEF", "EXTERN", "SIZEOF"))


def syntax_error(
    parser: _Parser, states: list[int], index: int, item_start: int, stray: int | None
) -> None:
    """Report that the token *index* doesn't fit behind the *states* of the automaton.

    From the token *stray* on stands what would be members, were there a struct around them.
    """
    tokens = parser.tokens
    kind, text = tokens.kinds[index], tokens.texts[index]
    accepted = _accepted(parser, states)
    span = tokens.span(index, index + 1)
    previous = tokens.span(index - 1, index) if index else span
    labels: tuple[Label, ...] = ()
    at_item_start = index == item_start or (
        previous.text == ";" and _open_bracket(parser, item_start, index) is None
    )

    if kind == END or (kind in ("MAP", "TEMPLATE") and "NAME" in accepted):
        opened = _open_bracket(parser, item_start, index)
        if opened is not None:
            where = "the file ends here" if kind == END else "the next declaration begins here"
            behind = _behind(previous) if kind == END else span
            bracket = tokens.texts[opened]
            parser.report.error(
                "syntax",
                f"this `{bracket}` is never closed",
                tokens.span(opened, opened + 1),
                labels=(Label(behind, where),),
                help=f"close it with `{_CLOSING[bracket]}`",
            )
            return
    if stray is not None and stray < index:
        attribute = tokens.texts[stray + 1] == "="
        what, around = ("an attribute", "map") if attribute else ("a member", "struct")
        parser.report.error(
            "syntax",
            f"{what} stands here, and no `{{` of a {around} is open before it",
            tokens.span(stray, _end_of_member(parser, stray)),
            labels=(Label(span, f"no {around} ends here"),) if kind == "RBRACE" else (),
            help="write `{` behind the map above it, or `map name: kind<key, value> {`"
            if attribute
            else f"write `{around} name {{` above it",
        )
        return
    if at_item_start:
        message, help_ = _at_item_start(parser, index)
        parser.report.error("syntax", message, span, help=help_)
        return
    help_ = _advice(parser, index, accepted)
    words = _expected(accepted)
    found = "the end of the file" if kind == END else _found(kind, text)
    if (
        "SEMICOLON" in accepted
        and _on_later_line(previous, span)
        and previous.text not in {";", "{"}
    ):
        parser.report.error(
            "syntax",
            f"expected `;` behind `{previous.text}`",
            _behind(previous),
            labels=(Label(span, "before this"),) if kind != END else (),
            help=help_,
        )
        return
    if kind == "RBRACE" and "SEMICOLON" in accepted:
        message = f"expected `;` behind `{previous.text}`"
        parser.report.error("syntax", message, _behind(previous), help=help_)
        return
    parser.report.error(
        "syntax", f"expected {words}, found {found}", span, labels=labels, help=help_
    )


_CLOSING = {"{": "}", "(": ")", "[": "]"}


def _end_of_member(parser: _Parser, first: int) -> int:
    """Return the index behind the `;` of the declaration that begins at the token *first*."""
    texts = parser.tokens.texts
    at = first
    while at + 1 < len(texts) and texts[at] not in {";", "}"}:
        at += 1
    return at + 1 if texts[at] == ";" else max(at, first + 1)


def _behind(span: Span) -> Span:
    """Return the empty span just behind *span*."""
    return Span(span.source, span.end, span.end)


def _on_later_line(previous: Span, span: Span) -> bool:
    return span.source.line_number(span.start) > previous.line


def _open_bracket(parser: _Parser, first: int, behind: int) -> int | None:
    """Return the index of the last bracket that is still open between two tokens, or None."""
    opened: list[int] = []
    for at in range(first, behind):
        text = parser.tokens.texts[at]
        if text in _CLOSING:
            opened.append(at)
        elif text in _CLOSING.values() and opened:
            opened.pop()
    return opened[-1] if opened else None


def _accepted(parser: _Parser, states: list[int]) -> dict[str, None]:
    """Return the terminals that could follow, in the table's order.

    A reduction is tried out on a copy of the stack: LALR's lookaheads promise more than is there.
    """
    tables = parser.tables
    result: dict[str, None] = {}
    for terminal in tables.ACTIONS[states[-1]]:
        stack = list(states)
        while True:
            action = tables.ACTIONS[stack[-1]].get(terminal)
            if action is None:
                break
            if action >= 0:
                result[terminal] = None
                break
            left, length, *_ = tables.RULES[~action]
            if length:
                del stack[-length:]
            stack.append(tables.GOTOS[stack[-1]][left])
    return result


def _expected(accepted: dict[str, None]) -> str:
    """Return the terminals *accepted* as words: `;`, `[` or a name."""
    from bpfgen.syntax.tables import HARD_WORDS, PUNCTUATION, SOFT_WORDS

    rest = dict(accepted)
    if "SEMICOLON" in rest and rest.keys() >= _ITEM_STARTS:
        # The next declaration could begin here; nobody means that who left out a `;`.
        rest = {t: None for t in rest if t not in _ITEM_STARTS and t not in _TYPES}
    words: list[str] = []
    if rest.keys() >= _OPERANDS:
        words.append("an expression")
        for terminal in (*_OPERANDS, "PLUS", "MINUS", "TILDE", "BANG"):
            rest.pop(terminal, None)
    elif rest.keys() >= _TYPES:
        words.append("a type")
        for terminal in (*_TYPES, "QUALIFIER"):
            rest.pop(terminal, None)
    if len(_OPERATORS & rest.keys()) > 10:
        for terminal in _OPERATORS:
            rest.pop(terminal, None)
        operator = ["an operator"]
    else:
        operator = []
    for terminal in rest:
        if terminal in _DECORATION and len(rest) > 1:
            continue
        if terminal in _WORDS:
            words.append(_WORDS[terminal])
            continue
        spelled = [t for t, name in PUNCTUATION.items() if name == terminal]
        spelled += [t for t, name in SOFT_WORDS.items() if name == terminal]
        spelled += [t for t, name in HARD_WORDS.items() if name == terminal]
        words.extend(f"`{text}`" for text in spelled[:1])
    words = list(dict.fromkeys(sorted(words, key=_word_order) + operator))
    if len(words) > _MOST_LISTED:
        words = words[:_MOST_LISTED]
        return ", ".join(words) + " …"
    if len(words) < 2:
        return "".join(words) or "nothing more"
    return ", ".join(words[:-1]) + " or " + words[-1]


def _word_order(word: str) -> tuple[int, str]:
    """Sort `;` first, other signs next, words last."""
    if word == "`;`":
        return (0, word)
    return (1, word) if word.startswith("`") else (2, word)


def _found(kind: str, text: str) -> str:
    if kind == "STRING":
        return f"the string {text}"
    if kind in _C_WORDS:
        return f"`{text}`, a keyword of C"
    shown = text if len(text) <= 40 else text[:40] + "…"
    return f"`{shown}`"


def _at_item_start(parser: _Parser, index: int) -> tuple[str, str]:
    """Return message and help for a token that can't begin anything."""
    from bpfgen.text.spelling import closest

    text = parser.tokens.texts[index]
    if text == "}":
        return "this `}` closes nothing", "remove it"
    message = f"`{text[:40]}` begins no declaration"
    near = closest(text, ("map", "template", "struct", "const", "include", "import", "typedef"))
    return message, f"did you mean `{near}`?" if near else ""


def _advice(parser: _Parser, index: int, accepted: dict[str, None]) -> str:
    """Return what was probably meant, or an empty string."""
    from bpfgen.text.spelling import closest

    tokens = parser.tokens
    kind, text = tokens.kinds[index], tokens.texts[index]
    before = tokens.texts[index - 1] if index else ""
    if kind == "NAME" and "SEMICOLON" in accepted and "NAME" not in accepted:
        if text.startswith("__") or text.isupper():
            return f"if `{text}` is a macro of a header, `include` the header and use its types"
        near = closest(before, ("map", "template", "typedef", "struct", "const", "include"))
        if near and near != before:
            return f"did you mean `{near}`?"
    if kind == "NAME" and tokens.kinds[index - 1] == "NAME" and "LPAR" in accepted:
        near = closest(before, ("map", "template", "typedef", "struct", "union", "enum", "import"))
        if near and near != before:
            return f"did you mean `{near}`?"
    if text == ":" and index >= 2:
        first = tokens.texts[index - 2]
        near = closest(first, ("map", "template"))
        if near and near != first:
            return f"did you mean `{near}`?"
        return f"a map is written `map {before}: …`" if before.isidentifier() else ""
    if text == "=" and "COLON" in accepted:
        return "a map is written `map NAME: kind<key, value>[max_entries]`"
    if kind in _C_WORDS and "NAME" in accepted and not accepted.keys() >= _TYPES:
        return f"`{text}` can't be a name"
    if text == "," and "SEMICOLON" in accepted:
        return "attributes and members end in `;`"
    if text == ">" and "GREATER" not in accepted:
        return ""
    return ""
