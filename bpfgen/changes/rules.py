"""The one table of the rules of `bpfgen breaking`: what each compares, and who acts on it.

A rule's code is a row of :mod:`bpfgen.text.codes`, too, where its severity is, and `explain` has a
page with an example for it.
"""

from __future__ import annotations

from bpfgen.record import Record

PIN, LAYOUT, INNER, LINK, SOURCE = "pin", "layout", "inner", "link", "source"
"""The categories."""

CATEGORY_NAMES = (PIN, LAYOUT, INNER, LINK, SOURCE)
"""Them all, in the order in which findings are reported."""


class Rule(Record):
    """One rule.

    Attributes:
        code: Its name, which begins with `break-` and the category.
        category: One of the five.
        compares: What of OLD and NEW is held against each other, in one clause.
        decided_by: Who acts on it: functions of the kernel and of loaders; empty where nobody does,
            and the bytes are misread.
    """

    code: str
    category: str
    compares: str
    decided_by: tuple[str, ...] = ()


_REUSE = ("libbpf map_is_reuse_compat", "cilium/ebpf MapSpec.Compatible")

_PIN_ROWS = (
    Rule("break-pin-kind", PIN, "the kinds of a pinned map", _REUSE),
    Rule("break-pin-key-size", PIN, "`key_size` of a pinned map", _REUSE),
    Rule("break-pin-value-size", PIN, "`value_size` of a pinned map", _REUSE),
    Rule("break-pin-max-entries", PIN, "`max_entries` of a pinned map, as it is made", _REUSE),
    Rule("break-pin-map-flags", PIN, "`map_flags` of a pinned map, as the kernel shows it", _REUSE),
    Rule("break-pin-map-extra", PIN, "`map_extra` of a pinned map", _REUSE[:1]),
    Rule("break-pin-gone", PIN, "whether a pinned map is still there"),
    Rule("break-pin-renamed", PIN, "the name of a pinned map, which is that of the pin"),
    Rule("break-pin-unpinned", PIN, "whether a pinned map is still pinned"),
)

_LAYOUT_ROWS = (
    Rule("break-layout-offset", LAYOUT, "the bytes at which a member stands"),
    Rule("break-layout-width", LAYOUT, "the bits of a number"),
    Rule("break-layout-sign", LAYOUT, "the sign of a number"),
    Rule("break-layout-byte-order", LAYOUT, "the order of bytes of a number"),
    Rule(
        "break-layout-kind",
        LAYOUT,
        "the kind of a type: integer, truth value, floating, struct, array",
    ),
    Rule("break-layout-array", LAYOUT, "the lengths of an array"),
    Rule("break-layout-union", LAYOUT, "which members share their bytes"),
    Rule("break-layout-enumerator", LAYOUT, "the values of enumerators"),
    Rule("break-layout-enumerator-gone", LAYOUT, "whether each value of an enum still has a name"),
    Rule("break-layout-gone", LAYOUT, "whether a member is still there, and not only reserved"),
    Rule("break-layout-padding", LAYOUT, "whether new members lie in bytes that were padding"),
    Rule("break-layout-size", LAYOUT, "the size of a type whose members are where they were"),
    Rule("break-layout-form", LAYOUT, "in which form user space has what is in a map"),
    Rule(
        "break-layout-special-field",
        LAYOUT,
        "the fields of values that the kernel looks after",
        ("Linux btf_record_equal",),
    ),
)

_META_EQUAL = ("Linux bpf_map_meta_equal",)
_RECORD_EQUAL = ("Linux btf_record_equal",)

_INNER_ROWS = (
    Rule(
        "break-inner-outer",
        INNER,
        "whether a map that held maps still does",
        ("Linux bpf_map_fd_get_ptr",),
    ),
    Rule("break-inner-kind", INNER, "the kind of the inner maps", _META_EQUAL),
    Rule("break-inner-key-size", INNER, "the bytes of their keys", _META_EQUAL),
    Rule("break-inner-value-size", INNER, "the bytes of their values", _META_EQUAL),
    Rule(
        "break-inner-map-flags",
        INNER,
        "their flags but for BPF_F_RDONLY and BPF_F_WRONLY, which a map doesn't keep",
        _META_EQUAL,
    ),
    Rule(
        "break-inner-max-entries",
        INNER,
        "`max_entries` of an `array` without BPF_F_INNER_MAP and of an `xskmap`; before Linux 5.10"
        " of every kind",
        ("Linux array_map_meta_equal, xsk_map_meta_equal",),
    ),
    Rule(
        "break-inner-fields",
        INNER,
        "which special fields their values have, and where: locks, timers, kptrs, lists, trees; on"
        " Linux 5.15 to 6.1 whether the value is a struct",
        _RECORD_EQUAL,
    ),
)

