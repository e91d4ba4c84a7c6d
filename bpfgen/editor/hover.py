"""What is shown of the word under the pointer: what it means, and what it comes to.

What a word means its place in the grammar says, so that it works in a text that is broken
elsewhere; what it comes to, the model, as far as there is one.
"""

from __future__ import annotations

from bisect import bisect_right

from bpfgen.editor.context import (
    ARGUMENTS,
    ATTRIBUTES,
    BODY,
    CALL,
    CONDITION,
    SLOTS,
    context_at,
)
from bpfgen.editor.expressions import expression_at, members_of
from bpfgen.editor.keyword_text import keyword_text
from bpfgen.editor.places import kind_around, models_of
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
)
from bpfgen.editor.visible import Names
from bpfgen.kernel.map_flags import MAP_FLAGS, OTHER_FLAGS
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from bpfgen.ctype.types import Composite, Member
    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.context import Context
    from bpfgen.editor.visible import Name
    from bpfgen.syntax.tree import Tokens


_BEGINS_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_\"'")


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
    elif text[0].isalpha() or text[0] == "_":
        following = tokens.texts[index + 1] if index + 1 < len(tokens.texts) else ""
        markdown = _word_text(analysis, context_at(analysis.tree, span.start), text, following)
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


def _word_text(analysis: Analysis, context: Context, word: str, following: str) -> str:
    """Return what *word* at the place *context* means; *following* is the text after it."""
    names = Names(analysis)
    roles, frame = context.roles, context.frame
    kind = kind_around(context, names)
    before = context.text(1)
    if frame is not None and frame.kind == CALL and frame.head < len(context.tokens.texts):
        inside = _in_call(analysis, context, names, word)
        if inside:
            return inside
    if before in ("map", "template") and context.kind(1) in ("MAP", "TEMPLATE"):
        return _found(analysis, (names.maps if before == "map" else names.templates).get(word))
    if before == "target" and context.kind(1) == "TARGET":
        return target_text(word)
    if "TYPE_ATTRIBUTE" in context.expected and word != "when":
        return attribute_text(word, kind)
    if "shape" in roles:
        return _kind_text(analysis, names, word)
    if frame is not None and frame.kind == CONDITION:
        found = names.macros.get(word) or names.constants.get(word)
        return _found(analysis, found) or keyword_text(word)
    if "composite_name" in roles or "composite_body" in roles:
        return _found(analysis, names.types.get((_keyword(context), word)))
    if "enum_name" in roles or "enum_body" in roles:
        return _found(analysis, names.types.get(("enum", word)))
    if "enumerator" in roles:
        return _found(analysis, names.constants.get(word))
    if "_slot_target" in roles and word in names.maps:
        return _found(analysis, names.maps.get(word))
    if "_direct_declarator" in roles and "named_specifiers" not in roles:
        return _declared_text(analysis, context, names, word)
    if "_primary" in roles:
        return _operand_text(analysis, context, names, word)
    if "named_specifiers" in roles or "enum_base" in roles:
        if following == "=" and word in names.constants:
            return _found(analysis, names.constants[word])
        if frame is not None and frame.kind in (ARGUMENTS, ATTRIBUTES) and _is_shape(names, word):
            return _kind_text(analysis, names, word)
        found = names.type_named(word)
        if found is not None:
            return _found(analysis, found)
    return keyword_text(word) or macro_text(word)


def _found(analysis: Analysis, name: Name | None) -> str:
    return "" if name is None else name_text(analysis, name)


def _is_shape(names: Names, word: str) -> bool:
    """Return whether *word* among types is a kind of map, or a template."""
    return word in names.templates or (word in MAP_KINDS and names.type_named(word) is None)


def _kind_text(analysis: Analysis, names: Names, word: str) -> str:
    kind = MAP_KINDS.get(word)
    if kind is None:
        return _found(analysis, names.templates.get(word))
    late = since_text(analysis, kind.since)
    return f"{kind_text(kind)}\n\n{late}" if late else kind_text(kind)


def _keyword(context: Context) -> str:
    """Return the `struct`, `union` or `enum` that a tag at *context* stands after."""
    for at in range(len(context.symbols) - 1, -1, -1):
        if context.symbols[at] in ("COMPOSITE", "ENUM"):
            return context.tokens.texts[context.firsts[at]]
    return ""


def _operand_text(analysis: Analysis, context: Context, names: Names, word: str) -> str:
    """Return what *word*, an operand of an expression, is."""
    attribute = context.attribute
    if attribute == "pinning" and word in PINNING_TEXTS:
        return f"{fenced(f'pinning = {word};')}\n\n{PINNING_TEXTS[word]}"
    if word == "runtime" and (attribute or context.outer("entries")):
        return RUNTIME_TEXT
    if word in MAP_FLAGS or (attribute == "map_flags" and word in OTHER_FLAGS):
        kind = kind_around(context, names) if attribute == "map_flags" else None
        return f"{fenced(word)}\n\n{flag_text(word, kind, kernel_of(analysis))}"
    found = names.constants.get(word)
    if found is not None:
        return _found(analysis, found)
    return keyword_text(word)


def _in_call(analysis: Analysis, context: Context, names: Names, word: str) -> str:
    """Return what *word* between the parentheses after `__contains` or `__attribute__` is."""
    frame = context.frame
    assert frame is not None
    head = context.tokens.texts[frame.head]
    if "gnu_attribute" in context.roles:
        text = GNU_ATTRIBUTES.get(word, "")
        return f"{fenced(f'__attribute__(({word}))')}\n\n{text}" if text else ""
    if head == "__contains":
        if not context.commas(frame):
            return _found(analysis, names.types.get(("struct", word)))
        struct = context.tokens.texts[frame.opened + 1]
        member = _member(analysis, lambda owner, one: owner.tag == struct and one.name == word)
        return "" if member is None else member_text(*member)
    return ""


def _declared_text(analysis: Analysis, context: Context, names: Names, word: str) -> str:
    """Return what *word*, which is declared here, is: a member, a typedef, a program."""
    frame = context.frame
    if any(one.kind == BODY for one in context.frames) and (frame is None or frame.kind == BODY):
        start, end = context.span.start, context.span.end

        def is_here(_owner: Composite, member: Member) -> bool:
            span = member.span
            return (
                member.name == word
                and span is not None
                and span.source.name == analysis.source.name
                and span.start <= start
                and end <= span.end
            )

        found = _member(analysis, is_here)
        return "" if found is None else member_text(*found)
    name = names.types.get(("typedef", word)) or names.maps.get(word) or names.constants.get(word)
    return _found(analysis, name) if frame is None or frame.kind not in (SLOTS, CALL) else ""


def _member(analysis: Analysis, wanted: object) -> tuple[Composite, Member] | None:
    """Return the first member that is *wanted*, and what it is in."""
    assert callable(wanted)
    for model in models_of(analysis):
        for owner, member in members_of(model):
            if wanted(owner, member):
                return owner, member
    return None


def _value_hover(analysis: Analysis, span: Span) -> Hover | None:
    """Return what the expression at *span*, a number or an operator, comes to."""
    middle = span.start
    expression = expression_at(models_of(analysis), analysis.source.name, middle)
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
    for model in models_of(analysis):
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
