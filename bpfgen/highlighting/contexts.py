"""Which tokens mean what: contexts on a stack, with the rules of each.

A context is entered by a rule, which may take a token or just look ahead, and left where its end
matches, which is tried before its rules. So one thing after another is one context in another: the
kind of a map begins a context in that of its `:`, and all of them end before the `;`. What a map
without a `;` is followed by is in the last of them, which has the rules of a file, too.

Expressions are those of Python's `re` that Oniguruma and Vim have as well, see vim.py; none looks
beyond its line, since TextMate can't.
"""

from __future__ import annotations

from bpfgen.highlighting.words import (
    PINNING_WORDS,
    RUNTIME,
    any_of,
    integer_types,
    kinds,
    spellings,
    targets,
)
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    Rules: TypeAlias = tuple["Rule | str", ...]

FILE = "file"
"""The context that a text begins in."""

_NAME = r"\b[A-Za-z_][A-Za-z0-9_]*\b"
_ITEM_END = r"(?=[;}])"
_GAP = r"\s*(?:/\*(?:[^*]|\*(?!/))*\*/\s*)*"
"""Blanks and comments, as far as the line goes."""

_LINE_END = r"(?://|/\*|$)"
"""After a gap: what follows stands on another line."""

_BODY_FOLLOWS = rf"(?={_GAP}(?:\(|{_LINE_END}))"
_ASSIGNED = rf"(?={_GAP}=(?!=))"
_CALLED = rf"(?={_GAP}\()"
_NEXT_ITEM = (
    r"^(?=(?:(?:weak|extern|legacy)[ \t]+)?(?:map|template)[ \t]+[A-Za-z_][A-Za-z0-9_]*[ \t]*:)"
)
"""A line that surely begins an item: what was left open above it doesn't reach it."""


class Rule(Record):
    """What *pattern* matches means *role*; *enters* is the context that it begins, or empty."""

    pattern: str
    role: str = ""
    enters: str = ""


class Context(Record):
    """Rules, the earlier first; a name among them stands for those of that set.

    Attributes:
        end: What ends it; empty for what the text alone ends.
        end_role: What the end means, where it takes a token.
        inside: What all means that no rule matches.
    """

    rules: Rules
    end: str = ""
    end_role: str = ""
    inside: str = ""


class Description(Record):
    """The contexts, and the sets of rules that they share, by name."""

    contexts: Mapping[str, Context]
    sets: Mapping[str, Rules]

    def rules_of(self, name: str) -> list[Rule]:
        """Return all rules of the context *name*, in order, each once."""
        return list(dict.fromkeys(self._flat(self.contexts[name].rules)))

    def _flat(self, rules: Rules) -> Iterator[Rule]:
        for rule in rules:
            if isinstance(rule, str):
                yield from self._flat(self.sets[rule])
            else:
                yield rule


def description() -> Description:
    """Return the description of the language."""
    contexts = {**_comments(), FILE: Context(("items",)), **_items(), **_maps(), **_expressions()}
    sets: dict[str, Rules] = {**_shared_sets(), "items": _item_rules()}
    for environment in _ENVIRONMENTS:
        contexts.update(_declared(environment, sets))
    contexts.update(_bodies())
    return Description(contexts, sets)


def _open(end: str) -> str:
    """Return *end*, or where the next item surely begins."""
    return f"{end}|{_NEXT_ITEM}"


# What may stand anywhere.


def _comments() -> dict[str, Context]:
    return {
        "block_comment": Context((), r"\*/", "comment", "comment"),
        "block_doc": Context((), r"\*/", "doc", "doc"),
        "preprocessor": Context((Rule(r"\\\r?\n", "preprocessor"),), r"(?=\n)", "", "preprocessor"),
    }