_DEFS_MATCH = ("libbpf map_defs_match",)
_BTF_MATCHES = ("libbpf glob_sym_btf_matches",)
_EXTERNS = ("libbpf bpf_object__collect_externs",)

_LINK_ROWS = (
    Rule("break-link-gone", LINK, "whether a map that others declare is still defined", _EXTERNS),
    Rule("break-link-renamed", LINK, "the name of a map that others declare, or define", _EXTERNS),
    Rule(
        "break-link-linkage",
        LINK,
        "whether a map is defined, may be defined elsewhere, too, or is only declared",
        (*_EXTERNS, "libbpf linker_append_elf_sym"),
    ),
    Rule("break-link-section", LINK, "BTF-defined or legacy", ("libbpf glob_syms_match",)),
    Rule("break-link-kind", LINK, "the kind of a map, or of the maps in it", _DEFS_MATCH),
    Rule("break-link-key-type", LINK, "the type of the key, or whether it has one", _BTF_MATCHES),
    Rule("break-link-key-size", LINK, "the bytes of the key", _DEFS_MATCH),
    Rule(
        "break-link-value-type", LINK, "the type of the value, or whether it has one", _BTF_MATCHES
    ),
    Rule("break-link-value-size", LINK, "the bytes of the value", _DEFS_MATCH),
    Rule(
        "break-link-type",
        LINK,
        "names of types and members, places, kinds and sizes in a type of a key or value; but for"
        " typedefs, signs, what is in an enum, lengths of arrays, and what is behind a pointer",
        _BTF_MATCHES,
    ),
    Rule("break-link-max-entries", LINK, "`max_entries`; what a loader sets is 0", _DEFS_MATCH),
    Rule("break-link-map-flags", LINK, "`map_flags`; what a loader sets is 0", _DEFS_MATCH),
    Rule("break-link-numa-node", LINK, "`numa_node`; what a loader sets is 0", _DEFS_MATCH),
    Rule("break-link-pinning", LINK, "`pinning`", _DEFS_MATCH),
    Rule("break-link-inner", LINK, "whether a map of maps says what is in it", _DEFS_MATCH),
    Rule("break-link-program", LINK, "the parameters of a program in a slot", _BTF_MATCHES),
)

_COMPILERS = ("the compilers of C, Go and Rust", "Python and its type checkers")
_ACCESSORS = ("the compilers of C, Go and Rust",)

_SOURCE_ROWS = (
    Rule("break-source-file", SOURCE, "whether a source declares anything", _COMPILERS),
    Rule("break-source-clash", SOURCE, "whether each output can be had: two names may be one"),
    Rule("break-source-map", SOURCE, "the names of maps, and the files that have them", _COMPILERS),
    Rule(
        "break-source-type",
        SOURCE,
        "the names of structs, unions, enums and typedefs, and the files that have them",
        _COMPILERS,
    ),
    Rule("break-source-member", SOURCE, "the names of members", _COMPILERS),
    Rule("break-source-enumerator", SOURCE, "the names of enumerators", _COMPILERS),
    Rule("break-source-constant", SOURCE, "the names of constants", _COMPILERS),
    Rule("break-source-template", SOURCE, "the names of templates", ("the compiler of C",)),
    Rule("break-source-program", SOURCE, "prototypes of programs", ("the compiler of C",)),
    Rule(
        "break-source-underlying",
        SOURCE,
        "what a typedef stands for, and of what integer an enum is",
        _COMPILERS,
    ),
    Rule("break-source-member-type", SOURCE, "the types of members", _COMPILERS),
    Rule(
        "break-source-member-form",
        SOURCE,
        "whether a member is a field, or is read and written by functions",
        _COMPILERS,
    ),
    Rule("break-source-constant-type", SOURCE, "the types of constants", ("the compiler of Rust",)),
    Rule("break-source-map-type", SOURCE, "the types of keys, values and records", _ACCESSORS),
    Rule(
        "break-source-map-use",
        SOURCE,
        "what can be done with a map, and what is known of it before it is loaded",
        _COMPILERS,
    ),
)

_ROWS: tuple[Rule, ...] = (
    *_PIN_ROWS,
    *_LAYOUT_ROWS,
    *_INNER_ROWS,
    *_LINK_ROWS,
    *_SOURCE_ROWS,
)

RULES: dict[str, Rule] = {rule.code: rule for rule in _ROWS}
"""By code, in the order of the categories."""
