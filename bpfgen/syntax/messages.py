"""A syntax error in a person's words: what stands there, what could, what was probably meant."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.syntax.mistakes import recognised
from bpfgen.syntax.mistakes.place import CLOSING, Mistake, Place
from bpfgen.syntax.tree import BROKEN, END
from bpfgen.text.diagnostics import Diagnostic, Edit, Label
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from bpfgen.syntax.automaton import Automaton
    from bpfgen.syntax.tree import Tokens

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
    (
        *("MAP", "TEMPLATE", "IMPORT", "INCLUDE", "TARGET", "WEAK", "LEGACY", "EXTERN", "TYPEDEF"),
        *("MACRO", "WHEN"),
    )
)
_MOST_LISTED = 6
_C_WORDS = frozenset(("BUILTIN", "QUALIFIER", "COMPOSITE", "ENUM", "TYPEDEF", "EXTERN", "SIZEOF"))


def syntax_error(automaton: Automaton) -> Mistake:
    """Return what to say of the next token, which doesn't fit where *automaton* stands."""
    place = Place(automaton)
    found = recognised(place)
    if found is not None:
        return replace(found, is_recognised=True)
    tokens, index, accepted = place.tokens, place.index, place.accepted
    kind, text = tokens.kinds[index], tokens.texts[index]
    if kind == BROKEN:
        return Mistake(_unreadable(tokens, index))
    opened = place.opened()
    begins_map = kind in ("MAP", "TEMPLATE") and tokens.texts[index + 2 : index + 3] == [":"]
    if opened < 0 and kind == END:
        opened = automaton.block
    if opened >= 0 and (kind == END or begins_map):
        return Mistake(_never_closed(tokens, opened, index))
    if index == place.first or (opened < 0 and tokens.kinds[index - 1] == "SEMICOLON"):
        return Mistake(_begins_nothing(tokens, index))
    ends_before = _ends_before(tokens, index) or (kind == END and index > place.first)
    help_, edits = _advice(place, ends_before=ends_before)
    if "SEMICOLON" in accepted and (kind == "RBRACE" or ends_before):
        return _no_semicolon(tokens, index, help_, edits)
    words = _expected(accepted)
    unexpected = "the end of the file" if kind == END else _quoted(kind, text)
    message = f"expected {words}, found {unexpected}"
    span = tokens.span(index, index + 1)
    return Mistake(Diagnostic("syntax", message, span, help=help_, edits=edits))


_INVISIBLE = {0: "a NUL byte", 0xFEFF: "a byte order mark", 0xA0: "a no-break space"}


def _unreadable(tokens: Tokens, index: int) -> Diagnostic:
    """Return what to say of the token *index*, with whose character no token begins."""
    start = tokens.starts[index]
    span = Span(tokens.source, start, start + 1)
    character = tokens.texts[index][0]
    if character in "\"'":
        what = "string" if character == '"' else "character constant"
        return Diagnostic("syntax", f"this {what} is not closed on its line", span)
    code = ord(character)
    shown = _INVISIBLE.get(code) or (
        f"`{character}`" if character.isprintable() else f"the character U+{code:04X}"
    )
    help_ = ""
    edits: tuple[Edit, ...] = ()
    if character == "$":
        help_ = "a name has letters, digits and `_`"
    elif code == 0xA0:
        help_, edits = "write a blank", (Edit(span, " "),)
    elif code > 127:
        help_ = "outside comments and strings the language is ASCII"
    return Diagnostic("syntax", f"{shown} has no meaning here", span, help=help_, edits=edits)


def stray_members(tokens: Tokens, stray: int, index: int) -> Diagnostic:
    """Return what to say of members, or a map's attributes, from token *stray* to *index*.

    No struct or map is open around them.
    """
    is_attribute = tokens.texts[stray + 1] == "="
    what, around = ("an attribute", "map") if is_attribute else ("a member", "struct")
    ends = Label(tokens.span(index, index + 1), f"no {around} ends here")
    return Diagnostic(
        "syntax",
        f"{what} stands here, and no `{{` of a {around} is open before it",
        tokens.span(stray, _end_of_member(tokens, stray)),
        labels=(ends,) if tokens.kinds[index] == "RBRACE" else (),
        help="write `{` after the map above it, or `map name: kind<key, value> {`"
        if is_attribute
        else f"write `{around} name {{` above it",
    )


def _never_closed(tokens: Tokens, opened: int, index: int) -> Diagnostic:
    """Return what to say where the token *index* can't come before the bracket *opened* closes."""
    bracket = tokens.texts[opened]
    if tokens.kinds[index] == END:
        label = Label(_after(tokens.span(index - 1, index)), "the file ends here")
    else:
        label = Label(tokens.span(index, index + 1), "the next declaration begins here")
    return Diagnostic(
        "syntax",
        f"this `{bracket}` is never closed",
        tokens.span(opened, opened + 1),
        labels=(label,),
        help=f"close it with `{CLOSING[bracket]}`",
    )