def _shared_sets() -> dict[str, Rules]:
    words = {name: any_of(spellings(name)) for name in ("QUALIFIER", "BUILTIN", "COMPOSITE")}
    macros = [word for name in ("TAG_MACRO", "PACKED") for word in spellings(name)]
    called = [word for name in ("ALIGNED", "ALIGNAS") for word in spellings(name)]
    between: Rules = (
        Rule(r"//[ \t]*bpfgen:[^\r\n]*", "allowance"),
        Rule(r"///(?!/)[^\r\n]*", "doc"),
        Rule(r"//[^\r\n]*", "comment"),
        Rule(r"/\*\*(?![*/])", "doc", "block_doc"),
        Rule(r"/\*", "comment", "block_comment"),
        Rule(r"#", "preprocessor", "preprocessor"),
    )
    attributes: Rules = (
        Rule(any_of(spellings("ATTRIBUTE")) + _BODY_FOLLOWS, "attribute_macro", "gnu"),
        Rule(any_of(called) + _BODY_FOLLOWS, "attribute_macro", "aligned"),
        Rule(any_of(spellings("CONTAINS")) + _BODY_FOLLOWS, "attribute_macro", "contains"),
        Rule(any_of(macros), "attribute_macro"),
    )
    stray: Rules = (
        Rule(r'"[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*"?', "string"),
        Rule(r"[;,()\[\]{}]", "punctuation"),
        Rule(r"[-+*/%<>=!&^|~?:.]+", "operator"),
    )
    literals: Rules = (
        Rule(r"\b[0-9](?:[eEpP][+-]|'?[0-9A-Za-z_]|\.)*", "number"),
        Rule(r"(?:\b(?:u8|[uUL]))?'[^'\\\r\n]*(?:\\[^\r\n][^'\\\r\n]*)*'", "character"),
    )
    return {
        "between": between,
        "stray": stray,
        "qualifiers": ("attributes", Rule(words["QUALIFIER"], "modifier")),
        "attributes": attributes,
        "operands": (
            *literals,
            Rule(any_of(spellings("UNIT")), "unit"),
            Rule(any_of(spellings("SIZEOF")) + _BODY_FOLLOWS, "word_operator", "sizeof"),
            Rule(words["QUALIFIER"], "modifier"),
            Rule(words["BUILTIN"], "builtin"),
            Rule(words["COMPOSITE"], "storage", "tag"),
            Rule(any_of(spellings("ENUM")), "storage", "tag"),
            Rule(any_of(integer_types()), "type"),
            Rule(rf"\b{RUNTIME}\b", "word_value"),
        ),
        "expression": (
            "between",
            "operands",
            Rule(_NAME, "constant"),
            Rule(r"\(", "punctuation", "parenthesis"),
            Rule(r"\[", "punctuation", "bracket"),
            Rule(r"\{", "punctuation", "brace"),
            "stray",
        ),
        # Types without a declared name, as arguments of a kind, in `sizeof` and in casts.
        "types": (
            "between",
            "qualifiers",
            Rule(any_of(kinds()) + rf"(?={_GAP}<)", "kind"),
            Rule(words["BUILTIN"], "builtin"),
            Rule(words["COMPOSITE"], "storage", "tag"),
            Rule(any_of(spellings("ENUM")), "storage", "enum_tag"),
            Rule(_NAME, "type"),
            Rule(r"<", "punctuation", "arguments"),
            Rule(r"\[", "punctuation", "bracket"),
            Rule(r"\{", "punctuation", "attributes"),
            Rule(r"\(", "punctuation", "parameters"),
            Rule(r"\*", "operator"),
        ),
    }


# A file.


