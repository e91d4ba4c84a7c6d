"""Verification catches things: an object is damaged in one way, and that is what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.diagnostics import ERROR
from tests.compiled import COMPILERS, TARGETS, compile_c, newest
from tests.verify import patch
from tests.verify.patch import Patch
from tests.verify.program import PROGRAM, built, program, told, verified

if TYPE_CHECKING:
    from collections.abc import Callable

    Damage = Callable[[Patch], object]

BYTEORDERS = {"bpfel": "little", "bpfeb": "big"}

KNOWN = {
    "clang-14": (
        "verify-value-type: member `held` of `struct flow` is declared with "
        '`btf_type_tag("kptr")` and emitted without it'
    )
}
"""What a compiler itself damages: clang 14 loses the tag of a pointer to a struct it has defined."""

DAMAGES: dict[str, tuple[Damage, str, tuple[str, ...]]] = {}
"""By name: what to do to the object, and the code and words that must be told."""


def damage(code: str, *words: str) -> Callable[[Damage], Damage]:
    """Register a way of damaging the object, and what must be told about it."""

    def register(do: Damage) -> Damage:
        DAMAGES[do.__name__] = (do, code, words)
        return do

    return register


# -- members ------------------------------------------------------------------------------------


@damage("verify-value-type", "member `bytes` of `struct flow` is emitted as `octets`")
def member_renamed(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "bytes")
    words[at] = p.string("octets")


@damage("verify-value-type", "member `bytes`", "declared at bit 64 and emitted at bit 128")
def member_moved(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "bytes")
    words[at + 2] += 64


@damage("verify-value-type", "member `version`", "declared 3 bits wide and emitted 4 bits wide")
def bit_field_widened(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "version")
    words[at + 2] += 1 << 24


@damage("verify-value-type", "member `mode`", "declared 5 bits wide and emitted as no bit-field")
def bit_field_made_ordinary(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "mode")
    words[at + 2] &= 0xFFFFFF


@damage("verify-value-type", "member `mode`", "declared at bit 131 and emitted at bit 130")
def bit_field_moved(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "mode")
    words[at + 2] -= 1


@damage("verify-value-type", "member `live`", "declared and not emitted")
def member_removed(p: Patch) -> None:
    flow = p.find(patch.STRUCT, "flow")
    p.remove(flow, p.element(flow, "live")[1])


@damage("verify-key-type", "member `extra` of `struct flow_key` is emitted and not declared")
def member_added(p: Patch) -> None:
    words = p.types[p.find(patch.STRUCT, "flow_key")]
    words += [p.string("extra"), p.find(patch.TYPEDEF, "__be16"), 96]
    words[1] += 1


@damage("verify-key-type", "`daddr`", "another order of members")
def members_reordered(p: Patch) -> None:
    words = p.types[p.find(patch.STRUCT, "flow_key")]
    words[3:9] = [*words[6:9], *words[3:6]]


@damage("verify-key-type", "`struct flow_key` is declared with 12 bytes and emitted with 16")
def struct_grown(p: Patch) -> None:
    p.types[p.find(patch.STRUCT, "flow_key")][2] = 16


@damage("verify-key-type", "declared as `struct flow_key` and emitted as `union flow_key`")
def struct_made_union(p: Patch) -> None:
    p.set_kind(p.find(patch.STRUCT, "flow_key"), patch.UNION)


@damage("verify-value-type", "`either`", "as `union either` and emitted as `struct either`")
def union_made_struct(p: Patch) -> None:
    p.set_kind(p.find(patch.UNION, "either"), patch.STRUCT)


@damage("verify-key-type", "as `struct flow_key` and emitted as `struct floe_key`")
def struct_renamed(p: Patch) -> None:
    p.rename(p.find(patch.STRUCT, "flow_key"), "floe_key")


@damage("verify-value-type", "member `v4` of the union of the anonymous member at bit 640", "bit 32")
def anonymous_union_member_moved(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "")
    union, at = p.element(words[at + 1], "v4")
    union[at + 2] = 32


@damage("verify-value-type", "`struct bpf_list_head` is declared with 16 bytes and emitted with 24")
def kernel_struct_grown(p: Patch) -> None:
    p.types[p.find(patch.STRUCT, "bpf_list_head")][2] = 24


@damage("verify-value-type", "member `lock`", "`struct bpf_spin_lock`", "`struct bpf_spin_block`")
def kernel_struct_renamed(p: Patch) -> None:
    p.rename(p.find(patch.STRUCT, "bpf_spin_lock"), "bpf_spin_block")


# -- scalars, enums, arrays, pointers -----------------------------------------------------------


@damage("verify-value-type", "`int`", "declared signed and emitted unsigned")
def signedness_lost(p: Patch) -> None:
    p.types[p.find(patch.INT, "int")][3] &= 0xFEFFFFFF


@damage("verify-value-type", "`_Bool`", "declared as a truth value and emitted unsigned")
def bool_lost(p: Patch) -> None:
    p.types[p.find(patch.INT, "_Bool")][3] &= 0xFBFFFFFF


@damage("verify-value-type", "`unsigned int`", "declared with 4 bytes and emitted with 8")
def integer_grown(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "version")
    wide = list(p.types[words[at + 1]])
    wide[2], wide[3] = 8, 64
    words[at + 1] = p.add(*wide)


@damage("verify-value-type", "`double`", "declared with 8 bytes and emitted with 4")
def float_shrunk(p: Patch) -> None:
    p.types[p.find(patch.FLOAT, "double")][2] = 4


@damage("verify-value-type", "member `live`", "`volatile int`", "emitted as `volatile char`")
def other_scalar(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "live")
    p.types[words[at + 1]][2] = p.find(patch.INT, "char")


@damage("verify-value-type", "enumerator `DROP` of `enum verdict` is declared as 4", "as 5")
def enumerator_changed(p: Patch) -> None:
    words, at = p.element(p.find(patch.ENUM, "verdict"), "DROP")
    words[at + 1] = 5


@damage("verify-value-type", "enumerator `DROP` of `enum verdict` is emitted as `DRIP`")
def enumerator_renamed(p: Patch) -> None:
    words, at = p.element(p.find(patch.ENUM, "verdict"), "DROP")
    words[at] = p.string("DRIP")


@damage("verify-value-type", "enumerator `PASS` of `enum verdict` is declared and not emitted")
def enumerator_removed(p: Patch) -> None:
    verdict = p.find(patch.ENUM, "verdict")
    p.remove(verdict, p.element(verdict, "PASS")[1])


@damage("verify-value-type", "`enum verdict` is emitted with enumerator `LATE`, which isn't declared")
def enumerator_added(p: Patch) -> None:
    words = p.types[p.find(patch.ENUM, "verdict")]
    words += [p.string("LATE"), 5]
    words[1] += 1


@damage("verify-value-type", "`enum verdict` is declared with 1 byte and emitted with 4")
def enum_base_lost(p: Patch) -> None:
    p.types[p.find(patch.ENUM, "verdict")][2] = 4


@damage("verify-value-type", "`enum direction` is declared signed and emitted unsigned")
def enum_sign_lost(p: Patch) -> None:
    p.types[p.find(patch.ENUM, "direction")][1] &= 0x7FFFFFFF


@damage("verify-value-type", "enumerator `HUGE`", "as 9223372036854775808 and emitted as 0")
def wide_enumerator_cut(p: Patch) -> None:
    words, at = p.element(p.find(patch.ENUM64, "huge"), "HUGE")
    words[at + 2] = 0


@damage("verify-value-type", "member `name`", "declared with 16 elements and emitted with 15")
def array_shortened(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "name")
    p.types[words[at + 1]][5] = 15


@damage("verify-value-type", "member `label`", "as `const char *` and emitted as `char *`")
def const_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "label")
    words[at + 1] = p.add(0, patch.PTR << 24, p.find(patch.INT, "char"))


@damage("verify-value-type", "member `live`", "as `volatile int` and emitted as `int`")
def volatile_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "live")
    words[at + 1] = p.find(patch.INT, "int")


@damage("verify-value-type", "member `live`", "as `volatile int` and emitted as `const int`")
def other_qualifier(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "live")
    p.set_kind(words[at + 1], patch.CONST)


@damage("verify-value-type", "member `next`", "`struct flow *` and emitted as `struct item *`")
def pointer_to_another(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "next")
    words[at + 1] = p.add(0, patch.PTR << 24, p.find(patch.STRUCT, "item"))


@damage("verify-value-type", "member `label`", "`const char *` and emitted as `const char`")
def pointer_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "label")
    words[at + 1] = p.types[words[at + 1]][2]


@damage("verify-value-type", "`callback`", "(*)(struct flow *, const char *)`", "`int (*)(struct flow *)`")
def parameter_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "callback")
    prototype = p.types[words[at + 1]][2]
    p.remove(prototype, len(p.types[prototype]) - 2)


@damage("verify-value-type", "`callback`", "as `int (*)(", "emitted as `char (*)(")
def return_type_changed(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "callback")
    p.types[p.types[words[at + 1]][2]][2] = p.find(patch.INT, "char")


@damage("verify-value-type", "member `packets`", "as `counter_t` and emitted as `counter_u`")
def typedef_renamed(p: Patch) -> None:
    p.rename(p.find(patch.TYPEDEF, "counter_t"), "counter_u")


@damage("verify-value-type", "member `packets`", "as `counter_t` and emitted as `__u32`")
def typedef_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "packets")
    words[at + 1] = p.find(patch.TYPEDEF, "__u32")


@damage("verify-value-type", "`counter_t`", "as `__u32` and emitted as `__u64`")
def typedef_of_another(p: Patch) -> None:
    p.types[p.find(patch.TYPEDEF, "counter_t")][2] = p.find(patch.TYPEDEF, "__u64")


@damage("verify-key-type", "`__be32`", "as `unsigned int` and emitted as `int`")
def kernel_typedef_of_another(p: Patch) -> None:
    p.types[p.find(patch.TYPEDEF, "__be32")][2] = p.find(patch.INT, "int")


# -- tags ---------------------------------------------------------------------------------------


@damage("verify-value-type", "`held`", '`btf_type_tag("kptr")` and emitted without it')
def type_tag_lost(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "held")
    words[at + 1] = p.add(0, patch.PTR << 24, p.find(patch.STRUCT, "held"))


@damage("verify-value-type", "`held`", 'emitted with `btf_type_tag("kptr_untrusted")`')
def type_tag_changed(p: Patch) -> None:
    p.rename(p.find(patch.TYPE_TAG, "kptr"), "kptr_untrusted")


@damage("verify-value-type", "member `next`", 'emitted with `btf_type_tag("kptr")`')
def type_tag_added(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "flow"), "next")
    tag = p.add(p.string("kptr"), patch.TYPE_TAG << 24, p.find(patch.STRUCT, "flow"))
    words[at + 1] = p.add(0, patch.PTR << 24, tag)


@damage("verify-value-type", "member `id`", "decl tag `user id`, which isn't emitted")
def decl_tag_lost(p: Patch) -> None:
    tag = p.find(patch.DECL_TAG, "user id")
    p.types[tag][2] = p.find(patch.STRUCT, "item")
    p.types[tag][3] = 1


@damage("verify-value-type", "member `items`", "`contains:item:mode`, which isn't declared")
def decl_tag_changed(p: Patch) -> None:
    p.rename(p.find(patch.DECL_TAG, "contains:item:node"), "contains:item:mode")


@damage("verify-value-type", "member `flag`", "emitted with the decl tag `user id`")
def decl_tag_moved(p: Patch) -> None:
    p.types[p.find(patch.DECL_TAG, "user id")][3] += 1


@damage("verify-forward", "`struct item` is declared with a body", "member `items`")
def listed_struct_degraded(p: Patch) -> None:
    item = p.find(patch.STRUCT, "item")
    p.types[item] = [p.types[item][0], patch.FWD << 24, 0]


@damage("verify-forward", "`struct held` is declared with a body", "member `held`")
def kptr_target_lost(p: Patch) -> None:
    p.rename(p.find(patch.STRUCT, "held"), "withheld")


@damage("verify-type", "member `payload` of `struct item` is emitted as `load`")
def listed_struct_changed(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "item"), "payload")
    words[at] = p.string("load")


# -- key and value ------------------------------------------------------------------------------


@damage("verify-value-type", "the value of map `counters`", "as `__u64` and emitted as `__u32`")
def value_of_another_type(p: Patch) -> None:
    p.point(p.definition("counters"), "value", p.find(patch.TYPEDEF, "__u32"))


@damage("verify-key-type", "the key of map `flows` is declared as `struct flow_key`", "`struct flow`")
def key_and_value_swapped(p: Patch) -> None:
    words, key = p.element(p.definition("flows"), "key")
    _words, value = p.element(p.definition("flows"), "value")
    words[key], words[value] = words[value], words[key]


@damage("verify-key-type", "the key of map `counters` is declared, and the object has no such type")
def key_lost(p: Patch) -> None:
    definition = p.definition("counters")
    p.remove(definition, p.element(definition, "key")[1])


@damage("verify-value-type", "map `sized` is emitted with the value type `__u64`", "none is declared")
def value_added(p: Patch) -> None:
    words, at = p.element(p.definition("sized"), "value_size")
    words[at] = p.string("value")
    words[at + 1] = p.add(0, patch.PTR << 24, p.find(patch.TYPEDEF, "__u64"))


@damage("verify-forward", "`struct flow_key` is declared with a body and emitted as a forward")
def key_degraded(p: Patch) -> None:
    key = p.find(patch.STRUCT, "flow_key")
    p.types[key] = [p.types[key][0], patch.FWD << 24, 0]


@damage("verify-record", "member `when` of `struct event` is emitted as `then`")
def record_member_renamed(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "event"), "when")
    words[at] = p.string("then")


@damage("verify-record", "the records of map `events` are declared as `struct event`")
def record_anchor_lost(p: Patch) -> None:
    p.rename(p.find(patch.VAR, "bpfgen_record_events"), "bpfgen_recorp_events")


@damage("verify-record", "map `counters` is declared without records", "`struct event`")
def record_anchor_moved(p: Patch) -> None:
    p.rename(p.find(patch.VAR, "bpfgen_record_events"), "bpfgen_record_counters")


# -- attributes ---------------------------------------------------------------------------------


@damage("verify-kind", "map `counters` is declared as `array` (2) and emitted as `hash` (1)")
def kind_changed(p: Patch) -> None:
    p.new_number(p.definition("counters"), "type", 1)


@damage("verify-kind", "map `counters`", "emitted as a kind that isn't known (999)")
def kind_unheard_of(p: Patch) -> None:
    p.new_number(p.definition("counters"), "type", 999)


@damage("verify-attribute", "`max_entries` of map `counters` is declared as 16 and emitted as 15")
def max_entries_changed(p: Patch) -> None:
    p.new_number(p.definition("counters"), "max_entries", 15)


@damage("verify-attribute", "`max_entries` of map `counters` is declared as 16 and not emitted")
def max_entries_lost(p: Patch) -> None:
    definition = p.definition("counters")
    p.remove(definition, p.element(definition, "max_entries")[1])


@damage("verify-attribute", "`max_entries` of map `loader` is left to the loader and emitted as 0")
def runtime_emitted(p: Patch) -> None:
    array = p.add(0, patch.ARRAY << 24, 0, p.find(patch.INT, "int"), p.find(patch.INT, "int"), 0)
    words = p.types[p.definition("loader")]
    words += [p.string("max_entries"), p.add(0, patch.PTR << 24, array), 192]
    words[1] += 1


@damage("verify-attribute", "`map_flags` of map `flows` is declared as 0x5 and emitted as 0x4")
def flag_lost(p: Patch) -> None:
    p.new_number(p.definition("flows"), "map_flags", 4)


@damage("verify-attribute", "`numa_node` of map `flows` is declared as 1 and emitted as 0")
def numa_node_changed(p: Patch) -> None:
    p.new_number(p.definition("flows"), "numa_node", 0)


@damage("verify-attribute", "`pinning` of map `flows` is declared as `by_name` and not emitted")
def pinning_lost(p: Patch) -> None:
    definition = p.definition("flows")
    p.remove(definition, p.element(definition, "pinning")[1])


@damage("verify-attribute", "`pinning` of map `flows` is declared as `by_name`", "`none`")
def pinning_changed(p: Patch) -> None:
    p.new_number(p.definition("flows"), "pinning", 0)


@damage("verify-attribute", "`map_extra` of map `bloom` is declared as 3 and emitted as 4")
def map_extra_changed(p: Patch) -> None:
    p.new_number(p.definition("bloom"), "map_extra", 4)


@damage("verify-attribute", "`value_size` of map `sized` is declared as 12 and emitted as 8")
def value_size_changed(p: Patch) -> None:
    p.new_number(p.definition("sized"), "value_size", 8)


@damage("verify-attribute", "`key_size` of map `jumps` is filled in as 4 and emitted as 8")
def filled_in_size_changed(p: Patch) -> None:
    p.new_number(p.definition("jumps"), "key_size", 8)


@damage("verify-attribute", "`numa_node` of map `sized` isn't declared and is emitted as 12")
def attribute_turned_into_another(p: Patch) -> None:
    words, at = p.element(p.definition("sized"), "value_size")
    words[at] = p.string("numa_node")


@damage("verify-attribute", "`colour` of map `sized` isn't declared and is emitted")
def unknown_attribute(p: Patch) -> None:
    words, at = p.element(p.definition("sized"), "value_size")
    words[at] = p.string("colour")


@damage("verify-attribute", "`max_entries` of map `counters`", "something else than a number")
def number_made_pointer(p: Patch) -> None:
    p.point(p.definition("counters"), "max_entries", p.find(patch.INT, "int"))


@damage("verify-definition", "map `counters`", "asked for in the modern style", "initializer style")
def style_changed(p: Patch) -> None:
    words, at = p.element(p.definition("counters"), "max_entries")
    words[at + 1] = p.find(patch.INT, "int")


# -- maps of maps, slots ------------------------------------------------------------------------


@damage("verify-inner", "`max_entries` of the inner map of map `nested` is declared as 8", "as 9")
def inner_max_entries(p: Patch) -> None:
    p.new_number(_inner(p, "nested"), "max_entries", 9)


@damage("verify-inner", "the inner map of map `nested` is declared as `array` (2)", "`hash` (1)")
def inner_kind(p: Patch) -> None:
    p.new_number(_inner(p, "nested"), "type", 1)


@damage("verify-inner", "the value of the inner map of map `nested`", "emitted as `struct event`")
def inner_value(p: Patch) -> None:
    p.point(_inner(p, "nested"), "value", p.find(patch.STRUCT, "event"))


@damage("verify-forward", "the inner map of map `slots`", "the forward declaration `struct table`")
def inner_degraded(p: Patch) -> None:
    forward = p.add(p.string("table"), patch.FWD << 24, 0)
    words, at = p.element(p.definition("slots"), "values")
    pointer = p.types[words[at + 1]][3]
    p.types[pointer][2] = forward


@damage("verify-inner", "map `nested` is declared with an inner map and emitted with no `values`")
def inner_lost(p: Patch) -> None:
    definition = p.definition("nested")
    p.remove(definition, p.element(definition, "values")[1])


@damage("verify-inner", "map `bare` is declared without an inner map and emitted with `values`")
def inner_added(p: Patch) -> None:
    source, at = p.element(p.definition("slots"), "values")
    words = p.types[p.definition("bare")]
    words += [p.string("values"), source[at + 1], words[2] * 8]
    words[1] += 1


@damage("verify-definition", "the definition of map `red`", "`struct table`", "`struct fable`")
def template_renamed(p: Patch) -> None:
    p.rename(p.find(patch.STRUCT, "table"), "fable")


@damage("verify-slot", "slot 2 of map `slots` is declared with `blue` and emitted with `red`")
def slot_retargeted(p: Patch) -> None:
    offset = p.symbol("slots")["value"] + 24 + 16
    p.retarget(".maps", offset, "red")


@damage("verify-slot", "slot 2 of map `slots` is declared with `blue` and emitted empty")
def slot_moved(p: Patch) -> None:
    start = p.symbol("slots")["value"] + 24
    p.move_relocation(".maps", start + 16, start + 8)


@damage("verify-slot", "slot 1 of map `slots` is declared empty and emitted with `blue`")
def slot_filled(p: Patch) -> None:
    start = p.symbol("slots")["value"] + 24
    p.move_relocation(".maps", start + 16, start + 8)


@damage("verify-slot", "slot 0 of map `jumps` is declared with `tail_first` and emitted empty")
def slots_lost(p: Patch) -> None:
    p.drop_relocations(".maps")


@damage("verify-slot", "slot 0 of map `jumps`", "`tail_first` and emitted with `tail_second`")
def program_changed(p: Patch) -> None:
    p.retarget(".maps", p.symbol("jumps")["value"] + 32, "tail_second")


@damage("verify-slot", "map `jumps` is declared with programs in its slots", "no `values`")
def program_slots_lost(p: Patch) -> None:
    definition = p.definition("jumps")
    p.remove(definition, p.element(definition, "values")[1])


def _inner(p: Patch, variable: str) -> int:
    words, at = p.element(p.definition(variable), "values")
    pointer = p.types[words[at + 1]][3]
    return p.types[pointer][2]


# -- variables, symbols, sections ---------------------------------------------------------------


@damage("verify-missing-map", "map `counters` is declared and isn't in the object")
def map_renamed_in_btf(p: Patch) -> None:
    p.rename(p.find(patch.VAR, "counters"), "countess")


@damage("verify-extra-map", "map `countess` is in the object and isn't declared")
def map_nobody_declared(p: Patch) -> None:
    p.rename(p.find(patch.VAR, "counters"), "countess")


@damage("verify-missing-map", "map `counters`")
def variable_dropped_from_datasec(p: Patch) -> None:
    words, at = _datasec_entry(p, ".maps", "counters")
    del words[at : at + 3]
    words[1] -= 1


@damage("verify-datasec", "symbol `counters` of section `.maps` has no variable in the DATASEC")
def symbol_without_variable(p: Patch) -> None:
    variable_dropped_from_datasec(p)


@damage("verify-datasec", "`counters` has 40 bytes in the DATASEC, and its symbol has 32")
def datasec_size_wrong(p: Patch) -> None:
    words, at = _datasec_entry(p, ".maps", "counters")
    words[at + 2] += 8


@damage("verify-datasec", "`counters` is at byte 8 in the DATASEC", "not yet linked")
def datasec_offset_wrong(p: Patch) -> None:
    words, at = _datasec_entry(p, ".maps", "counters")
    words[at + 1] = 8


@damage("verify-datasec", "and the DATASEC says 4096")
def datasec_section_size_wrong(p: Patch) -> None:
    p.types[p.find(patch.DATASEC, ".maps")][2] = 4096


@damage("verify-datasec", "map `counters` has a definition of 32 bytes, and its symbol has 24")
def symbol_shrunk(p: Patch) -> None:
    p.set_symbol("counters", size=24)


@damage("verify-datasec", "`sized` starts at byte", "inside `counters`")
def symbols_overlap(p: Patch) -> None:
    p.set_symbol("sized", value=p.symbol("counters")["value"] + 8)


@damage("verify-datasec", "of section `.maps`, which has 100")
def section_cut(p: Patch) -> None:
    p.set_section_size(".maps", 100)


@damage("verify-linkage", "map `tuning` is declared weak and emitted global")
def weak_lost(p: Patch) -> None:
    p.bind("tuning", patch.STB_GLOBAL)


@damage("verify-linkage", "map `counters` is declared global and emitted weak")
def made_weak(p: Patch) -> None:
    p.bind("counters", patch.STB_WEAK)


@damage("verify-linkage", "map `counters` is declared global and emitted static")
def made_static(p: Patch) -> None:
    p.types[p.find(patch.VAR, "counters")][3] = 0


@damage("verify-linkage", "map `counters` is declared global and emitted extern")
def made_extern(p: Patch) -> None:
    p.types[p.find(patch.VAR, "counters")][3] = 2


@damage("verify-linkage", "map `shared` is declared extern and emitted global")
def extern_defined(p: Patch) -> None:
    p.types[p.find(patch.VAR, "shared")][3] = 1


@damage("verify-attribute", "`max_entries` of map `shared` is declared as 1024 and emitted as 1")
def extern_changed(p: Patch) -> None:
    p.new_number(p.definition("shared"), "max_entries", 1)


@damage("verify-definition", "map `counters` is declared as a map and emitted as a INT")
def variable_is_no_struct(p: Patch) -> None:
    p.types[p.find(patch.VAR, "counters")][2] = p.find(patch.INT, "int")


@damage("verify-missing-map", "map `old` is declared and isn't in the object")
def legacy_section_renamed(p: Patch) -> None:
    p.rename_section("maps", "aps")


@damage("verify-attribute", "`max_entries` of map `old` is declared as 4 and emitted as 5")
def legacy_bytes_changed(p: Patch) -> None:
    p.set_bytes("maps", 12, 5)


@damage("verify-attribute", "`key_size` of map `old` is declared as 4 and emitted as 8")
def legacy_key_size_changed(p: Patch) -> None:
    p.set_bytes("maps", 4, 8)


@damage("verify-kind", "map `old` is declared as `array` (2) and emitted as `hash` (1)")
def legacy_kind_changed(p: Patch) -> None:
    p.set_bytes("maps", 0, 1)


@damage("verify-definition", "map `old`", "`struct bpf_map_def` of 20 bytes and emitted with 16")
def legacy_symbol_shrunk(p: Patch) -> None:
    p.set_symbol("old", size=16)


@damage("verify-object", "the object is for machine 62, not for BPF (247)")
def other_machine(p: Patch) -> None:
    p.set_machine(62)


@damage("verify-object", "the object has no BTF that can be read")
def btf_renamed(p: Patch) -> None:
    p.rename_section(".BTF", "BTF")


def _datasec_entry(p: Patch, section: str, variable: str) -> tuple[list[int], int]:
    words = p.types[p.find(patch.DATASEC, section)]
    var_id = p.find(patch.VAR, variable)
    return words, next(at for at in range(3, len(words), 3) if words[at] == var_id)


HEADER_DAMAGES = {
    "member type": (
        "__u64 payload;",
        "long long payload;",
        "verify-type",
        "member `payload` of `struct item` is declared as `__u64` and emitted as `long long`",
    ),
    "key type": (
        "__type(key, struct flow_key);",
        "__type(key, struct session);",
        "verify-key-type",
        "as `struct flow_key` and emitted as `struct session`",
    ),
    "64-bit max_entries": (
        "__uint(max_entries, 100);",
        "__uint(max_entries, 0x100000000);",
        "verify-attribute",
        "`max_entries` of map `bloom` is declared as 100 and emitted as 0",
    ),
    "section": ('} bloom SEC(".maps");', '} bloom SEC(".data");', "verify-missing-map", "`bloom`"),
    "data": (
        "struct table {",
        "int forgotten = 3;\nstruct table {",
        "verify-extra-map",
        "section `.data`",
    ),
    "extra map": (
        "struct table {",
        'struct { __uint(type, 1); } more SEC(".maps");\nstruct table {',
        "verify-extra-map",
        "map `more` is in the object and isn't declared",
    ),
    "static map": (
        "BPFGEN_MAP struct table red",
        "static struct table red",
        "verify-linkage",
        "map `red` is declared global and emitted static",
    ),
    "hidden struct": (
        "__type(value, struct session);\n};",
        "__type(value, struct unheard_of);\n};",
        "verify-inner",
        "as `struct session` and emitted as `struct unheard_of`",
    ),
    "packed": (
        "\t__u32 when;\n};",
        "\t__u32 when __attribute__((packed));\n\tchar more[0];\n};",
        "verify-type",
        "member `more` of `struct held` is emitted and not declared",
    ),
    "slot": ("[2] = (void *)&blue,", "[3] = (void *)&blue,", "verify-slot", "slot 3"),
    "weak": ("tuning __weak", "tuning", "verify-linkage", "declared weak and emitted global"),
    "legacy section": (
        'struct bpf_map_def SEC("maps") old = {',
        'struct bpf_map_def SEC(".maps") old = {',
        "verify-section",
        "declared for section `maps` and emitted in `.maps`",
    ),
    "legacy value": (
        ".value_size = sizeof(__u64),",
        ".value_size = sizeof(__u32),",
        "verify-attribute",
        "`value_size` of map `old` is declared as 8 and emitted as 4",
    ),
    "restrict": (
        "struct flow *next;",
        "struct flow *restrict next;",
        "verify-value-type",
        "as `struct flow *` and emitted as `struct flow *restrict`",
    ),
    "anchor": (
        "static const struct event *bpfgen_record_events",
        "static const struct session *bpfgen_record_events",
        "verify-record",
        "as `struct event` and emitted as `struct session`",
    ),
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_an_undamaged_object_is_as_declared(compiler: str, target: str) -> None:
    """Every clang at hand emits, in both byte orders, exactly what the program declares."""
    diagnostics = verified(built(compiler, target), byteorder=BYTEORDERS[target])
    assert told(diagnostics) == KNOWN.get(compiler, "")


@pytest.mark.parametrize("target", TARGETS)
def test_the_patcher_alone_damages_nothing(target: str) -> None:
    """Taking an object apart and putting it together again leaves it as declared."""
    assert told(verified(Patch(built(newest(), target)).finish())) == ""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_told_in_its_own_words(name: str, target: str) -> None:
    """Each way of damaging an object is told with its code, its map and both sides."""
    do, code, words = DAMAGES[name]
    patched = Patch(built("clang-19", target))
    do(patched)
    diagnostics = verified(patched.finish())
    _assert_told(diagnostics, code, words)


@pytest.mark.parametrize("name", HEADER_DAMAGES)
def test_a_damaged_header_is_told(name: str) -> None:
    """A header that says something else than the source compiles to an object that is refused."""
    old, new, code, words = HEADER_DAMAGES[name]
    _model, text = program()
    assert text.count(old) == 1
    damaged = text.replace(old, new)
    # The header's own assertions see some of it first; here the object must do alone.
    damaged = damaged.replace("_Static_assert(", "_Static_assert(1 || ")
    _assert_told(verified(compile_c(damaged, newest())), code, (words,))


def test_there_are_enough_ways_to_damage() -> None:
    """There are at least 40 ways of damage that are told differently."""
    assert len({(code, words) for _do, code, words in DAMAGES.values()}) >= 40


def test_the_wrong_byte_order_is_told() -> None:
    """An object of the byte order that wasn't asked for is refused, whatever is in it."""
    diagnostics = verified(built("clang-19", "bpfeb"), byteorder="little")
    assert told(diagnostics) == (
        "verify-byteorder: the object is big-endian, and little-endian was asked for"
    )


