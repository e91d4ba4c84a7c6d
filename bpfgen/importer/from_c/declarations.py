"""A unit cut into its declarations at file scope.

Third of the import of C. C is read by its brackets alone here, so that whatever stands between
them does no harm: bodies of functions, inline assembly, extensions, macros that nobody defines.
"""

from __future__ import annotations

from bpfgen.importer.from_c.macros import TOKEN
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.scope import C_KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FUNCTION, CALL, DECLARATION = "function", "call", "declaration"

TAG_WORDS = ("struct", "union", "enum")

PREFIXES = frozenset(
    """
    SEC __section __bpf_section __attribute__ __attribute _Alignas __declspec typeof __typeof__
    __typeof __aligned __contains __noinline __asm__ asm
    """.split()
)
"""Names with brackets that stand before or after what is declared."""

_OPENING = {"(": ")", "[": "]", "{": "}"}


class Token(Record):
    """One token.

    Attributes:
        kind: A group of :data:`TOKEN`.
        start: Its first character's place in the text.
    """

    kind: str
    text: str
    start: int


class Declaration(Record):
    """One declaration.

    Attributes:
        kind: `function`, `call` (of a macro) or `declaration`.
        start: Its first character.
        end: After its last; the body and the semicolon are inside.
        head_end: After a function's parameters, or *end*.
        name: Of the function or macro, where that is seen without expansion.
    """

    kind: str
    start: int
    end: int
    head_end: int
    name: str


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of *text*, comments left out."""
    return [
        Token(match.lastgroup or "", match[0], match.start())
        for match in TOKEN.finditer(text)
        if match.lastgroup != "comment"
    ]


def closing_brackets(tokens: Sequence[Token]) -> dict[int, int]:
    """Return for each opening bracket the index of what closes it, or of the last token.

    A closing brace closes what was left open inside of it.
    """
    closing: dict[int, int] = {}
    open_: list[int] = []
    for index, token in enumerate(tokens):
        text = token.text
        if text in _OPENING:
            open_.append(index)
        elif text == "}":
            if any_brace := [place for place in open_[-64:] if tokens[place].text == "{"]:
                while open_[-1] != any_brace[-1]:
                    closing[open_.pop()] = index - 1
                closing[open_.pop()] = index
        elif text in (")", "]") and open_ and _OPENING[tokens[open_[-1]].text] == text:
            closing[open_.pop()] = index
    for place in open_:
        closing[place] = len(tokens) - 1
    return closing


def declarations(text: str) -> Iterator[Declaration]:
    """Yield the declarations of *text*, which is preprocessed."""
    tokens = tokens_of(text)
    closing = closing_brackets(tokens)
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.text in (";", "}", ")", "]"):
            index += 1
            continue
        if token.text == "extern" and [word.text for word in tokens[index + 1 : index + 3]] == [
            '"C"',
            "{",
        ]:
            index += 3
            continue
        after = _after_call(tokens, closing, index)
        if after is not None:
            end = _end(tokens[after - 1])
            yield Declaration(CALL, token.start, end, end, token.text)
            index = after
            continue
        following, head, name = _after(tokens, closing, index)
        end = _end(tokens[following - 1])
        if head is None:
            yield Declaration(DECLARATION, token.start, end, end, "")
        else:
            yield Declaration(FUNCTION, token.start, end, _end(tokens[head - 1]), name)
        index = following


def _end(token: Token) -> int:
    return token.start + len(token.text)


def _after_call(tokens: Sequence[Token], closing: dict[int, int], index: int) -> int | None:
    """Return the index after the macro that is a declaration by itself at *index*, or None."""
    token = tokens[index]
    if token.kind != "name" or index + 1 >= len(tokens) or tokens[index + 1].text != "(":
        return None
    if token.text in PREFIXES:
        return None
    after = closing[index + 1] + 1
    if token.text in C_KEYWORDS and token.text not in ("_Static_assert", "static_assert"):
        return None
    if after >= len(tokens):
        return after
    following = tokens[after]
    if following.text == ";":
        return after + 1
    if following.text in ("=", "{", ",", "["):
        return None
    stands_alone = following.kind == "name" and tokens[after - 1].text == ")"
    return after if stands_alone else None


def _after(
    tokens: Sequence[Token], closing: dict[int, int], index: int
) -> tuple[int, int | None, str]:
    """Return the index after the declaration at *index*; of a function that of its body, too."""
    is_tag = False  # what was read last is `struct name`, or part of it
    names = 0
    has_parameters = False
    has_value = False
    function = ""
    before = ""
    while index < len(tokens):
        token = tokens[index]
        text = token.text
        if text == ";":
            return index + 1, None, ""
        if text == "{":
            end = closing[index] + 1
            if not is_tag and not has_value and has_parameters:
                return end, index, function
            is_tag = False
            index, before = end, "}"
            continue
        if text in ("(", "["):
            if text == "(" and before not in PREFIXES and before not in TAG_WORDS:
                if not is_tag and not has_value and before not in ("", "*", "="):
                    has_parameters = True
                    # An attribute's macro takes a string, a function a type.
                    if not function and [t.kind for t in tokens[index + 1 : index + 2]] != [
                        "string"
                    ]:
                        function = before
                is_tag = is_tag and names == 0
            index = closing[index] + 1
            before = ")"
            continue
        if text in TAG_WORDS:
            is_tag, names = True, 0
        elif token.kind == "name" and text not in PREFIXES:
            names += is_tag and before != ":"
            is_tag = is_tag and (names < 2 or text.startswith("__"))
        elif text in ("*", ",", "="):
            is_tag = False
            has_value = has_value or text == "="
        before = text
        index += 1
    return index, None, ""
