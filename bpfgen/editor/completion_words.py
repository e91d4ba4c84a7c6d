"""Words of the language and of C that could be typed, where the grammar takes them."""

from __future__ import annotations

from bpfgen.ctype.attributes import UNDERSTOOD
from bpfgen.editor.completion_item import LIKELY, OTHER, RARE, USUAL, WORD, Completion
from bpfgen.editor.keyword_text import BUILTIN_WORDS, ITEM_WORDS, WORDS, keyword_text
from bpfgen.editor.places import following_text
from bpfgen.editor.table_text import GNU_ATTRIBUTES, macro_text, target_text
from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.parser import current_tables
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.editor.context import Context

_MACROS = {
    "__contains": "__contains(${1:type}, ${2:member})",
    "__aligned": "__aligned(${1:8})",
    "__attribute__": "__attribute__((${1:packed}))",
    "_Alignas": "_Alignas(${1:8})",
}
_SNIPPETS = {
    "aligned": "aligned(${1:8})",
    "mode": "mode(${1:byte})",
    "btf_type_tag": 'btf_type_tag("${1:tag}")',
    "btf_decl_tag": 'btf_decl_tag("${1:tag}")',
    "address_space": "address_space(${1:1})",
}
_OF_MAPS = "btf_decl_tag"
"""The one attribute that a declaration of a map may have."""

_VERSION = "0123456789."
_RELATIONS = frozenset((">=", ">", "<=", "<", "==", "!=", "="))
_ITEM_TERMINALS = frozenset(
    ("MAP", "TEMPLATE", "IMPORT", "TARGET", "WEAK", "LEGACY", "EXTERN", "TYPEDEF", "MACRO", "WHEN")
)


def items(context: Context) -> tuple[Completion, ...]:
    """Return the words that a declaration begins with, each with the rest of it."""
    if not context.begins_item():
        return _after_linkage(context)
    found = []
    for word, keyword in ITEM_WORDS.items():
        text = keyword.snippet if not following_text(context) else word
        found.append(_word(context, word, text, rank=LIKELY if word == "map" else OTHER))
    if context.text(1) == "}" and "ELSE" in context.expected:
        found.append(_word(context, "else", "else {\n    $0\n}", rank=LIKELY))
    return tuple(found)


def _after_linkage(context: Context) -> tuple[Completion, ...]:
    """Return what can follow a linkage, or an `else`, and nothing else."""
    word = {"WEAK": "map", "LEGACY": "map", "EXTERN": "map", "ELSE": "when"}.get(context.kind(1))
    if word is None or word.upper() not in context.expected:
        return ()
    text = ITEM_WORDS[word].snippet if not following_text(context) else word
    return (_word(context, word, text, rank=LIKELY),)


def _word(context: Context, word: str, text: str, rank: int = WORD) -> Completion:
    keyword = WORDS.get(word)
    return Completion(
        word,
        "keyword",
        context.span,
        text,
        "" if keyword is None else keyword.form,
        keyword_text(word) or macro_text(word),
        is_snippet="$" in text,
        rank=rank,
    )


def in_map(context: Context) -> tuple[Completion, ...]:
    """Return the words that may stand among a map's attributes."""
    found = []
    if "WHEN" in context.expected:
        found.append(_word(context, "when", ITEM_WORDS["when"].snippet, rank=RARE))
    if "ELSE" in context.expected:
        found.append(_word(context, "else", "else {\n    $0\n}", rank=OTHER))
    return tuple(found)


def operands(context: Context) -> tuple[Completion, ...]:
    """Return the words that an expression may have for an operand."""
    if "SIZEOF" not in context.expected:
        return ()
    text = "sizeof" if following_text(context) == "(" else WORDS["sizeof"].snippet
    return (_word(context, "sizeof", text, rank=OTHER),)


def condition(context: Context) -> tuple[Completion, ...]:
    """Return the words that a condition may ask with."""
    if context.text(1) == "(" and context.text(2) == "defined":
        return ()
    return tuple(
        _word(context, word, WORDS[word].snippet) for word in ("defined", "KERNEL_VERSION")
    )


def units(context: Context) -> tuple[Completion, ...]:
    """Return the units that may follow a number."""
    return tuple(
        Completion(unit, "unit", context.span, unit, WORDS[unit].meaning)
        for unit in ("KiB", "MiB", "GiB")
    )


