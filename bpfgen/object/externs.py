"""The undefined symbols of an object: what BTF says of them, and which libbpf can't supply.

libbpf supplies options of the kernel's configuration (`.kconfig`) and the kernel's own functions
and variables (`.ksyms`). Everything else is for a linker.

Source: tools/lib/bpf/libbpf.c, bpf_object__collect_externs, find_extern_btf_id and find_kcfg_type.
"""

from __future__ import annotations

from bpfgen.btf import kinds
from bpfgen.elf.constants import STB_WEAK
from bpfgen.object.records import Extern
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.btf.decode import Btf
    from bpfgen.object.symbols import Symbols

EXTERN_SECTIONS = (".kconfig", ".ksyms")
"""DATASECs whose variables libbpf supplies."""

_TRISTATE = "libbpf_tristate"


def externs(btf: Btf | None, symbols: Symbols) -> tuple[Extern, ...]:
    """Return the undefined symbols and what BTF knows about them."""
    if not symbols.undefined:
        return ()
    declared: dict[str, int] = {}
    sections: dict[int, str] = {}
    if btf is not None:
        wanted = {symbol.name for symbol in symbols.undefined}
        for type_id in btf.ids_of_kind(kinds.BTF_KIND_VAR, kinds.BTF_KIND_FUNC):
            name = btf.name(type_id)
            if name in wanted:
                declared.setdefault(name, type_id)
        for datasec_id, name in btf.datasecs().items():
            for var_id, _offset, _size in btf.variables(datasec_id):
                sections.setdefault(var_id, name)
    externs = []
    for symbol in symbols.undefined:
        type_id = declared.get(symbol.name, 0)
        section = sections.get(type_id, "")
        externs.append(Extern(symbol.name, section, type_id, weak=symbol.bind == STB_WEAK))
    return tuple(externs)


def of_externs(externs: tuple[Extern, ...], btf: Btf | None) -> Iterator[str]:
    """Yield the undefined symbols that libbpf can't supply, and why."""
    for extern in externs:
        if btf is None or not extern.type_id:
            yield f"extern `{extern.name}` has no type information"
        elif btf.linkage(extern.type_id) != kinds.BTF_VAR_GLOBAL_EXTERN:
            yield f"`{extern.name}` is extern in the symbol table, and not so in BTF"
        elif extern.section == ".maps":
            yield f"extern map `{extern.name}` is defined in another object: link them first"
        elif not extern.section:
            yield f"extern `{extern.name}` is defined in another object: link them first"
        elif extern.section not in EXTERN_SECTIONS:
            yield f"libbpf can't supply extern `{extern.name}` of section `{extern.section}`"
        elif extern.section == ".kconfig":
            yield from _of_option(btf, extern)
    if btf is not None and any(extern.section == ".ksyms" for extern in externs):
        yield from _of_kernel_symbols(btf, {extern.name for extern in externs})


def _of_option(btf: Btf, extern: Extern) -> Iterator[str]:
    """Yield why an option of the configuration can't have the type of *extern*."""
    if btf.kind(extern.type_id) == kinds.BTF_KIND_FUNC:
        yield f"extern `{extern.name}` of section `.kconfig` is a function"
        return
    try:
        type_id = btf.target(extern.type_id)
        size = btf.size_of(type_id)
        known = bool(size) and _is_option(btf, type_id)
    except FormatError:
        known = False
    if not known:
        yield (
            f"extern `{extern.name}` of section `.kconfig` is of a type that no option has; they "
            "are integers, `enum libbpf_tristate`, `_Bool` and arrays of char"
        )


def _is_option(btf: Btf, type_id: int) -> bool:
    """Whether libbpf takes the type for an option (find_kcfg_type)."""
    plain = btf.skip_modifiers(type_id)
    kind = btf.kind(plain)
    if kind == kinds.BTF_KIND_ARRAY:
        element, _index_type, nelems = btf.array(plain)
        element = btf.skip_modifiers(element)
        is_char = btf.kind(element) == kinds.BTF_KIND_INT and btf.size(element) == 1
        return nelems > 0 and is_char and not btf.int_encoding(element)[0] & kinds.BTF_INT_BOOL
    if kind == kinds.BTF_KIND_INT:
        if btf.int_encoding(plain)[0] & kinds.BTF_INT_BOOL:
            return btf.size(plain) == 1
        return btf.size(plain) in (1, 2, 4, 8)
    if kind == kinds.BTF_KIND_ENUM:
        return btf.size(plain) == 4 and btf.name(plain) == _TRISTATE
    return kind == kinds.BTF_KIND_ENUM64 and btf.name(plain) == _TRISTATE


def _of_kernel_symbols(btf: Btf, undefined: set[str]) -> Iterator[str]:
    """Yield what `.ksyms` lists and no symbol asks for."""
    datasec_id = btf.datasec(".ksyms")
    for var_id, _offset, _size in () if datasec_id is None else btf.variables(datasec_id):
        name = btf.name(var_id)
        if name not in undefined:
            yield f"BTF lists `{name}` in `.ksyms`, and no undefined symbol is called so"
