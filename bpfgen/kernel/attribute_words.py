"""What people call the attributes of a map, their values and flags, and which they mean.

Asked where a word is none of the known ones: by the parser's recognisers and by resolution.
"""

from __future__ import annotations

from bpfgen.kernel.map_flags import MAP_FLAGS
from bpfgen.kernel.map_kind import ATTRIBUTES
from bpfgen.text.spelling import closest, fold

WRITTEN = tuple(name for name in ATTRIBUTES if name not in ("type", "values"))
"""The attributes that may stand in the braces after a map."""

UNMISTAKABLE = frozenset(WRITTEN) - {"key", "value"}
"""Those that nobody calls anything else: a constant `value = 5;` has lost its `const`."""

_SYNONYMS = {
    **dict.fromkeys(("flag", "flags", "bpfflags"), "map_flags"),
    **dict.fromkeys(("pin", "pinned", "pinpath", "pinbyname", "persistent"), "pinning"),
    **dict.fromkeys(
        (
            *("entries", "entry", "maxentry", "nrentries", "numentries", "maxelem", "maxelems"),
            *("maxelements", "elements", "maxsize", "size", "capacity", "length", "count"),
        ),
        "max_entries",
    ),
    **dict.fromkeys(("numa", "node"), "numa_node"),
    **dict.fromkeys(("extra",), "map_extra"),
    **dict.fromkeys(("keytype",), "key"),
    **dict.fromkeys(("valuetype", "record", "leaf"), "value"),
}
"""What other tools call an attribute, or people do: bpftool, BCC, iproute2, cilium/ebpf, aya.

Folded: without case and underscores.
"""

_PINNED = frozenset(("true", "yes", "on", "1", "name", "byname", "pinbyname", "pinned"))
_UNPINNED = frozenset(("false", "no", "off", "0", "pinnone", "unpinned"))
_PREFIXES = ("BPF_F_", "BPF_", "F_")


def attribute_named(word: str) -> str | None:
    """Return the attribute that *word* is, or is another tool's name of, or None."""
    return word if word in WRITTEN else _SYNONYMS.get(fold(word))


def attribute_meant(word: str) -> str | None:
    """Return the attribute that *word*, which is none, was probably meant for, or None."""
    return attribute_named(word) or closest(word, WRITTEN)


def pin_meant(text: str) -> str | None:
    """Return the value of `pinning` that *text* was probably meant for, or None."""
    folded = fold(text).removeprefix("libbpf")
    if folded in _PINNED:
        return "by_name"
    return "none" if folded in _UNPINNED else None


def flag_meant(word: str) -> str | None:
    """Return the flag that *word* is, or is short for, as `NO_PREALLOC` is; or None."""
    bare = word.upper()
    for prefix in _PREFIXES:
        bare = bare.removeprefix(prefix)
    by_bare = {fold(name.removeprefix("BPF_F_")): name for name in MAP_FLAGS}
    return by_bare.get(fold(bare))
