"""Ways of damaging maps: keys and values, attributes, inner maps, slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.verify import patch
from tests.verify.damages import damage

if TYPE_CHECKING:
    from tests.verify.patch import Patch


@damage("verify-value-type", "the value of map `counters`", "as `__u64` and emitted as `__u32`")
def _value_of_another_type(p: Patch) -> None:
    p.point(p.definition("counters"), "value", p.find(patch.TYPEDEF, "__u32"))


@damage(
    "verify-key-type", "the key of map `flows` is declared as `struct flow_key`", "`struct flow`"
)
def _key_and_value_swapped(p: Patch) -> None:
    words, key = p.element(p.definition("flows"), "key")
    _words, value = p.element(p.definition("flows"), "value")
    words[key], words[value] = words[value], words[key]


@damage("verify-key-type", "the key of map `counters` is declared, and the object has no such type")
def _key_lost(p: Patch) -> None:
    definition = p.definition("counters")
    p.remove(definition, p.element(definition, "key")[1])


@damage(
    "verify-value-type", "map `sized` is emitted with the value type `__u64`", "none is declared"
)
def _value_added(p: Patch) -> None:
    words, at = p.element(p.definition("sized"), "value_size")
    words[at] = p.string("value")
    words[at + 1] = p.add(0, patch.PTR << 24, p.find(patch.TYPEDEF, "__u64"))


@damage("verify-forward", "`struct flow_key` is declared with a body and emitted as a forward")
def _key_degraded(p: Patch) -> None:
    key = p.find(patch.STRUCT, "flow_key")
    p.types[key] = [p.types[key][0], patch.FWD << 24, 0]


@damage("verify-record", "member `when` of `struct event` is emitted as `then`")
def _record_member_renamed(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "event"), "when")
    words[at] = p.string("then")


@damage("verify-record", "the records of map `events` are declared as `struct event`")
def _record_lost(p: Patch) -> None:
    p.new_element(p.definition("events"), "type", p.find(patch.INT, "int"))


@damage("verify-record", "the record type of map `events`", "`struct session`")
def _record_of_another_type(p: Patch) -> None:
    p.new_element(p.definition("events"), "type", p.find(patch.STRUCT, "session"))


@damage("verify-kind", "map `counters` is declared as `array` (2) and emitted as `hash` (1)")
def _kind_changed(p: Patch) -> None:
    p.new_number(p.definition("counters"), "type", 1)


@damage("verify-kind", "map `counters`", "emitted as a kind that isn't known (999)")
def _kind_unheard_of(p: Patch) -> None:
    p.new_number(p.definition("counters"), "type", 999)


@damage("verify-attribute", "`max_entries` of map `counters` is declared as 16 and emitted as 15")
def _max_entries_changed(p: Patch) -> None:
    p.new_number(p.definition("counters"), "max_entries", 15)


@damage("verify-attribute", "`max_entries` of map `counters` is declared as 16 and not emitted")
def _max_entries_lost(p: Patch) -> None:
    definition = p.definition("counters")
    p.remove(definition, p.element(definition, "max_entries")[1])


@damage("verify-attribute", "`max_entries` of map `loader` is left to the loader and emitted as 0")
def _runtime_emitted(p: Patch) -> None:
    array = p.add(0, patch.ARRAY << 24, 0, p.find(patch.INT, "int"), p.find(patch.INT, "int"), 0)
    words = p.types[p.definition("loader")]
    words += [p.string("max_entries"), p.add(0, patch.PTR << 24, array), 192]
    words[1] += 1


@damage(
    "verify-attribute",
    "`map_flags` of map `flows` is declared as BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE and emitted as"
    " BPF_F_NUMA_NODE",
)
def _flag_lost(p: Patch) -> None:
    p.new_number(p.definition("flows"), "map_flags", 4)


@damage("verify-attribute", "`numa_node` of map `flows` is declared as 1 and emitted as 0")
def _numa_node_changed(p: Patch) -> None:
    p.new_number(p.definition("flows"), "numa_node", 0)


@damage("verify-attribute", "`pinning` of map `flows` is declared as `by_name` and not emitted")
def _pinning_lost(p: Patch) -> None:
    definition = p.definition("flows")
    p.remove(definition, p.element(definition, "pinning")[1])


@damage("verify-attribute", "`pinning` of map `flows` is declared as `by_name`", "`none`")
def _pinning_changed(p: Patch) -> None:
    p.new_number(p.definition("flows"), "pinning", 0)


@damage("verify-attribute", "`map_extra` of map `bloom` is declared as 3 and emitted as 4")
def _map_extra_changed(p: Patch) -> None:
    p.new_number(p.definition("bloom"), "map_extra", 4)


@damage("verify-attribute", "`value_size` of map `sized` is declared as 12 and emitted as 8")
def _value_size_changed(p: Patch) -> None:
    p.new_number(p.definition("sized"), "value_size", 8)


@damage("verify-attribute", "`key_size` of map `jumps` is filled in as 4 and emitted as 8")
def _filled_in_size_changed(p: Patch) -> None:
    p.new_number(p.definition("jumps"), "key_size", 8)


@damage("verify-attribute", "`numa_node` of map `sized` isn't declared and is emitted as 12")
def _attribute_turned_into_another(p: Patch) -> None:
    words, at = p.element(p.definition("sized"), "value_size")
    words[at] = p.string("numa_node")


@damage("verify-attribute", "`colour` of map `sized` isn't declared and is emitted")
def _unknown_attribute(p: Patch) -> None:
    words, at = p.element(p.definition("sized"), "value_size")
    words[at] = p.string("colour")


@damage("verify-attribute", "`max_entries` of map `counters`", "something else than a number")
def _number_made_pointer(p: Patch) -> None:
    p.point(p.definition("counters"), "max_entries", p.find(patch.INT, "int"))


@damage("verify-definition", "map `counters`", "asked for in the modern style", "initializer style")
def _style_changed(p: Patch) -> None:
    words, at = p.element(p.definition("counters"), "max_entries")
    words[at + 1] = p.find(patch.INT, "int")


@damage("verify-inner", "`max_entries` of the inner map of map `nested` is declared as 8", "as 9")
def _inner_max_entries(p: Patch) -> None:
    p.new_number(_inner(p, "nested"), "max_entries", 9)


@damage("verify-inner", "the inner map of map `nested` is declared as `array` (2)", "`hash` (1)")
def _inner_kind(p: Patch) -> None:
    p.new_number(_inner(p, "nested"), "type", 1)


@damage("verify-inner", "the value of the inner map of map `nested`", "emitted as `struct event`")
def _inner_value(p: Patch) -> None:
    p.point(_inner(p, "nested"), "value", p.find(patch.STRUCT, "event"))


@damage("verify-forward", "the inner map of map `slots`", "the forward declaration `struct table`")
def _inner_degraded(p: Patch) -> None:
    forward = p.add(p.string("table"), patch.FWD << 24, 0)
    words, at = p.element(p.definition("slots"), "values")
    pointer = p.types[words[at + 1]][3]
    p.types[pointer][2] = forward


@damage("verify-inner", "map `nested` is declared with an inner map and emitted with no `values`")
def _inner_lost(p: Patch) -> None:
    definition = p.definition("nested")
    p.remove(definition, p.element(definition, "values")[1])


@damage("verify-inner", "map `bare` is declared without an inner map and emitted with `values`")
def _inner_added(p: Patch) -> None:
    source, at = p.element(p.definition("slots"), "values")
    words = p.types[p.definition("bare")]
    words += [p.string("values"), source[at + 1], words[2] * 8]
    words[1] += 1


@damage("verify-definition", "the definition of map `red`", "`struct table`", "`struct fable`")
def _template_renamed(p: Patch) -> None:
    p.rename(p.find(patch.STRUCT, "table"), "fable")


@damage("verify-slot", "slot 2 of map `slots` is declared with `blue` and emitted with `red`")
def _slot_retargeted(p: Patch) -> None:
    offset = p.symbol("slots")["value"] + 24 + 16
    p.retarget(".maps", offset, "red")


@damage("verify-slot", "slot 2 of map `slots` is declared with `blue` and emitted empty")
def _slot_moved(p: Patch) -> None:
    start = p.symbol("slots")["value"] + 24
    p.move_relocation(".maps", start + 16, start + 8)


@damage("verify-slot", "slot 1 of map `slots` is declared empty and emitted with `blue`")
def _slot_filled(p: Patch) -> None:
    start = p.symbol("slots")["value"] + 24
    p.move_relocation(".maps", start + 16, start + 8)


@damage("verify-slot", "slot 0 of map `jumps` is declared with `tail_first` and emitted empty")
def _slots_lost(p: Patch) -> None:
    p.drop_relocations(".maps")


@damage("verify-slot", "slot 0 of map `jumps`", "`tail_first` and emitted with `tail_second`")
def _program_changed(p: Patch) -> None:
    p.retarget(".maps", p.symbol("jumps")["value"] + 32, "tail_second")


@damage("verify-slot", "map `jumps` is declared with programs in its slots", "no `values`")
def _program_slots_lost(p: Patch) -> None:
    definition = p.definition("jumps")
    p.remove(definition, p.element(definition, "values")[1])


def _inner(p: Patch, variable: str) -> int:
    words, at = p.element(p.definition(variable), "values")
    pointer = p.types[words[at + 1]][3]
    return p.types[pointer][2]


@damage("verify-program", "program `tail_first`", "as `int (struct __sk_buff *)`", "`int (void *)`")
def _program_parameter_changed(p: Patch) -> None:
    words = p.types[p.types[p.find(patch.FUNC, "tail_first")][2]]
    words[4] = p.add(0, patch.PTR << 24, 0)


@damage("verify-definition", "`key` of map `counters` is emitted at bit 129", "at bit 128")
def _attribute_moved(p: Patch) -> None:
    words, at = p.element(p.definition("counters"), "key")
    words[at + 2] += 1


@damage("verify-definition", "the definition of map `nested` is emitted with 32 bytes", "take 24")
def _definition_grown(p: Patch) -> None:
    p.types[p.definition("nested")][2] += 8


@damage("verify-definition", "`values` of map `slots` is emitted as an array of 4")
def _values_with_a_length(p: Patch) -> None:
    words, at = p.element(p.definition("slots"), "values")
    p.types[words[at + 1]][5] = 4


@damage("verify-attribute", "map `loader` is declared with the decl tag `of the map`", "emitted")
def _map_tag_lost(p: Patch) -> None:
    p.types[p.find(patch.DECL_TAG, "of the map")][2] = p.find(patch.STRUCT, "flow")


@damage("verify-attribute", "map `loader` is emitted with the decl tag `of the cap`", "declared")
def _map_tag_changed(p: Patch) -> None:
    p.rename(p.find(patch.DECL_TAG, "of the map"), "of the cap")


@damage("verify-attribute", "map `counters` is emitted with the decl tag `of the map`", "declared")
def _map_tag_moved(p: Patch) -> None:
    p.types[p.find(patch.DECL_TAG, "of the map")][2] = p.find(patch.VAR, "counters")
