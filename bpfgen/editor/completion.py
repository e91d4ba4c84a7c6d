"""What could be typed at a place of a text, with what is to be known of it.

The grammar says which sorts of things could stand there (:mod:`bpfgen.editor.context`), the tables
and the names of the text what there is of them; the modules that begin with `completion_` make the
lists. It is made for the middle of a broken line.
"""

from __future__ import annotations

from bpfgen.editor import completion_maps as maps
from bpfgen.editor import completion_names as names_of
from bpfgen.editor import completion_words as words
from bpfgen.editor.completion_files import allowance_codes, imported_files, included_headers
from bpfgen.editor.completion_item import Completion, Completions
from bpfgen.editor.completion_slots import slot_targets
from bpfgen.editor.context import CALL, CONDITION, ENUMERATORS, SLOTS, context_at
from bpfgen.editor.kernel_names import kernel_constant, kernel_type
from bpfgen.editor.places import kind_around
from bpfgen.editor.table_text import code_text
from bpfgen.editor.value_text import name_text
from bpfgen.editor.visible import CONSTANT_KINDS, TYPE_KINDS, Names
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import BROKEN

if TYPE_CHECKING:
    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.context import Context

__all__ = ["TRIGGERS", "Completion", "Completions", "completions", "documentation"]

TRIGGERS = (":", "<", ",", "=", "|", '"', "/", "(", "[", " ")
"""Characters after which an editor asks by itself; words it asks for anyhow."""

_BEFORE_BLANK = frozenset(
    (":", "=", "|", ",", ">=", "target", "import", "include", "struct", "union", "enum")
)
"""After what a blank is a reason to ask."""


def completions(analysis: Analysis, offset: int, trigger: str = "") -> Completions:
    """Return what could stand at *offset*, the most likely first.

    *trigger* is the character that was typed if that is why it is asked, one of :data:`TRIGGERS`.
    """
    context = context_at(analysis.tree, offset)
    if context.comment:
        return Completions(allowance_codes(analysis, context))
    if trigger == " " and context.text(1) not in _BEFORE_BLANK:
        return Completions(())
    files = imported_files(analysis, context, offset)
    if files is None:
        files = included_headers(analysis, context, offset)
    if files is not None:
        return Completions(files)
    if context.text(1)[:1] in ('"', "'") and context.kind(1) == BROKEN:
        return Completions(())  # in a string
    found = _in_the_grammar(analysis, context)
    return Completions((*found.items, *words.by_grammar(context, found.items)), found.is_incomplete)


def _in_the_grammar(analysis: Analysis, context: Context) -> Completions:
    """Return what the grammar takes at *context*."""
    names = Names(analysis)
    roles, frame = context.roles, context.frame
    kind = kind_around(context, names)
    if context.kind(1) == "TARGET":
        return Completions(words.targets(context))
    versions = words.versions(context)
    if versions is not None:
        return Completions(versions)
    if _in_condition(context):
        found = names_of.condition_names(analysis, context, names)
        return Completions((*found, *words.condition(context)))
    if "gnu_attribute" in roles:
        return Completions(words.gnu_attributes(context))
    if (
        frame is not None
        and frame.kind == CALL
        and context.tokens.texts[frame.head] == "__contains"
    ):
        return Completions(tuple(names_of.contained(context, names)))
    if "TYPE_ATTRIBUTE" in context.expected:
        return Completions(
            (*maps.attributes(analysis, context, kind, names), *words.in_map(context))
        )
    if "shape" in roles:
        return Completions((*maps.kinds(analysis, context), *names_of.templates(context, names)))
    if "_slot_target" in roles:
        return Completions(slot_targets(analysis, context, names, kind))
    if context.attribute == "pinning":
        return Completions(maps.pinnings(context))
    if context.attribute == "map_flags" and "_primary" in roles:
        flags = maps.flags(analysis, context, kind)
        own = names_of.constants(analysis, context, names, own_only=True)
        return Completions((*flags, *own.items))
    if "_primary" in roles:
        known = names_of.constants(analysis, context, names)
        items = (*maps.runtime(context, kind), *known.items, *words.operands(context))
        if context.text(1) != "(":
            return Completions(items, known.is_incomplete)
        of_cast = names_of.types(analysis, context, names)
        items = (*items, *of_cast.items, *words.type_words(context))
        return Completions(items, known.is_incomplete or of_cast.is_incomplete)
    if roles & {"composite_name", "enum_name"}:
        return names_of.tags(analysis, context, names)
    if "enum_base" in roles:
        return Completions(names_of.integers(context, names))
    if frame is not None and frame.kind in (ENUMERATORS, SLOTS):
        return Completions(())
    if "named_specifiers" in roles:
        return _where_types_stand(analysis, context, names)
    if "UNIT" in context.expected and context.kind(1) in ("NUMBER", "RPAR"):
        return Completions(words.units(context))
    return Completions(words.items(context))


def _in_condition(context: Context) -> bool:
    """Return whether the place is in the parentheses of a `when`, at whatever depth."""
    return any(frame.kind == CONDITION for frame in context.frames)


def _where_types_stand(analysis: Analysis, context: Context, names: Names) -> Completions:
    """Return the types that could stand at *context*, and what else could there."""
    if context.kind(1) == "QUALIFIER" and not context.frames and context.text(1) == "const":
        return Completions(())  # a new constant, most of all
    if context.is_after_map() and not context.begins_line():
        return Completions(words.items(context))
    found = names_of.types(analysis, context, names)
    more: tuple[Completion, ...] = ()
    if maps.takes_inner(context, names):
        more = (*maps.kinds(analysis, context, inner=True), *names_of.templates(context, names))
    items = (*words.items(context), *more, *found.items, *words.type_words(context))
    return Completions(items, found.is_incomplete)


def documentation(analysis: Analysis, kind: str, label: str) -> str:
    """Return what is to be known of the completion *label*, of *kind*, as Markdown; or nothing."""
    names = Names(analysis)
    name = None
    if kind in TYPE_KINDS:
        name = names.types.get((kind, label))
    elif kind == "type":
        name = kernel_type(analysis, label)
    elif kind in CONSTANT_KINDS or kind == "flag":
        name = names.constants.get(label) or kernel_constant(analysis, label)
    elif kind in ("map", "program"):
        name = names.maps.get(label)
    elif kind == "template":
        name = names.templates.get(label)
    elif kind == "macro":
        name = names.macros.get(label)
    elif kind == "code":
        return code_text(label)
    return "" if name is None else name_text(analysis, name)