def _no_semicolon(tokens: Tokens, index: int, advice: str, edits: tuple[Edit, ...]) -> Mistake:
    """Return what to say where a `;` is missing before the token *index*."""
    previous = tokens.span(index - 1, index)
    before = (Label(tokens.span(index, index + 1), "before this"),)
    diagnostic = Diagnostic(
        "syntax",
        f"expected `;` after `{previous.text}`",
        _after(previous),
        labels=before if tokens.kinds[index] != END and _ends_before(tokens, index) else (),
        help=advice,
        edits=edits if advice else (Edit(_after(previous), ";"),),
    )
    return Mistake(diagnostic, lacks_semicolon=not advice)


def _end_of_member(tokens: Tokens, first: int) -> int:
    """Return the index after the `;` of the declaration that begins at the token *first*."""
    texts = tokens.texts
    at = first
    while at + 1 < len(texts) and texts[at] not in {";", "}"}:
        at += 1
    return at + 1 if texts[at] == ";" else max(at, first + 1)


def _after(span: Span) -> Span:
    """Return the empty span right after *span*."""
    return Span(span.source, span.end, span.end)


def _ends_before(tokens: Tokens, index: int) -> bool:
    """Return whether what stands before the token *index* looks whole: it is on a line above."""
    previous = tokens.span(index - 1, index)
    line = tokens.source.line_number(tokens.starts[index])
    return line > previous.line and tokens.kinds[index - 1] not in {"SEMICOLON", "LBRACE"}


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


def _quoted(kind: str, text: str) -> str:
    if kind == "STRING":
        return f"the string {text}"
    if kind in _C_WORDS:
        return f"`{text}`, a keyword of C"
    shown = text if len(text) <= 40 else text[:40] + "…"
    return f"`{shown}`"


def _begins_nothing(tokens: Tokens, index: int) -> Diagnostic:
    """Return what to say of the token *index*, which stands where a declaration begins."""
    from bpfgen.text.spelling import closest

    text, span = tokens.texts[index], tokens.span(index, index + 1)
    if text == "}":
        message, help_ = "this `}` closes nothing", "remove it"
        return Diagnostic("syntax", message, span, help=help_, edits=(Edit(span, ""),))
    message = f"`{text[:40]}` begins no declaration"
    near = closest(text, ("map", "template", "struct", "const", "include", "import", "typedef"))
    if not near:
        return Diagnostic("syntax", message, span)
    help_ = f"did you mean `{near}`?"
    return Diagnostic("syntax", message, span, help=help_, edits=(Edit(span, near),))


def _advice(place: Place, *, ends_before: bool) -> tuple[str, tuple[Edit, ...]]:
    """Return what was probably meant, or an empty string, and what that would change."""
    tokens, index, accepted = place.tokens, place.index, place.accepted
    misspelt = _misspelt_keyword(tokens, index, accepted)
    if misspelt is not None:
        at, keyword = misspelt
        return f"did you mean `{keyword}`?", (Edit(tokens.span(at, at + 1), keyword),)
    kind, text = tokens.kinds[index], tokens.texts[index]
    help_ = ""
    if "COLON" in accepted and place.is_map() and place.opened() < 0:
        help_ = "a map is written `map NAME: kind<key, value>[max_entries]`"
    elif kind in _C_WORDS and "NAME" in accepted and not accepted.keys() >= _TYPES:
        help_ = f"`{text}` can't be a name"
    elif text == "," and "SEMICOLON" in accepted:
        help_ = "attributes and members end in `;`"
    elif not ends_before and _ends_an_item(kind, accepted) and _is_macro_name(text):
        help_ = f"if `{text}` is a macro of a header, `include` the header and use its types"
    return help_, ()


def _misspelt_keyword(
    tokens: Tokens, index: int, accepted: dict[str, None]
) -> tuple[int, str] | None:
    """Return which token before *index* was probably meant to be which keyword, or None."""
    from bpfgen.text.spelling import closest

    kind, text = tokens.kinds[index], tokens.texts[index]
    if _ends_an_item(kind, accepted):
        if _is_macro_name(text):
            return None
        at, keywords = index - 1, ("map", "template", "typedef", "struct", "const", "include")
        near = closest(tokens.texts[at], keywords)
        if near and near != tokens.texts[at]:
            return at, near
    if kind == "NAME" and tokens.kinds[index - 1] == "NAME" and "LPAR" in accepted:
        at, more = index - 1, ("map", "template", "typedef", "struct", "union", "enum", "import")
        near = closest(tokens.texts[at], more)
        if near and near != tokens.texts[at]:
            return at, near
    if text == ":" and index >= 2:
        at = index - 2
        near = closest(tokens.texts[at], ("map", "template"))
        if near and near != tokens.texts[at]:
            return at, near
    return None


def _ends_an_item(kind: str, accepted: dict[str, None]) -> bool:
    """Return whether a name stands where a `;` could, and no name."""
    return kind == "NAME" and "SEMICOLON" in accepted and "NAME" not in accepted


def _is_macro_name(text: str) -> bool:
    return text.startswith("__") or text.isupper()
