"""Names that could be typed: types, constants, maps, programs, templates, macros."""

from __future__ import annotations

import os
from itertools import islice

from bpfgen.ctype.describe import counted, described
from bpfgen.ctype.sizes import sizeof
from bpfgen.ctype.types import Composite, Constant, Int, underlying
from bpfgen.editor.completion_item import (
    FIRST,
    LIKELY,
    OTHER,
    RARE,
    USUAL,
    WORD,
    Completion,
    Completions,
)
from bpfgen.editor.headers_text import names_beginning
from bpfgen.editor.kernel_names import includes_kernel, names_in_kernel
from bpfgen.editor.visible import BUILT_IN, DECLARED, TYPE_KINDS, USED, type_of, whole
from bpfgen.kernel.map_flags import MAP_FLAGS, OTHER_FLAGS
from bpfgen.kernel.special_fields import NODE_SIZES
from bpfgen.kernel.uapi_headers import CONSTANTS, KERNEL_STRUCTS, STRUCTS
from bpfgen.model.maps import Map, Template
from bpfgen.record import TYPE_CHECKING
from bpfgen.resolve.declared_elsewhere import at_the_top
from bpfgen.syntax.tree import IncludeItem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bpfgen.ctype.types import Type
    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.context import Context
    from bpfgen.editor.visible import Name, Names
    from bpfgen.text.diagnostics import Edit

_ENOUGH = 2
"""Letters of a word from which on what is rarely meant is offered, too."""

_MOST_OF_KERNEL = 200
"""Names of a kernel's types in one list; it has ten thousands."""

_COMMON = frozenset(("__u8", "__u16", "__u32", "__u64", "__s32", "__s64", "__be16", "__be32"))


def types(analysis: Analysis, context: Context, names: Names) -> Completions:
    """Return the types that could stand at *context* without a keyword."""
    found = [
        _type(context, name)
        for name in names.types.values()
        if names.type_named(name.name) is name  # none of that name goes before
        and name.origin != USED
    ]
    more, is_incomplete = _of_headers(analysis, context, found, TYPE_KINDS)
    return Completions((*found, *more), is_incomplete)


def tags(analysis: Analysis, context: Context, names: Names) -> Completions:
    """Return the tags that could follow the `struct`, `union` or `enum` before *context*."""
    keyword = context.text(1)
    if context.begins_type():
        return Completions(())  # one that is declared here has a new name
    found = [
        _type(context, name)
        for name in names.types.values()
        if name.kind == keyword
        and not (name.origin == USED and name.name == context.word)  # itself
    ]
    if keyword == "struct":
        known = {item.label for item in found}
        found += [
            Completion(tag, "struct", context.span, tag, "the kernel's own", rank=RARE)
            for tag in sorted(KERNEL_STRUCTS - known)
        ]
    more, is_incomplete = _of_headers(analysis, context, found, (keyword,))
    return Completions((*found, *more), is_incomplete)


def integers(context: Context, names: Names) -> tuple[Completion, ...]:
    """Return the types that the base of an enum may be."""
    found = [
        _type(context, name)
        for name in map(whole, names.types.values())
        if name.kind == "typedef"
        and (type := type_of(name)) is not None
        and isinstance(underlying(type), Int)
    ]
    words = ("char", "short", "int", "long", "unsigned", "signed")
    return (*found, *(Completion(word, "type", context.span, word, rank=WORD) for word in words))


def _type(context: Context, name: Name) -> Completion:
    detail = name.kind if name.origin == DECLARED else f"{name.kind}, {name.origin}"
    type = type_of(name)
    size = None if type is None else sizeof(type)
    if size is not None:
        detail += f", {counted(size, 'byte')}"
    rank = USUAL
    if name.origin != DECLARED:
        rank = OTHER if name.origin != BUILT_IN or name.name in _COMMON else WORD
    return Completion(name.name, name.kind, context.span, name.name, detail, rank=rank)


def _of_headers(
    analysis: Analysis, context: Context, known: Iterable[Completion], kinds: tuple[str, ...]
) -> tuple[list[Completion], bool]:
    """Return the types of C headers and of a kernel's BTF that aren't *known*, and if that's all.

    Those of headers are the well-known ones; one that isn't included comes with its `include`.
    """
    labels = {item.label for item in known}
    found: list[Completion] = []
    is_incomplete = len(context.word) < _ENOUGH
    if "struct" in kinds:
        before = "struct " if len(kinds) > 1 else ""
        found += _well_known(analysis, context, STRUCTS, labels, "struct", before)
    if not is_incomplete:
        labels.update(item.label for item in found)
        found += _of_texts(analysis, context, labels, kinds)
    if is_incomplete or not includes_kernel(analysis):
        return found, is_incomplete
    names = names_in_kernel(analysis, *kinds)
    matching = (n for n in names if n.startswith(context.word) and n not in labels)
    some = sorted(set(islice(matching, 4 * _MOST_OF_KERNEL)))
    for text in some[:_MOST_OF_KERNEL]:
        found.append(Completion(text, "type", context.span, text, "of the kernel", rank=RARE))
    return found, len(some) > _MOST_OF_KERNEL


