"""Ways of damaging variables, symbols, sections and the file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.verify import patch
from tests.verify.damages import damage

if TYPE_CHECKING:
    from tests.verify.patch import Patch


@damage("verify-missing-map", "map `counters` is declared and isn't in the object")
def _map_renamed_in_btf(p: Patch) -> None:
    p.rename(p.find(patch.VAR, "counters"), "countess")


@damage("verify-extra-map", "map `countess` is in the object and isn't declared")
def _map_nobody_declared(p: Patch) -> None:
    p.rename(p.find(patch.VAR, "counters"), "countess")


@damage("verify-missing-map", "map `counters`")
def _variable_dropped_from_datasec(p: Patch) -> None:
    words, at = _datasec_entry(p, ".maps", "counters")
    del words[at : at + 3]
    words[1] -= 1


@damage("verify-datasec", "symbol `counters` of section `.maps` has no variable in the DATASEC")
def _symbol_without_variable(p: Patch) -> None:
    _variable_dropped_from_datasec(p)


@damage("verify-datasec", "`counters` has 40 bytes in the DATASEC, and its symbol has 32")
def _datasec_size_wrong(p: Patch) -> None:
    words, at = _datasec_entry(p, ".maps", "counters")
    words[at + 2] += 8


@damage("verify-datasec", "`counters` is at byte 8 in the DATASEC", "not yet linked")
def _datasec_offset_wrong(p: Patch) -> None:
    words, at = _datasec_entry(p, ".maps", "counters")
    words[at + 1] = 8


@damage("verify-datasec", "and the DATASEC says 4096")
def _datasec_section_size_wrong(p: Patch) -> None:
    p.types[p.find(patch.DATASEC, ".maps")][2] = 4096


@damage("verify-datasec", "map `counters` has a definition of 32 bytes, and its symbol has 24")
def _symbol_shrunk(p: Patch) -> None:
    p.set_symbol("counters", size=24)


@damage("verify-datasec", "`sized` starts at byte", "inside `counters`")
def _symbols_overlap(p: Patch) -> None:
    p.set_symbol("sized", value=p.symbol("counters")["value"] + 8)


@damage("verify-datasec", "of section `.maps`, which has 100")
def _section_cut(p: Patch) -> None:
    p.set_section_size(".maps", 100)


@damage("verify-linkage", "map `tuning` is declared weak and emitted global")
def _weak_lost(p: Patch) -> None:
    p.bind("tuning", patch.STB_GLOBAL)


@damage("verify-linkage", "map `counters` is declared global and emitted weak")
def _made_weak(p: Patch) -> None:
    p.bind("counters", patch.STB_WEAK)


@damage("verify-linkage", "map `counters` is declared global and emitted static")
def _made_static(p: Patch) -> None:
    p.types[p.find(patch.VAR, "counters")][3] = 0


@damage("verify-linkage", "map `counters` is declared global and emitted extern")
def _made_extern(p: Patch) -> None:
    p.types[p.find(patch.VAR, "counters")][3] = 2


@damage("verify-linkage", "map `shared` is declared extern and emitted global")
def _extern_defined(p: Patch) -> None:
    p.types[p.find(patch.VAR, "shared")][3] = 1


@damage("verify-attribute", "`max_entries` of map `shared` is declared as 1024 and emitted as 1")
def _extern_changed(p: Patch) -> None:
    p.new_number(p.definition("shared"), "max_entries", 1)


@damage("verify-definition", "map `counters` is declared as a map and emitted as a INT")
def _variable_is_no_struct(p: Patch) -> None:
    p.types[p.find(patch.VAR, "counters")][2] = p.find(patch.INT, "int")


@damage("verify-missing-map", "map `old` is declared and isn't in the object")
def _legacy_section_renamed(p: Patch) -> None:
    p.rename_section("maps", "aps")


@damage("verify-attribute", "`max_entries` of map `old` is declared as 4 and emitted as 5")
def _legacy_bytes_changed(p: Patch) -> None:
    p.set_bytes("maps", 12, 5)


@damage("verify-attribute", "`key_size` of map `old` is declared as 4 and emitted as 8")
def _legacy_key_size_changed(p: Patch) -> None:
    p.set_bytes("maps", 4, 8)


@damage("verify-kind", "map `old` is declared as `array` (2) and emitted as `hash` (1)")
def _legacy_kind_changed(p: Patch) -> None:
    p.set_bytes("maps", 0, 1)


@damage("verify-definition", "map `old`", "`struct bpf_map_def` of 20 bytes and emitted with 16")
def _legacy_symbol_shrunk(p: Patch) -> None:
    p.set_symbol("old", size=16)


@damage("verify-object", "the object is for machine 62, not for BPF (247)")
def _other_machine(p: Patch) -> None:
    p.set_machine(62)


@damage("verify-object", "the object has no BTF; was it compiled without `-g`, or stripped?")
def _btf_renamed(p: Patch) -> None:
    p.rename_section(".BTF", "BTF")


def _datasec_entry(p: Patch, section: str, variable: str) -> tuple[list[int], int]:
    words = p.types[p.find(patch.DATASEC, section)]
    var_id = p.find(patch.VAR, variable)
    return words, next(at for at in range(3, len(words), 3) if words[at] == var_id)


@damage("verify-linkage", "map `counters` is declared global, and its variable has linkage 7")
def _linkage_unheard_of(p: Patch) -> None:
    p.types[p.find(patch.VAR, "counters")][3] = 7


@damage("verify-datasec", "extern `shared` is at byte 0 in the DATASEC and has 40 bytes")
def _extern_grown(p: Patch) -> None:
    words, at = _datasec_entry(p, ".maps", "shared")
    words[at + 2] += 8


@damage("verify-datasec", "the DATASEC of section `.maps` lists a INT")
def _datasec_of_a_type(p: Patch) -> None:
    words, at = _datasec_entry(p, ".maps", "counters")
    words[at] = p.find(patch.INT, "int")


@damage("verify-datasec", "variable `sized` of BTF has no symbol in section `.maps`")
def _symbol_moved_to_another_section(p: Patch) -> None:
    p.set_symbol("sized", shndx=p.section_index("maps"))


@damage("verify-definition", "map `old` is declared as a `struct bpf_map_def`", "`max_elements`")
def _legacy_member_renamed(p: Patch) -> None:
    words, at = p.element(p.find(patch.STRUCT, "bpf_map_def"), "max_entries")
    words[at] = p.string("max_elements")


@damage("verify-object", "the object can't be read any further")
def _type_id_out_of_range(p: Patch) -> None:
    p.types[p.find(patch.VAR, "counters")][2] = 0x7FFFFFFF


@damage("verify-byteorder", "the object is", "and its BTF is")
def _btf_of_the_other_byte_order(p: Patch) -> None:
    for words in p.types:
        words[:] = [int.from_bytes(word.to_bytes(4, "little"), "big") for word in words]
    p.swap_magic()