def type_words(context: Context) -> tuple[Completion, ...]:
    """Return the words of C that a type may have at the place."""
    expected = context.expected
    found: list[Completion] = []
    if "BUILTIN" in expected:
        found += [Completion(word, "type", context.span, word, rank=WORD) for word in BUILTIN_WORDS]
    for terminal, words in (("COMPOSITE", ("struct", "union")), ("ENUM", ("enum",))):
        if terminal in expected and not context.begins_item():
            found += [_word(context, word, word) for word in words]
    return tuple(found)


def by_grammar(context: Context, known: Iterable[Completion]) -> list[Completion]:
    """Return the words that the grammar takes at the place and that aren't *known* already.

    Where a name may stand, which may be a new one, only those that go on with what is typed.
    """
    labels = {item.label for item in known}
    tables = current_tables()
    may_be_name = "NAME" in context.expected
    of_map = context.is_at_name_of_map()
    found = []
    for word, terminal in (*tables.HARD_WORDS.items(), *tables.SOFT_WORDS.items()):
        is_meant = bool(context.word) or not may_be_name or terminal == context.kind(1) == "BUILTIN"
        if (
            terminal in context.expected
            and is_meant
            and (terminal != "UNIT" or context.word or context.kind(1) == "NUMBER")
            and (terminal == "ATTRIBUTE" or not of_map)
            and word not in labels
            and word.startswith(context.word)
            and (terminal not in _ITEM_TERMINALS or context.begins_item())
        ):
            text = _MACROS.get(word, word)
            if of_map:
                text = f"{word}(({_SNIPPETS[_OF_MAPS]}))"
            if following_text(context) not in ("", ":" if of_map else ""):
                text = word
            found.append(_word(context, word, text, rank=RARE))
    return found


def gnu_attributes(context: Context) -> tuple[Completion, ...]:
    """Return the attributes that the language understands, for `__attribute__((…))`."""
    names = [_OF_MAPS] if context.is_at_name_of_map() else sorted(UNDERSTOOD)
    return tuple(
        Completion(
            name,
            "attribute",
            context.span,
            _SNIPPETS.get(name, name),
            documentation=GNU_ATTRIBUTES.get(name, ""),
            is_snippet=name in _SNIPPETS,
        )
        for name in names
    )


def targets(context: Context) -> tuple[Completion, ...]:
    """Return what a file can aim at."""
    is_bare = following_text(context) in ("", ";")
    return tuple(
        Completion(
            name,
            "target",
            context.span,
            f"{name} >= ${{1:{kind.example}}};" if not following_text(context) else name,
            kind.title,
            target_text(name),
            is_snippet=not following_text(context),
            rank=USUAL if is_bare else OTHER,
        )
        for name, kind in TARGETS.items()
    )


def versions(context: Context) -> tuple[Completion, ...] | None:
    """Return the versions of what the target names, the newest first; None where none can stand.

    They replace all of a version that is there, whose beginning is no word to the grammar.
    """
    span = _number_around(context)
    back = 0 if span.start == context.span.start else 1
    before = "" if context.text(back + 1) in _RELATIONS else ">= "
    named = back + 1 if before else back + 2
    if context.kind(named + 1) != "TARGET" or context.kind(named) != "NAME":
        return None  # or `target` is a name
    kind = TARGETS.get(context.text(named))
    if kind is None:
        return None
    known = [
        (major, minor)
        for major, last in sorted(kind.last_minors.items(), reverse=True)
        for minor in range(last, -1, -1)
    ]
    return tuple(
        Completion(
            f"{before}{format_version(version)}",
            "version",
            span,
            f"{before}{format_version(version)}",
            rank=min(number, 99),
            filter=format_version(version) if back else "",
        )
        for number, version in enumerate(known)
    )


def _number_around(context: Context) -> Span:
    """Return the digits and points around *context*; of none an empty span at its place."""
    source, start, end = context.span.source, context.span.start, context.span.end
    text = source.text
    if context.word:
        return context.span
    while start and text[start - 1] in _VERSION:
        start -= 1
    while end < len(text) and text[end] in _VERSION:
        end += 1
    return Span(source, start, end)