def _item_rules() -> Rules:
    words = {name: any_of(spellings(name)) for name in ("TYPEDEF", "IMPORT", "TARGET", "MACRO")}
    linkage = any_of([word for name in ("WEAK", "EXTERN", "LEGACY") for word in spellings(name)])
    maps = any_of([word for name in ("MAP", "TEMPLATE") for word in spellings(name)])
    return (
        "between",
        Rule(r"\binclude(?=[ \t]*[<\"])", "directive", "include"),
        Rule(rf"\binclude(?=[ \t]+kernel\b{_GAP}(?:;|{_LINE_END}))", "directive", "include"),
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


def _items() -> dict[str, Context]:
    return {
        "include": Context(
            (Rule(r"<[^<>\r\n]*>?", "string"), Rule(r"\bkernel\b", "directive"), "stray"),
            _open(_ITEM_END),
        ),
        "target": Context(
            (
                "between",
                Rule(any_of(targets()), "word_value"),
                Rule(r"\b[0-9][0-9A-Za-z_.]*", "number"),
                Rule(_NAME, "word_value"),
                "stray",
            ),
            _open(_ITEM_END),
        ),
        "macros": Context(("between", Rule(_NAME, "constant"), "stray"), _open(_ITEM_END)),
        "const": Context(
            (
                "between",
                "const_words",
                Rule(_NAME + rf"(?={_GAP}[A-Za-z_*(])", "type", "const_declarators"),
                Rule(_NAME, "constant", "value"),
                "stray",
            ),
            _open(_ITEM_END),
        ),
        "value": Context(("expression",), _open(_ITEM_END)),
        "typedef": Context(("between", "type_specifiers", "stray"), _open(_ITEM_END)),
        "when": Context(
            (
                "between",
                Rule(any_of(spellings("WHEN")), "condition"),
                Rule(r"\(", "punctuation", "condition"),
                Rule(r"\{", "punctuation", "block"),
                "stray",
            ),
            _open(r"(?<=})|(?=[;}])"),
        ),
        "block": Context(("items",), r"}", "punctuation"),
        "condition": Context(
            (
                "between",
                Rule(r"\bdefined\b", "word_operator"),
                "operands",
                Rule(_NAME + _CALLED, "function"),
                Rule(r"\(", "punctuation", "condition"),
                "expression",
            ),
            r"\)",
            "punctuation",
        ),
    }


def _maps() -> dict[str, Context]:
    return {
        "map": Context(
            (
                "between",
                "attributes",
                Rule(r":", "operator", "shape"),
                Rule(_NAME, "map"),
                "stray",
            ),
            _open(_ITEM_END),
        ),
        "shape": Context(
            (
                "between",
                Rule(any_of(kinds()), "kind", "shaped"),
                Rule(_NAME, "type", "shaped"),
                "stray",
            ),
            _open(_ITEM_END),
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
            _open(_ITEM_END),
        ),
        "arguments": Context(("types", "stray"), _open(r">|(?=;)"), "punctuation"),
        "attributes": Context(
            (
                "between",
                Rule(any_of(spellings("WHEN")), "condition"),
                Rule(any_of(spellings("ELSE")), "condition"),
                Rule(any_of(spellings("TYPE_ATTRIBUTE")), "attribute", "type_value"),
                Rule(r"\bpinning\b", "attribute", "pinning"),
                Rule(_NAME, "attribute", "number_value"),
                Rule(r"\(", "punctuation", "condition"),
                Rule(r"\{", "punctuation", "attributes"),
                "stray",
            ),
            _open(r"}"),
            "punctuation",
        ),
        "type_value": Context(
            ("between", Rule(r"=", "operator"), "types", "stray"), _open(_ITEM_END)
        ),
        "pinning": Context(
            ("between", Rule(any_of(list(PINNING_WORDS)), "word_value"), "expression"),
            _open(_ITEM_END),
        ),
        "number_value": Context(("expression",), _open(_ITEM_END)),
        "slots": Context(
            ("between", Rule(r"\{", "punctuation", "slot_list"), "items"), _open(_ITEM_END)
        ),
        "slot_list": Context(
            (
                "between",
                Rule(r"\[", "punctuation", "bracket"),
                Rule(r"\(", "punctuation", "type"),
                Rule(_NAME, "variable"),
                "stray",
            ),
            _open(r"}"),
            "punctuation",
        ),
    }


def _expressions() -> dict[str, Context]:
    closed = {"parenthesis": r"\)", "bracket": r"\]", "brace": r"}"}
    expressions = {
        name: Context(("expression",), _open(end), "punctuation") for name, end in closed.items()
    }
    after = _open(r"(?<=\))|(?=[;}])")
    tag = Context(
        (
            "between",
            "qualifiers",
            Rule(r"\{", "punctuation", "members"),
            Rule(_NAME, "type"),
        ),
        _open(r"(?=[^\sA-Za-z0-9_/#{}])|(?<=})"),
    )
    enum_tag = replaced_rule(tag, Rule(r"\{", "punctuation", "enumerators"))
    return {
        **expressions,
        "sizeof": Context(("between", Rule(r"\(", "punctuation", "type"), "stray"), after),
        "type": Context(("types", "stray"), _open(r"\)"), "punctuation"),
        "tag": tag,
        "enum_tag": enum_tag,
        "gnu": Context(("between", Rule(r"\(", "punctuation", "gnu_list"), "stray"), after),
        "gnu_list": Context(
            (
                "between",
                Rule(r"\(", "punctuation", "gnu_names"),
                "stray",
            ),
            _open(r"\)"),
            "punctuation",
        ),
        "gnu_names": Context(
            (
                "between",
                Rule(_NAME, "attribute"),
                Rule(r"\(", "punctuation", "parenthesis"),
                "stray",
            ),
            _open(r"\)"),
            "punctuation",
        ),
        "aligned": Context(("between", Rule(r"\(", "punctuation", "parenthesis"), "stray"), after),
        "contains": Context(("between", Rule(r"\(", "punctuation", "contained"), "stray"), after),
        "contained": Context(
            (
                "between",
                Rule(_NAME + rf"(?={_GAP}(?:,|{_LINE_END}))", "type"),
                Rule(_NAME, "variable"),
                "stray",
            ),
            _open(r"\)"),
            "punctuation",
        ),
    }


def replaced_rule(context: Context, rule: Rule) -> Context:
    """Return *context* with *rule* in the place of the one of the same pattern."""
    rules = tuple(
        rule if isinstance(old, Rule) and old.pattern == rule.pattern else old
        for old in context.rules
    )
    return Context(rules, context.end, context.end_role, context.inside)


# Declarations of C. In each environment what is declared means something else, and ends elsewhere.

_ENVIRONMENTS = {
    "global": (
        _ITEM_END,
        (Rule(_NAME + _ASSIGNED, "constant"), Rule(_NAME + _BODY_FOLLOWS, "function")),
    ),
    "const": (_ITEM_END, (Rule(_NAME + _CALLED, "function"), Rule(_NAME, "constant"))),
    "type": (_ITEM_END, (Rule(_NAME, "type"),)),
    "member": (_ITEM_END, ()),
    "parameter": (r"(?=[,);}])", ()),
}
"""By name: where a declaration ends, and what declared names mean that are no variables."""


def _declared(environment: str, sets: dict[str, Rules]) -> dict[str, Context]:
    """Return the contexts of *environment*, and add its sets to *sets*."""
    end, special = _ENVIRONMENTS[environment]
    names = (*special, Rule(_NAME, "variable"))
    after, tagged = f"{environment}_declarators", f"{environment}_tagged"
    enum, enumerated = f"{environment}_enum", f"{environment}_enumerated"
    base = f"{environment}_base"
    sets[f"{environment}_words"] = (
        "qualifiers",
        Rule(any_of(spellings("COMPOSITE")), "storage", tagged),
        Rule(any_of(spellings("ENUM")), "storage", enum),
        Rule(any_of(spellings("BUILTIN")), "builtin", after),
    )
    sets[f"{environment}_specifiers"] = (f"{environment}_words", Rule(_NAME, "type", after))
    suffixes: Rules = (
        Rule(
            rf"\((?={_GAP}(?:[*(]|{_NAME}{_GAP}\){_GAP}[(\[]))",
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
    return {
        after: Context(declarators, _open(end)),
        tagged: Context(
            (
                "between",
                "qualifiers",
                Rule(r"(?=\{)", "", after),
                Rule(_NAME, "type", after),
                *suffixes,
                "stray",
            ),
            _open(end),
        ),
        enum: Context(
            (
                "between",
                "qualifiers",
                Rule(r"(?=[{:])", "", enumerated),
                Rule(_NAME, "type", enumerated),
                "stray",
            ),
            _open(end),
        ),
        enumerated: Context(
            (
                "between",
                "qualifiers",
                Rule(r"\{", "punctuation", "enumerators"),
                Rule(r":", "operator", base),
                *(Rule(rule.pattern, rule.role, after) for rule in names),
                *suffixes,
                "stray",
            ),
            _open(end),
        ),
        base: Context(
            (
                "between",
                Rule(r"\{", "punctuation", "enumerators"),
                Rule(any_of(spellings("BUILTIN")), "builtin", f"{environment}_based"),
                Rule(_NAME, "type", f"{environment}_based"),
                "stray",
            ),
            _open(end),
        ),
        f"{environment}_based": Context(
            (
                "between",
                Rule(r"\{", "punctuation", "enumerators"),
                builtin,
                *(Rule(rule.pattern, rule.role, after) for rule in names),
                *suffixes,
                "stray",
            ),
            _open(end),
        ),
        f"{environment}_nested": Context(
            ("between", "qualifiers", *names, *suffixes, "stray"), _open(r"\)"), "punctuation"
        ),
    }


def _bodies() -> dict[str, Context]:
    return {
        "members": Context(("between", "member_specifiers", "stray"), _open(r"}"), "punctuation"),
        "width": Context(("between", "attributes", "expression"), _open(r"(?=[,;}])")),
        "parameters": Context(
            ("between", "parameter_specifiers", "stray"), _open(r"\)"), "punctuation"
        ),
        "enumerators": Context(
            (
                "between",
                "attributes",
                Rule(_NAME, "constant"),
                Rule(r"=", "operator", "enumerator"),
                "stray",
            ),
            _open(r"}"),
            "punctuation",
        ),
        "enumerator": Context(("expression",), _open(r"(?=[,}])")),
    }