def test_another_style_is_told() -> None:
    """Maps that are written in the modern style aren't what `--style initializer` asks for."""
    diagnostics = verified(built("clang-19"), style="initializer")
    assert "asked for in the initializer style and emitted in the modern style" in told(diagnostics)


def test_a_program_may_have_more_maps_than_the_source() -> None:
    """Without *exact*, the maps and data of a whole program are its own business."""
    _model, text = program()
    more = 'int data = 3;\nstruct { __uint(type, 1); } more SEC(".maps");\nstruct table {'
    data = compile_c(text.replace("struct table {", more, 1), newest())
    assert {d.code for d in verified(data)} == {"verify-extra-map"}
    assert told(verified(data, exact=False)) == ""


def test_many_differences_are_counted() -> None:
    """Of the differences of one map the first twenty are told, and how many more there are."""
    patched = Patch(built("clang-19"))
    words = patched.types[patched.find(patch.STRUCT, "flow")]
    for at in range(3, len(words), 3):
        words[at] = patched.string(f"other{at}")
        words[at + 2] += 8
    diagnostics = verified(patched.finish())
    assert [d.code for d in diagnostics].count("verify-value-type") == 20
    assert "verify-more: map `flows` has" in told(diagnostics)


def _assert_told(diagnostics: list, code: str, words: tuple[str, ...]) -> None:  # type: ignore[type-arg]
    """Assert that one diagnostic has *code* and all *words*, and that it names both sides."""
    for diagnostic in diagnostics:
        if diagnostic.code == code and all(word in diagnostic.message for word in words):
            assert diagnostic.severity == ERROR
            if diagnostic.span is not None:
                assert diagnostic.span.source.text == PROGRAM
                assert f"declared: damage.dsl:{diagnostic.span.line}" in diagnostic.notes
            return
    pytest.fail(f"expected {code}: {' … '.join(words)}\ntold:\n{told(diagnostics)}", pytrace=False)
