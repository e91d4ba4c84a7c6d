"""The tables of map kinds and loaders as text, JSON and Markdown."""

from __future__ import annotations

import json
import re

from bpfgen.kernel.btf_features import BTF_FEATURES
from bpfgen.kernel.kind_facts import entries_text, facts, sizes_text, versions_text
from bpfgen.kernel.loaders import LOADERS
from bpfgen.kernel.map_flags import EXCLUSIVE_FLAGS, MAP_FLAGS
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.special_fields import MAX_SPECIAL_FIELDS, SPECIAL_FIELDS
from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.kernel.map_kind import MapKind, Sizes


def json_text(kinds: Sequence[MapKind], *, whole: bool) -> str:
    """Return *kinds* as JSON; *whole* with flags, special fields and features as well."""
    document: dict[str, object] = {"format": 1, "kinds": [_kind(kind) for kind in kinds]}
    if whole:
        document["flags"] = [
            {
                "name": flag.name,
                "bit": flag.bit,
                "value": flag.value,
                "since": format_version(flag.since),
                "meaning": flag.meaning,
                "kinds": [kind.name for kind in MAP_KINDS.values() if flag.name in kind.flags],
            }
            for flag in MAP_FLAGS.values()
        ]
        document["exclusive_flags"] = [list(pair[:2]) for pair in EXCLUSIVE_FLAGS]
        document["special_fields"] = [
            {
                "name": field.name,
                "since": format_version(field.since),
                "most": field.most,
                "needs_lock": field.needs_lock,
                "contains": field.contains,
                "kinds": [k.name for k in MAP_KINDS.values() if field.name in k.special_fields],
            }
            for field in SPECIAL_FIELDS.values()
        ]
        document["btf"] = [
            {"name": feature.name, "since": format_version(feature.since)}
            for feature in BTF_FEATURES.values()
        ]
        document["libbpf"] = _features("libbpf")
        document["loaders"] = [
            {
                "name": name,
                "title": TARGETS[name].title,
                "newest": format_version(TARGETS[name].newest),
                "features": _features(name),
            }
            for name in LOADERS
        ]
    return json.dumps(document, indent=2) + "\n"


def _features(loader: str) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "since": format_version(support.since) if support.since else None,
            "until": format_version(support.until) if support.until else None,
            "otherwise": support.otherwise,
            "severity": support.severity,
            "source": support.source,
            "before_kernel": format_version(support.before_kernel)
            if support.before_kernel
            else None,
        }
        for name, support in LOADERS[loader].items()
    ]


def _kind(kind: MapKind) -> dict[str, object]:
    return {
        "name": kind.name,
        "meaning": kind.meaning,
        "constant": kind.constant,
        "number": kind.number,
        "since": format_version(kind.since),
        "key_size": _sizes(kind.key_sizes),
        "value_size": _sizes(kind.value_sizes),
        "max_entries": {
            "least": kind.entries.least,
            "most": kind.entries.most,
            "power_of_two_of_pages": kind.entries.pages,
        },
        "most_key_and_value": kind.over_element,
        "flags": list(kind.flags),
        "required_flags": list(kind.required_flags),
        "filled_in": {
            name: value
            for name, value in (("key_size", kind.key_size), ("value_size", kind.value_size))
            if value is not None
        },
        "map_extra": kind.map_extra or None,
        "numa_node": "BPF_F_NUMA_NODE" in kind.flags,
        "may_be_inner": kind.may_be_inner,
        "needs_inner": kind.of_maps,
        "btf": kind.btf,
        "key_type": kind.key_type,
        "special_fields": list(kind.special_fields),
        "kptr_since": format_version(kind.kptr_since) if "kptr" in kind.special_fields else None,
        "mmap": kind.mmap or None,
        "capability": kind.capability or None,
        "source": kind.source,
    }


def _sizes(sizes: Sizes) -> dict[str, object]:
    return {
        "least": sizes.least,
        "most": sizes.most,
        "multiple": sizes.multiple,
        "since": {str(size): format_version(since) for size, since in sizes.since},
        "before": None
        if sizes.before is None
        else {"version": format_version(sizes.before[0]), "most": sizes.before[1]},
    }