def _well_known(
    analysis: Analysis,
    context: Context,
    table: dict[str, str],
    known: set[str],
    kind: str,
    before: str = "",
) -> Iterator[Completion]:
    """Yield the names of *table* that aren't *known*, each with the include that it needs."""
    tree = analysis.tree
    included = {item.path for item in tree.items if isinstance(item, IncludeItem)}
    has_all = '"vmlinux.h"' in included or "kernel" in included
    for header, words in table.items():
        path = f"<{header}>"
        is_there = path in included or has_all
        if not is_there and len(context.word) < _ENOUGH:
            continue
        edits: tuple[Edit, ...] = ()
        for name in words.split():
            if name in known or not name.startswith(context.word):
                continue
            if not is_there and not edits:
                edits = at_the_top(tree, f"include {path};")
            yield Completion(
                name,
                kind,
                context.span,
                f"{before}{name}",
                path if is_there else f"include {path};",
                rank=OTHER if is_there else RARE,
                edits=edits,
            )


def _of_texts(
    analysis: Analysis, context: Context, known: set[str], kinds: tuple[str, ...]
) -> Iterator[Completion]:
    """Yield the names of *kinds* in the headers that the compiler has read, but for *known* ones.

    Without their keyword, as any type may be used that has no typedef of its name.
    """
    read = analysis.compilation.dependencies
    names = names_beginning(context.word, kinds, read, analysis.options.opener)
    for name, (kind, path) in islice(names.items(), _MOST_OF_KERNEL):
        if name not in known:
            yield Completion(name, kind, context.span, name, os.path.basename(path), rank=RARE)


def constants(
    analysis: Analysis, context: Context, names: Names, *, own_only: bool = False
) -> Completions:
    """Return the constants that an expression at *context* may use; flags of the kernel last.

    With *own_only* those that are built in, and those of headers, are left out.
    """
    found: list[Completion] = []
    for name in names.constants.values():
        if own_only and name.origin == BUILT_IN:
            continue
        is_flag = name.name in MAP_FLAGS or name.name in OTHER_FLAGS
        value = name.value
        detail = f"= {value.value}" if isinstance(value, Constant) else ""
        rank = USUAL if name.origin == DECLARED else RARE if is_flag else OTHER
        item = Completion(name.name, name.kind, context.span, name.name, detail, rank=rank)
        found.append(item)
    if own_only:
        return Completions(tuple(found))
    labels = {item.label for item in found}
    found += _well_known(analysis, context, CONSTANTS, labels, "constant")
    is_incomplete = len(context.word) < _ENOUGH
    if not is_incomplete:
        labels.update(item.label for item in found)
        found += _of_texts(analysis, context, labels, ("constant",))
    if is_incomplete or not includes_kernel(analysis):
        return Completions(tuple(found), is_incomplete)
    matching = (name for name in names_in_kernel(analysis) if name.startswith(context.word))
    some = sorted(set(islice(matching, 4 * _MOST_OF_KERNEL)) - labels)
    for text in some[:_MOST_OF_KERNEL]:
        found.append(Completion(text, "constant", context.span, text, "of the kernel", rank=RARE))
    return Completions(tuple(found), len(some) > _MOST_OF_KERNEL)


def condition_names(analysis: Analysis, context: Context, names: Names) -> list[Completion]:
    """Return the names that a condition may ask for: macros, constants, what `-D` and `-U` say."""
    found = [Completion(one, "macro", context.span, one, rank=LIKELY) for one in names.macros]
    if context.text(1) == "(" and context.text(2) == "defined":
        return found
    found += [
        Completion(name.name, name.kind, context.span, name.name)
        for name in names.constants.values()
        if name.origin != BUILT_IN
    ]
    options = analysis.options
    given = [*options.definitions, *options.undefined]
    labels = {item.label for item in found}
    return found + [
        Completion(one, "macro", context.span, one, "given by -D or -U", rank=OTHER)
        for one in dict.fromkeys(given)
        if one not in labels
    ]


def map_detail(name: Name) -> str:
    """Return the kind of the map or template *name*, or what else it is."""
    value = name.value
    return value.shape.kind.name if isinstance(value, (Map, Template)) else name.kind


def templates(context: Context, names: Names) -> tuple[Completion, ...]:
    """Return the templates, which stand where a kind does."""
    return tuple(
        Completion(
            name.name,
            "template",
            context.span,
            name.name,
            f"template, {map_detail(name)}",
            rank=FIRST,
        )
        for name in names.templates.values()
    )


def contained(context: Context, names: Names) -> list[Completion]:
    """Return the structs, or the members of one, that `__contains(type, member)` may name."""
    frame = context.frame
    assert frame is not None
    nodes = set(NODE_SIZES)
    if context.commas(frame):
        struct = names.types.get(("struct", context.tokens.texts[frame.opened + 1]))
        type = None if struct is None else type_of(struct)
        if not isinstance(type, Composite):
            return []
        return [
            Completion(member.name, "member", context.span, member.name, described(member.type))
            for member in type.members
            if member.name is not None and _tag(member.type) in nodes
        ]
    found = []
    for name in names.types.values():
        type = type_of(name)
        if name.kind == "struct" and name.origin != BUILT_IN:
            holds = isinstance(type, Composite) and any(
                _tag(member.type) in nodes for member in type.members
            )
            rank = LIKELY if holds else OTHER
            found.append(Completion(name.name, "struct", context.span, name.name, rank=rank))
    return found


def _tag(type: Type) -> str | None:
    bare = underlying(type)
    return bare.tag if isinstance(bare, Composite) else None
