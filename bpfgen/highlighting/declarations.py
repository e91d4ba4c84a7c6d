"""Declarations of C, as contexts.

In each environment what is declared means something else, and ends elsewhere.
"""

from __future__ import annotations

from bpfgen.highlighting.rules import (
    ASSIGNED,
    BODY_FOLLOWS,
    CALLED,
    GAP,
    ITEM_END,
    NAME,
    Context,
    Rule,
    ended,
)
from bpfgen.highlighting.words import any_of, spellings
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.highlighting.rules import Rules

ENVIRONMENTS = {
    "global": (
        ITEM_END,
        (Rule(NAME + ASSIGNED, "constant"), Rule(NAME + BODY_FOLLOWS, "function")),
    ),
    "const": (ITEM_END, (Rule(NAME + CALLED, "function"), Rule(NAME, "constant"))),
    "type": (ITEM_END, (Rule(NAME, "type"),)),
    "member": (ITEM_END, ()),
    "parameter": (r"(?=[,);}])", ()),
}
"""By name: where a declaration ends, and what declared names mean that are no variables."""


def declared(environment: str, sets: dict[str, Rules]) -> dict[str, Context]:
    """Return the contexts of *environment*, and add its sets to *sets*."""
    end, special = ENVIRONMENTS[environment]
    names = (*special, Rule(NAME, "variable"))
    after, tagged = f"{environment}_declarators", f"{environment}_tagged"
    enum, enumerated = f"{environment}_enum", f"{environment}_enumerated"
    base = f"{environment}_base"
    sets[f"{environment}_words"] = (
        "qualifiers",
        Rule(any_of(spellings("COMPOSITE")), "storage", tagged),
        Rule(any_of(spellings("ENUM")), "storage", enum),
        Rule(any_of(spellings("BUILTIN")), "builtin", after),
    )
    sets[f"{environment}_specifiers"] = (f"{environment}_words", Rule(NAME, "type", after))
    suffixes: Rules = (
        Rule(
            rf"\((?={GAP}(?:[*(]|{NAME}{GAP}\){GAP}[(\[]))",
            "punctuation",
            f"{environment}_nested",
        ),
        Rule(r"\(", "punctuation", "parameters"),
        Rule(r"\[", "punctuation", "bracket"),
        Rule(r"\*", "operator"),
    )
    builtin = Rule(any_of(spellings("BUILTIN")), "builtin")
    declarators: Rules = (
        "between",
        "qualifiers",
        builtin,
        *names,
        Rule(r":", "operator", "width"),
        Rule(r"=", "operator", "value"),
        Rule(r"\{", "punctuation", "members"),
        *suffixes,
        "stray",
    )
    after_enum: Rules = (
        Rule(r"\{", "punctuation", "enumerators"),
        *(Rule(rule.pattern, rule.role, after) for rule in names),
        *suffixes,
        "stray",
    )
    return {
        after: Context(declarators, ended(end)),
        tagged: Context(
            (
                "between",
                "qualifiers",
                Rule(r"(?=\{)", "", after),
                Rule(NAME, "type", after),
                *suffixes,
                "stray",
            ),
            ended(end),
        ),
        enum: Context(
            (
                "between",
                "qualifiers",
                Rule(r"(?=[{:])", "", enumerated),
                Rule(NAME, "type", enumerated),
                "stray",
            ),
            ended(end),
        ),
        enumerated: Context(
            ("between", "qualifiers", Rule(r":", "operator", base), *after_enum), ended(end)
        ),
        base: Context(
            (
                "between",
                Rule(r"\{", "punctuation", "enumerators"),
                Rule(any_of(spellings("BUILTIN")), "builtin", f"{environment}_based"),
                Rule(NAME, "type", f"{environment}_based"),
                "stray",
            ),
            ended(end),
        ),
        f"{environment}_based": Context(("between", builtin, *after_enum), ended(end)),
        f"{environment}_nested": Context(
            ("between", "qualifiers", *names, *suffixes, "stray"), ended(r"\)"), "punctuation"
        ),
    }


def bodies() -> dict[str, Context]:
    """Return what is inside of braces and parentheses of declarations, in any environment."""
    return {
        "members": Context(("between", "member_specifiers", "stray"), ended(r"}"), "punctuation"),
        "width": Context(("between", "attributes", "expression"), ended(r"(?=[,;}])")),
        "parameters": Context(
            ("between", "parameter_specifiers", "stray"), ended(r"\)"), "punctuation"
        ),
        "enumerators": Context(
            (
                "between",
                "attributes",
                Rule(NAME, "constant"),
                Rule(r"=", "operator", "enumerator"),
                "stray",
            ),
            ended(r"}"),
            "punctuation",
        ),
        "enumerator": Context(("expression",), ended(r"(?=[,}])")),
    }