def markdown(kinds: Sequence[MapKind], *, whole: bool) -> str:
    """Return *kinds* as Markdown; *whole* with flags, special fields and features as well."""
    if not whole:
        return "".join(_section(kind) for kind in kinds).lstrip("\n")
    parts = [_INTRODUCTION, _overview(kinds)]
    parts.append("\n## The kinds, one by one\n")
    parts.extend(_section(kind) for kind in kinds)
    parts.append(
        _table(
            "\n## map_flags\n\n`bpfgen explain map-flags` says what a wrong one gets.\n",
            ("flag", "bit", "since", "meaning", "kinds"),
            (
                (
                    f"`{flag.name}`",
                    str(flag.bit),
                    format_version(flag.since),
                    flag.meaning,
                    _takers(flag.name) or f"none: {flag.nowhere}",
                )
                for flag in MAP_FLAGS.values()
            ),
        )
    )
    pairs = "; ".join(f"`{one}` with `{other}`" for one, other, _ in EXCLUSIVE_FLAGS)
    parts.append(f"\nRefused together: {pairs}.\n")
    parts.append(
        _table(
            "\n## Special fields\n\n"
            f"A value holds at most {MAX_SPECIAL_FIELDS} of them, elements of arrays counted.\n",
            ("field", "since", "in one value", "needs", "kinds"),
            (
                (
                    f"`{field.name}`",
                    format_version(field.since),
                    "any number" if field.most is None else f"{field.most} at most",
                    "`bpf_spin_lock` beside it, `__contains`" if field.needs_lock else "",
                    ", ".join(k.name for k in MAP_KINDS.values() if field.name in k.special_fields),
                )
                for field in SPECIAL_FIELDS.values()
            ),
        )
    )
    parts.append(
        _table(
            "\n## BTF\n\nWhat older kernels don't know libbpf replaces before it loads the BTF.\n",
            ("what", "since Linux", "before"),
            ((f.name, format_version(f.since), f.before) for f in BTF_FEATURES.values()),
        )
    )
    parts.append(_LOADERS + _loaders_overview())
    for name, table in LOADERS.items():
        title = TARGETS[name].title
        parts.append(
            _table(
                f"\n## {title}\n\nWhat `target {name} >= X;` and `--{name} X` are held against.\n",
                ("what", title, "others", "who says so"),
                (
                    (name, versions_text(support), support.otherwise, f"`{support.source}`")
                    for name, support in table.items()
                ),
            )
        )
    return "".join(parts)


_LOADERS = """
## Loaders

What a definition of maps may ask for, and which versions of what loads it do what is meant.
What isn't listed, all of them do; the sections below say what the other versions do.

"""


def _loaders_overview() -> str:
    features = dict.fromkeys(feature for table in LOADERS.values() for feature in table)
    return _table(
        "",
        ("what", *(TARGETS[name].title for name in LOADERS)),
        (
            (
                feature,
                *(
                    versions_text(table[feature]) if feature in table else "always"
                    for table in LOADERS.values()
                ),
            )
            for feature in features
        ),
    )


_INTRODUCTION = """\
<!-- Generated: bpfgen kinds --format markdown > docs/map-kinds.md -->

# Map kinds

What the kernel asks of each kind of map, as bpfgen checks it.
`bpfgen kinds NAME` prints one of them, `bpfgen kinds --format json` all for machines.
`bpfgen kinds --needs FILE` names the oldest kernel that a file works on.
Of one with conditions that `-D` and `-U` leave open it is what any of its branches needs.

Sizes are in bytes, and upper limits those of x86-64 with pages of 4 KiB.
A version after a name is the first Linux that takes it, where that is newer than the kind itself.
`inner` says whether a map of that kind can be stored in a map of maps.
`BTF types` says what becomes of the types of key and value.
Where they are `optional`, the kernel takes both or neither; where `required`, no map without them.
Where they are `dropped`, the kernel refuses them, so that libbpf keeps them back.
`none` stands where there is neither key nor value.

"""


def _overview(kinds: Iterable[MapKind]) -> str:
    return _table(
        "",
        ("kind", "number", "since", "key", "value", "max_entries", "inner", "BTF types"),
        (
            (
                f"[{kind.name}](#{kind.name})",
                str(kind.number),
                format_version(kind.since),
                sizes_text(kind, "key"),
                sizes_text(kind, "value"),
                entries_text(kind),
                "yes" if kind.may_be_inner else "no",
                kind.btf,
            )
            for kind in kinds
        ),
    )


def _section(kind: MapKind) -> str:
    lines = [f"\n### {kind.name}\n"]
    lines.append(f"{kind.meaning[0].upper()}{kind.meaning[1:]}.")
    lines.append(f"`{kind.constant}` = {kind.number}, since Linux {format_version(kind.since)}.\n")
    lines.extend(f"- {title}: {_marked(text)}" for title, text in facts(kind))
    return "\n".join(lines) + "\n"


_NAMES = re.compile(r"\b(?:BPF_F_\w+|bpf_[a-z_]+\b(?!\()|(?:percpu_)?kptr(?:_untrusted)?|uptr)\b")


def _marked(text: str) -> str:
    """Return *text* with the kernel's names in it marked as code."""
    return _NAMES.sub(r"`\g<0>`", text)


def _takers(flag: str) -> str:
    return ", ".join(kind.name for kind in MAP_KINDS.values() if flag in kind.flags)


def _table(head: str, titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [
        f"{head}\n" if head else "",
        "| " + " | ".join(titles) + " |\n",
        "|" + " - |" * len(titles) + "\n",
    ]
    lines += ["| " + " | ".join(row) + " |\n" for row in rows]
    return "".join(lines)
