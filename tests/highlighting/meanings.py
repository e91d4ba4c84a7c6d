"""What each token of a text means, by lark's own parse of the grammar.

Nothing of bpfgen has a part in it but the grammar and two tables of names: neither its parser nor
its highlighting.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from lark import Lark, Token, Tree

from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.resources import grammar_text

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = {
    **dict.fromkeys(("MAP", "TEMPLATE", "TYPEDEF", "COMPOSITE", "ENUM"), "storage"),
    **dict.fromkeys(("WEAK", "EXTERN", "LEGACY", "QUALIFIER"), "modifier"),
    **dict.fromkeys(("IMPORT", "TARGET", "MACRO"), "directive"),
    **dict.fromkeys(("WHEN", "ELSE"), "condition"),
    **dict.fromkeys(
        ("ATTRIBUTE", "ALIGNAS", "TAG_MACRO", "PACKED", "ALIGNED", "CONTAINS"), "attribute_macro"
    ),
    "SIZEOF": "word_operator",
    "BUILTIN": "builtin",
    "UNIT": "unit",
    "NUMBER": "number",
    "CHARACTER": "character",
    "STRING": "string",
    "TYPE_ATTRIBUTE": "attribute",
}
"""What a terminal means wherever it stands."""

NAMES = {
    "target": "word_value",
    "macros": "constant",
    "map": "map",
    "template": "map",
    "inner_shape": "kind",
    "number_attribute": "attribute",
    "slot_at": "variable",
    "slot_next": "variable",
    "composite_name": "type",
    "composite_body": "type",
    "enum_name": "type",
    "enum_body": "type",
    "enum_base": "type",
    "enumerator": "constant",
    "gnu_attribute": "attribute",
    "cast_tagged": "type",
}
"""What a NAME means that is a direct child of a rule."""

DECLARED = {
    "member": "variable",
    "parameter": "variable",
    "typedef_declaration": "type",
    "typed_const_declaration": "constant",
    "plain_declaration": "variable",
    "extern_declaration": "variable",
}
"""What a declarator's NAME means, by the nearest of these rules around it."""

INTEGERS = re.compile(r"__(?:[su](?:8|16|32|64)|[lb]e(?:16|32|64)|sum16|wsum)")
"""The whole numbers of <linux/types.h>: in parentheses within an expression they are a cast."""


class Piece(NamedTuple):
    """Characters of a text, from *start* up to *end*, and what they mean."""

    start: int
    end: int
    role: str


@cache
def _parser() -> tuple[Lark, list[Token]]:
    comments: list[Token] = []

    def note(token: Token) -> Token:
        comments.append(token)
        return token

    ignored = ("LINE_COMMENT", "BLOCK_COMMENT", "PREPROCESSOR")
    # lark's lexer takes `key` off `key_size`; the language's words end where the word ends.
    words = re.sub(
        r"^([A-Z_]+)(?:\.2)?: ((?:\"[A-Za-z]\w*\"|\"__\w*\")(?: \| \"\w+\")*)$",
        lambda found: f"{found[1]}.2: /(?:{found[2].replace(' ', '')})(?![A-Za-z0-9_])/".replace(
            '"', ""
        ),
        grammar_text(),
        flags=re.MULTILINE,
    )
    lark = Lark(
        words,
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=False,
        keep_all_tokens=True,
        lexer_callbacks=dict.fromkeys(ignored, note),
    )
    return lark, comments


def meanings(text: str) -> list[Piece]:
    """Return the tokens and comments of *text*, in order."""
    lark, comments = _parser()
    comments.clear()
    pieces = [piece for token, path in _leaves(lark.parse(text)) for piece in _meant(token, path)]
    pieces += [_piece(token, _comment(token)) for token in comments]
    return sorted(pieces)


def _piece(token: Token, role: str) -> Piece:
    assert token.start_pos is not None
    assert token.end_pos is not None
    return Piece(token.start_pos, token.end_pos, role)


def _comment(token: Token) -> str:
    if token.type == "PREPROCESSOR":
        return "preprocessor"
    if re.match(r"//[ \t]*bpfgen:", token):
        return "allowance"
    is_doc = re.match(r"///(?!/)|/\*\*(?![*/])", token)
    return "doc" if is_doc else "comment"


def _leaves(top: Tree[Token]) -> Iterator[tuple[Token, list[tuple[Tree[Token], int]]]]:
    """Yield each token, and the trees around it with the place in each, the outermost first."""
    stack: list[tuple[Tree[Token], int]] = [(top, 0)]
    while stack:
        tree, index = stack[-1]
        if index == len(tree.children):
            stack.pop()
            continue
        stack[-1] = tree, index + 1
        child = tree.children[index]
        if isinstance(child, Token):
            yield child, [(around, at - 1) for around, at in stack]
        else:
            stack.append((child, 0))


def _meant(token: Token, path: list[tuple[Tree[Token], int]]) -> Iterator[Piece]:
    if token.type == "INCLUDE":
        start = token.start_pos or 0
        found = re.fullmatch(r"(include)(\s*)(.*)", token)
        assert found is not None
        yield Piece(start, start + 7, "directive")
        role = "directive" if found[3] == "kernel" else "string"
        yield Piece(start + found.start(3), start + len(token), role)
        return
    yield _piece(token, _role(token, path))


def _role(token: Token, path: list[tuple[Tree[Token], int]]) -> str:
    rules = [str(tree.data) for tree, _ in path]
    tree, index = path[-1]
    rule = rules[-1]
    if rule == "gnu_attribute" and token.type == "QUALIFIER":
        return "attribute"
    if token.type in WORDS:
        return WORDS[token.type]
    if token.type != "NAME":
        if rule == "type_arguments" or token in set(";,()[]{}"):
            return "punctuation"
        return "operator"
    if rule == "shape":
        return "kind" if token in MAP_KINDS else "type"
    if rule == "contains_macro":
        return "type" if tree.children[index + 1] == "," else "variable"
    if rule == "named_specifiers":
        return "constant" if rules[-2] == "const_declaration" else "type"
    if rule in NAMES:
        return NAMES[rule]
    if rule == "declarator":
        return _declared(path)
    return _operand(token, path)


def _declared(path: list[tuple[Tree[Token], int]]) -> str:
    tree, index = path[-1]
    nearest = next(str(t.data) for t, _ in reversed(path) if str(t.data) in DECLARED)
    following = tree.children[index + 1 : index + 2]
    if nearest in {"plain_declaration", "extern_declaration"} and following:
        suffix = following[0]
        if isinstance(suffix, Tree) and suffix.data == "function_suffix":
            return "function"
    return DECLARED[nearest]


def _operand(token: Token, path: list[tuple[Tree[Token], int]]) -> str:
    tree, index = path[-1]
    rules = [str(around.data) for around, _ in path]
    assert rules[-1] in {"expression", "condition"}, rules
    if rules[-1] == "condition":
        if token == "defined":  # noqa: S105 -- a word of C
            return "word_operator"
        if tree.children[index + 1] == "(":
            return "function"
    if token == "runtime":  # noqa: S105 -- a word of the language
        return "word_value"
    if rules[-2] == "number_attribute" and path[-2][0].children[0] == "pinning":
        return "word_value" if token in {"none", "by_name"} else "constant"
    return "type" if INTEGERS.fullmatch(token) else "constant"
