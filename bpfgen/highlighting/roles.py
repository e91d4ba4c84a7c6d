"""What a token means to a reader, and what each engine calls that."""

from __future__ import annotations

from bpfgen.record import Record


class Role(Record):
    """One row of :data:`ROLES`.

    Attributes:
        name: What the description calls it.
        scope: The scope of TextMate, without the language's name at its end.
        token: The token type of Pygments, with dots.
        group: The group of Vim that it is linked to by default.
    """

    name: str
    scope: str
    token: str
    group: str


ROLES = {
    role.name: role
    for role in (
        Role("storage", "storage.type", "Keyword.Declaration", "Structure"),
        Role("modifier", "storage.modifier", "Keyword.Reserved", "StorageClass"),
        Role("directive", "keyword.control.directive", "Keyword.Namespace", "Include"),
        Role("condition", "keyword.control.conditional", "Keyword", "Conditional"),
        Role("word_operator", "keyword.operator.word", "Operator.Word", "Keyword"),
        Role("attribute_macro", "storage.modifier.attribute", "Name.Decorator", "PreProc"),
        Role("kind", "support.class.kind", "Name.Builtin", "Special"),
        Role("builtin", "storage.type.built-in", "Keyword.Type", "Type"),
        Role("type", "entity.name.type", "Name.Class", "Type"),
        Role("map", "entity.name.function.map", "Name.Entity", "Function"),
        Role("function", "entity.name.function", "Name.Function", "Function"),
        Role("variable", "variable.other", "Name.Variable", "bpfmapNothing"),
        Role("attribute", "entity.other.attribute-name", "Name.Attribute", "Identifier"),
        Role("constant", "variable.other.constant", "Name.Constant", "Constant"),
        Role("word_value", "constant.language", "Keyword.Constant", "Boolean"),
        Role("number", "constant.numeric", "Number", "Number"),
        Role("unit", "keyword.other.unit", "Keyword.Pseudo", "Number"),
        Role("string", "string.quoted", "String", "String"),
        Role("character", "string.quoted.single", "String.Char", "Character"),
        Role("comment", "comment", "Comment", "Comment"),
        Role("doc", "comment.documentation", "Comment.Special", "SpecialComment"),
        Role("allowance", "comment.line.directive", "Comment.Preproc", "Todo"),
        Role("preprocessor", "meta.preprocessor", "Comment.PreprocFile", "PreProc"),
        Role("operator", "keyword.operator", "Operator", "Operator"),
        Role("punctuation", "punctuation", "Punctuation", "Delimiter"),
    )
}
"""By name. No two have one token type or one scope, so that a test can tell them apart."""
