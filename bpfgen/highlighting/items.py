"""A file and its maps, as contexts: all that isn't C."""

from __future__ import annotations

from bpfgen.highlighting.rules import (
    CALLED,
    GAP,
    ITEM_END,
    LINE_END,
    NAME,
    Context,
    Rule,
    ended,
)
from bpfgen.highlighting.words import PINNING_WORDS, any_of, kinds, spellings, targets
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.highlighting.rules import Rules


def item_rules() -> Rules:
    """Return the rules of what a file consists of."""
    words = {name: any_of(spellings(name)) for name in ("TYPEDEF", "IMPORT", "TARGET", "MACRO")}
    linkage = any_of([word for name in ("WEAK", "EXTERN", "LEGACY") for word in spellings(name)])
    maps = any_of([word for name in ("MAP", "TEMPLATE") for word in spellings(name)])
    return (
        "between",
        Rule(r"\binclude(?=[ \t]*[<\"])", "directive", "include"),
        Rule(rf"\binclude(?=[ \t]+kernel\b{GAP}(?:;|{LINE_END}))", "directive", "include"),
        Rule(words["IMPORT"], "directive"),
        Rule(words["TARGET"], "directive", "target"),
        Rule(words["MACRO"], "directive", "macros"),
        Rule(any_of(spellings("WHEN")), "condition", "when"),
        Rule(any_of(spellings("ELSE")), "condition", "when"),
        Rule(linkage, "modifier"),
        Rule(maps, "storage", "map"),
        Rule(words["TYPEDEF"], "storage", "typedef"),
        Rule(any_of(["const"]), "modifier", "const"),
        "global_specifiers",
        "stray",
    )


def items() -> dict[str, Context]:
    """Return the contexts of items that are no maps, and of conditions."""
    return {
        "include": Context(
            (
                "between",
                Rule(r"<[^<>\r\n]*>?", "string"),
                Rule(r"\bkernel\b", "directive"),
                "stray",
            ),
            ended(ITEM_END),
        ),
        "target": Context(
            (
                "between",
                Rule(any_of(targets()), "word_value"),
                Rule(r"\b[0-9][0-9A-Za-z_.]*", "number"),
                Rule(NAME, "word_value"),
                "stray",
            ),
            ended(ITEM_END),
        ),
        "macros": Context(("between", Rule(NAME, "constant"), "stray"), ended(ITEM_END)),
        "const": Context(
            (
                "between",
                "const_words",
                Rule(NAME + rf"(?={GAP}[A-Za-z_*(])", "type", "const_declarators"),
                Rule(NAME, "constant", "value"),
                "stray",
            ),
            ended(ITEM_END),
        ),
        "value": Context(("expression",), ended(ITEM_END)),
        "typedef": Context(("between", "type_specifiers", "stray"), ended(ITEM_END)),
        "when": Context(
            (
                "between",
                Rule(any_of(spellings("WHEN")), "condition"),
                Rule(r"\(", "punctuation", "condition"),
                Rule(r"\{", "punctuation", "block"),
                "stray",
            ),
            ended(r"(?<=})|(?=[;}])"),
        ),
        "block": Context(("items",), r"}", "punctuation"),
        "condition": Context(
            (
                "between",
                Rule(r"\bdefined\b", "word_operator"),
                "operands",
                Rule(NAME + CALLED, "function"),
                Rule(r"\(", "punctuation", "condition"),
                "expression",
            ),
            ended(r"\)"),
            "punctuation",
        ),
    }


def maps() -> dict[str, Context]:
    """Return the contexts of a map or template, from its name to its slots."""
    return {
        "map": Context(
            (
                "between",
                "attributes",
                Rule(r":", "operator", "shape"),
                Rule(NAME, "map"),
                "stray",
            ),
            ended(ITEM_END),
        ),
        "shape": Context(
            (
                "between",
                Rule(any_of(kinds()), "kind", "shaped"),
                Rule(NAME, "type", "shaped"),
                "stray",
            ),
            ended(ITEM_END),
        ),
        "shaped": Context(
            (
                "between",
                Rule(r"<", "punctuation", "arguments"),
                Rule(r"\[", "punctuation", "bracket"),
                Rule(r"\{", "punctuation", "attributes"),
                Rule(r"=", "operator", "slots"),
                "items",
            ),
            ended(ITEM_END),
        ),
        "arguments": Context(("types", "stray"), ended(r">|(?=;)"), "punctuation"),
        "attributes": Context(
            (
                "between",
                Rule(any_of(spellings("WHEN")), "condition"),
                Rule(any_of(spellings("ELSE")), "condition"),
                Rule(any_of(spellings("TYPE_ATTRIBUTE")), "attribute", "type_value"),
                Rule(r"\bpinning\b", "attribute", "pinning"),
                Rule(NAME, "attribute", "number_value"),
                Rule(r"\(", "punctuation", "condition"),
                Rule(r"\{", "punctuation", "attributes"),
                "stray",
            ),
            ended(r"}"),
            "punctuation",
        ),
        "type_value": Context(
            ("between", Rule(r"=", "operator"), "types", "stray"), ended(ITEM_END)
        ),
        "pinning": Context(
            ("between", Rule(any_of(list(PINNING_WORDS)), "word_value"), "expression"),
            ended(ITEM_END),
        ),
        "number_value": Context(("expression",), ended(ITEM_END)),
        "slots": Context(
            ("between", Rule(r"\{", "punctuation", "slot_list"), "items"), ended(ITEM_END)
        ),
        "slot_list": Context(
            (
                "between",
                Rule(r"\[", "punctuation", "bracket"),
                Rule(r"\(", "punctuation", "type"),
                Rule(NAME, "variable"),
                "stray",
            ),
            ended(r"}"),
            "punctuation",
        ),
    }
