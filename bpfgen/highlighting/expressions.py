"""What may stand anywhere, and expressions with their types, as contexts."""

from __future__ import annotations

from bpfgen.highlighting.rules import (
    BODY_FOLLOWS,
    GAP,
    LINE_END,
    NAME,
    Context,
    Rule,
    ended,
)
from bpfgen.highlighting.words import RUNTIME, any_of, integer_types, kinds, spellings
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.highlighting.rules import Rules


def comments() -> dict[str, Context]:
    """Return the contexts of what means nothing, line by line."""
    return {
        "block_comment": Context((), r"\*/", "comment", "comment"),
        "block_doc": Context((), r"\*/", "doc", "doc"),
        "preprocessor": Context((Rule(r"\\\r?\n", "preprocessor"),), r"(?=\n)", "", "preprocessor"),
    }


def shared_sets() -> dict[str, Rules]:
    """Return the sets of rules that several contexts have, by name."""
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
        Rule(any_of(spellings("ATTRIBUTE")) + BODY_FOLLOWS, "attribute_macro", "gnu"),
        Rule(any_of(called) + BODY_FOLLOWS, "attribute_macro", "aligned"),
        Rule(any_of(spellings("CONTAINS")) + BODY_FOLLOWS, "attribute_macro", "contains"),
        Rule(any_of(macros), "attribute_macro"),
    )
    stray: Rules = (
        Rule(r'"[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*"?', "string"),
        Rule(r"[;,()\[\]{}]", "punctuation"),
        Rule(r"(?:(?!/[/*])[-+*/%<>=!&^|~?:.])+", "operator"),
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
            Rule(any_of(spellings("SIZEOF")) + BODY_FOLLOWS, "word_operator", "sizeof"),
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
            Rule(NAME, "constant"),
            Rule(r"\(", "punctuation", "parenthesis"),
            Rule(r"\[", "punctuation", "bracket"),
            Rule(r"\{", "punctuation", "brace"),
            "stray",
        ),
        # Types without a declared name, as arguments of a kind, in `sizeof` and in casts.
        "types": (
            "between",
            "qualifiers",
            Rule(any_of(kinds()) + rf"(?={GAP}<)", "kind"),
            Rule(words["BUILTIN"], "builtin"),
            Rule(words["COMPOSITE"], "storage", "tag"),
            Rule(any_of(spellings("ENUM")), "storage", "enum_tag"),
            Rule(NAME, "type"),
            Rule(r"<", "punctuation", "arguments"),
            Rule(r"\[", "punctuation", "bracket"),
            Rule(r"\{", "punctuation", "attributes"),
            Rule(r"\(", "punctuation", "parameters"),
            Rule(r"\*", "operator"),
        ),
    }


def expressions() -> dict[str, Context]:
    """Return the contexts of parentheses and brackets, of types in them, and of attributes."""
    closed = {"parenthesis": r"\)", "bracket": r"\]", "brace": r"}"}
    expressions = {
        name: Context(("expression",), ended(end), "punctuation") for name, end in closed.items()
    }
    after = ended(r"(?<=\))|(?=[;}])")
    tag = Context(
        (
            "between",
            "qualifiers",
            Rule(r"\{", "punctuation", "members"),
            Rule(NAME, "type"),
        ),
        ended(r"(?=[^\sA-Za-z0-9_/#{}])|(?<=})"),
    )
    enum_tag = _with_rule(tag, Rule(r"\{", "punctuation", "enumerators"))
    return {
        **expressions,
        "sizeof": Context(("between", Rule(r"\(", "punctuation", "type"), "stray"), after),
        "type": Context(("types", "stray"), ended(r"\)"), "punctuation"),
        "tag": tag,
        "enum_tag": enum_tag,
        "gnu": Context(("between", Rule(r"\(", "punctuation", "gnu_list"), "stray"), after),
        "gnu_list": Context(
            (
                "between",
                Rule(r"\(", "punctuation", "gnu_names"),
                "stray",
            ),
            ended(r"\)"),
            "punctuation",
        ),
        "gnu_names": Context(
            (
                "between",
                Rule(NAME, "attribute"),
                Rule(r"\(", "punctuation", "parenthesis"),
                "stray",
            ),
            ended(r"\)"),
            "punctuation",
        ),
        "aligned": Context(("between", Rule(r"\(", "punctuation", "parenthesis"), "stray"), after),
        "contains": Context(("between", Rule(r"\(", "punctuation", "contained"), "stray"), after),
        "contained": Context(
            (
                "between",
                Rule(NAME + rf"(?={GAP}(?:,|{LINE_END}))", "type"),
                Rule(NAME, "variable"),
                "stray",
            ),
            ended(r"\)"),
            "punctuation",
        ),
    }


def _with_rule(context: Context, rule: Rule) -> Context:
    """Return *context* with *rule* in the place of the one of the same pattern."""
    rules = tuple(
        rule if isinstance(old, Rule) and old.pattern == rule.pattern else old
        for old in context.rules
    )
    return Context(rules, context.end, context.end_role, context.inside)
