"""Mistakes that are recognised as a whole: one message each, and where a machine could, its edits.

After a syntax error, before :mod:`bpfgen.syntax.messages` says what stands there and what could.
A recogniser looks at the tokens around the error and answers for its mistake, or not at all: it
stands for a kind, what people bring from C, Rust or Go, or leave out. The first that answers
counts, so that the ones that know more come first.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes import (
    after_map,
    attributes,
    c,
    conditions,
    constants,
    files,
    maps,
    members,
    rust,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.syntax.mistakes.place import Mistake, Place

RECOGNISERS: tuple[Callable[[Place], Mistake | None], ...] = (
    # What a whole declaration shows.
    conditions.condition_among_members,
    conditions.another_word,
    conditions.without_parentheses,
    conditions.without_braces,
    conditions.else_alone,
    conditions.macro_with_more,
    c.map_in_c,
    c.map_of_bcc,
    c.function_body,
    files.wrong_path,
    files.curly_quotes,
    members.rust_struct,
    members.go_struct,
    members.members_name_first,
    members.class_of_cxx,
    members.misspelt_struct,
    maps.word_before_map,
    maps.attribute_before_map,
    maps.linkage_after_map,
    rust.map_of_aya,
    constants.constant_of_another_language,
    # What the tokens around the error show.
    c.section,
    c.static,
    c.variable,
    members.lost_type,
    members.rust_array,
    members.length_before_name,
    members.default_value,
    members.comma_for_semicolon,
    members.misspelt_decoration,
    constants.constant_without_equals,
    constants.enumerators_in_semicolons,
    constants.unknown_unit,
    constants.digits_in_groups,
    attributes.attribute_as_string,
    attributes.attribute_form,
    after_map.attributes_after_sign,
    maps.entries_in_wrong_place,
    maps.named_types,
    maps.types_without_comma,
    maps.unclosed_angle,
    attributes.values_as_slots,
    attributes.slots_in_brackets,
    attributes.slots_with_colons,
    maps.map_head,
    maps.map_without_word,
)
"""In the order in which they are asked; each says in its docstring what it knows."""


def recognised(place: Place) -> Mistake | None:
    """Return the mistake at *place*, or None if it is none of the known ones."""
    for recogniser in RECOGNISERS:
        found = recogniser(place)
        if found is not None:
            return found
    return None
