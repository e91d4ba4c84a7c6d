"""What is shown of the word under the pointer: what it means, and what it comes to.

What a word means its place in the grammar says, so that it works in a text that is broken
elsewhere; what it comes to, the model, as far as there is one.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice

from bpfgen.editor.context import (
    ARGUMENTS,
    ATTRIBUTES,
    BODY,
    CALL,
    CONDITION,
    ENTRIES,
    context_at,
)
from bpfgen.editor.expressions import expression_at, members_of
from bpfgen.editor.keyword_text import keyword_text
from bpfgen.editor.places import kind_around
from bpfgen.editor.table_text import (
    GNU_ATTRIBUTES,
    PINNING_TEXTS,
    RUNTIME_TEXT,
    attribute_text,
    code_text,
    fenced,
    flag_text,
    inline,
    kind_text,
    macro_text,
    target_text,
)
from bpfgen.editor.value_text import (
    expression_text,
    kernel_of,
    member_text,
    name_text,
    number_text,
    since_text,
    type_text,
)
from bpfgen.editor.visible import Names, models_of
from bpfgen.kernel.map_flags import MAP_FLAGS, OTHER_FLAGS
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.types import type_of_words
from bpfgen.syntax.parser import current_tables
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.ctype.types import Member
    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.context import Context, Frame
    from bpfgen.editor.expressions import Body
    from bpfgen.editor.visible import Name
    from bpfgen.syntax.tree import Tokens


_BEGINS_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_\"'")


_MOST_BRANCHES = 4
"""Meanings of one word that are shown."""


class Hover(Record):
    """What is shown of a stretch of text: Markdown."""

    markdown: str
    span: Span


def hover(analysis: Analysis, offset: int) -> Hover | None:
    """Return what is to be said of the word at *offset*; None where there is nothing."""
    in_comment = _allowance(analysis, offset)
    if in_comment is not None:
        return in_comment
    tokens = analysis.tokens
    index = _token_at(tokens, offset)
    if index is None:
        return None
    text = tokens.texts[index]
    span = Span(analysis.source, tokens.starts[index], tokens.ends[index])
    if tokens.kinds[index] == "INCLUDE":
        markdown = _include_text(analysis, text)
    elif tokens.kinds[index] == "STRING":
        markdown = _import_text(analysis, text)
    elif tokens.kinds[index] == "BUILTIN":
        return _builtin_hover(analysis, index)
    elif text[0].isalpha() or text[0] == "_":
        following = tokens.texts[index + 1] if index + 1 < len(tokens.texts) else ""
        markdown = _Word(analysis, context_at(analysis.tree, span.start), span).markdown(following)
    else:
        return _value_hover(analysis, span)
    return Hover(markdown, span) if markdown else None


def _token_at(tokens: Tokens, offset: int) -> int | None:
    """Return the token that *offset* is in; a word just before it counts where no word begins."""
    last = bisect_right(tokens.starts, offset) - 1
    touching = [
        index
        for index in range(last, max(last - 4, -1), -1)
        if tokens.texts[index] and tokens.starts[index] <= offset <= tokens.ends[index]
    ]
    words = [index for index in touching if tokens.texts[index][0] in _BEGINS_WORD]
    return next(iter(words or touching), None)


class _Word:
    """A word at a place, and what it means there."""

    __slots__ = ("_analysis", "_context", "_names", "_place", "_text")

    def __init__(self, analysis: Analysis, context: Context, place: Span) -> None:
        self._analysis = analysis
        self._context = context
        self._names = Names(analysis)
        self._place = place
        self._text = place.text

    def markdown(self, following: str) -> str:
        """Return what the word means, as Markdown; *following* is the token after it."""
        word, names, context = self._text, self._names, self._context
        if word in current_tables().HARD_WORDS:
            return keyword_text(word) or macro_text(word)
        roles, frame = context.roles, context.frame
        if frame is not None and frame.kind == CALL:
            inside = self._in_call(frame)
            if inside:
                return inside
        before = context.kind(1)
        if before in ("MAP", "TEMPLATE"):
            return self._found((names.maps if before == "MAP" else names.templates).get(word))
        if before == "TARGET":
            return target_text(word)
        if "TYPE_ATTRIBUTE" in context.expected:
            return attribute_text(word, kind_around(context, names)) or keyword_text(word)
        if "__macros_star_1" in roles or before == "MACRO":
            return self._found(names.macros.get(word))
        if "shape" in roles:
            return self._kind()
        if any(one.kind == CONDITION for one in context.frames):
            found = names.macros.get(word) or names.constants.get(word)
            return self._found(found) or keyword_text(word)
        if roles & {"composite_name", "composite_body"}:
            return self._found(names.types.get((self._keyword(), word)))
        if roles & {"enum_name", "enum_body"}:
            return self._found(names.types.get(("enum", word)))
        if "enumerator" in roles:
            return self._found(names.constants.get(word))
        if "_slot_target" in roles and word in names.maps:
            return self._found(names.maps[word])
        if "_direct_declarator" in roles and "named_specifiers" not in roles:
            return self._declared()
        if "_primary" in roles:
            return self._operand()
        if roles & {"named_specifiers", "enum_base"}:
            return self._type(following)
        return keyword_text(word) or macro_text(word)

    def _found(self, name: Name | None) -> str:
        """Return what *name* means, in each branch of a `when` that it may be of."""
        if name is None:
            return ""
        declared = self._names.declarations(name)
        if len(declared) > 1:
            from bpfgen.editor.names import Names as Meanings

            meant = Meanings(self._analysis).at(self._place.start)
            places = () if meant is None else [one.span for one in meant.meanings if one.span]
            declared = self._names.declarations(name, places)
        texts = dict.fromkeys(name_text(self._analysis, one) for one in declared)
        return "\n\n---\n\n".join(islice(texts, _MOST_BRANCHES))

    def _kind(self) -> str:
        """Return what the word, a kind of map or a template, is."""
        kind = MAP_KINDS.get(self._text)
        if kind is None:
            return self._found(self._names.templates.get(self._text))
        late = since_text(self._analysis, kind.since)
        return f"{kind_text(kind)}\n\n{late}" if late else kind_text(kind)

    def _keyword(self) -> str:
        """Return the `struct` or `union` that the word, a tag, stands after."""
        context = self._context
        for at in range(len(context.symbols) - 1, -1, -1):
            if context.symbols[at] == "COMPOSITE":
                return context.tokens.texts[context.firsts[at]]
        return ""

    def _type(self, following: str) -> str:
        """Return what the word is where a type may stand; a constant before its `=`."""
        word, names, frame = self._text, self._names, self._context.frame
        if following == "=" and word in names.constants:
            return self._found(names.constants[word])
        type = names.type_named(word)
        is_shape = word in names.templates or (word in MAP_KINDS and type is None)
        if is_shape and frame is not None and frame.kind in (ARGUMENTS, ATTRIBUTES):
            return self._kind()
        return self._found(type) or keyword_text(word)

    def _operand(self) -> str:
        """Return what the word is among operands; a type where it is that of a cast."""
        word, names, context = self._text, self._names, self._context
        attribute = context.attribute
        if attribute == "pinning" and word in PINNING_TEXTS:
            return f"{fenced(f'pinning = {word};')}\n\n{PINNING_TEXTS[word]}"
        if word == "runtime" and (attribute or context.outer(ENTRIES)):
            return RUNTIME_TEXT
        if word in MAP_FLAGS or (attribute == "map_flags" and word in OTHER_FLAGS):
            kind = kind_around(context, names) if attribute == "map_flags" else None
            return f"{fenced(word)}\n\n{flag_text(word, kind, kernel_of(self._analysis))}"
        found = names.constants.get(word) or names.type_named(word)
        return self._found(found) or keyword_text(word)

    def _in_call(self, frame: Frame) -> str:
        """Return what the word in the parentheses of `__contains` or `__attribute__` is."""
        word, context = self._text, self._context
        if "gnu_attribute" in context.roles:
            text = GNU_ATTRIBUTES.get(word, "")
            return f"{fenced(f'__attribute__(({word}))')}\n\n{text}" if text else ""
        if context.tokens.texts[frame.head] != "__contains":
            return ""
        if not context.commas(frame):
            return self._found(self._names.types.get(("struct", word)))
        struct = context.tokens.texts[frame.opened + 1]
        return self._member(lambda body, one: body.around.tag == struct and one.name == word)

    def _declared(self) -> str:
        """Return what the word, which is declared here, is: a member, a typedef, a program."""
        word, names, place = self._text, self._names, self._place
        if any(frame.kind == BODY for frame in self._context.frames):
            return self._member(
                lambda _body, one: (
                    one.name == word
                    and one.span is not None
                    and one.span.source.name == place.source.name
                    and one.span.start <= place.start
                    and place.end <= one.span.end
                )
            )
        name = names.types.get(("typedef", word)) or names.maps.get(word)
        return self._found(name or names.constants.get(word))

    def _member(self, is_wanted: Callable[[Body, Member], bool]) -> str:
        """Return where the first member that *is_wanted* is, and how large."""
        for model in models_of(self._analysis.compilation):
            for body, member in members_of(model):
                if is_wanted(body, member):
                    return member_text(body, member)
        return ""


def _builtin_hover(analysis: Analysis, index: int) -> Hover | None:
    """Return what the words of C around the token *index* name together: `unsigned long`."""
    tokens = analysis.tokens
    first, after = index, index + 1
    while first and tokens.kinds[first - 1] == "BUILTIN":
        first -= 1
    while tokens.kinds[after] == "BUILTIN":
        after += 1
    type = type_of_words(tokens.texts[first:after])
    if type is None:
        return None
    return Hover(type_text(type), tokens.span(first, after))


def _value_hover(analysis: Analysis, span: Span) -> Hover | None:
    """Return what the expression at *span*, a number or an operator, comes to."""
    middle = span.start
    expression = expression_at(models_of(analysis.compilation), analysis.source.name, middle)
    if expression is None or expression.span is None:
        return None
    text = expression_text(expression)
    value = number_text(expression.value)
    return Hover(f"{fenced(text)}\n\n{value}, {inline(expression.type.name)}.", expression.span)


def _include_text(analysis: Analysis, text: str) -> str:
    path = text.removeprefix("include").strip()
    if path == "kernel":
        btf = analysis.options.btf
        of = "" if btf is None else f"\n\nFrom {', '.join(inline(one) for one in btf.paths)}."
        return f"{keyword_text('include')}{of}"
    name = path.strip('<>"')
    read = [one for one in analysis.compilation.dependencies if one.endswith(f"/{name}")]
    found = f"\n\n{inline(read[0])}" if read else ""
    return f"{fenced(f'include {path};')}{found}"


def _import_text(analysis: Analysis, text: str) -> str:
    path = text.strip('"')
    for model in models_of(analysis.compilation):
        for item in model.imports:
            if item.path == path:
                declared = item.model.declarations
                lines = [fenced(f"import {text};"), inline(item.model.name)]
                if item.model.doc:
                    lines.append(item.model.doc)
                count = len(declared)
                lines.append(f"{count} declaration{'' if count == 1 else 's'}.")
                return "\n\n".join(lines)
    return ""


def _allowance(analysis: Analysis, offset: int) -> Hover | None:
    """Return what the code in the allowance at *offset* means."""
    for allowance in (*analysis.tree.allowances, *analysis.tree.break_allowances):
        span = allowance.span
        if span.start <= offset <= span.end:
            start = span.start + span.text.index(allowance.code, span.text.index("allow") + 5)
            text = code_text(allowance.code)
            here = Span(span.source, start, start + len(allowance.code))
            return Hover(text, here) if text else None
    return None
