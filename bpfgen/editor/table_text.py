"""What the tables know, as Markdown: kinds of maps, flags, attributes, targets, codes.

For hovers and for the text beside a completion; nothing here depends on the text that is typed.
"""

from __future__ import annotations

from bpfgen.kernel.kind_facts import facts, filled_in
from bpfgen.kernel.map_flags import EXCLUSIVE_FLAGS, MAP_FLAGS, OTHER_FLAGS
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.special_fields import SPECIAL_FIELDS
from bpfgen.kernel.tags import POINTER_TAGS
from bpfgen.kernel.targets import TARGETS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.kernel.version import KernelVersion

LANGUAGE = "bpfmap"
"""The name of the language at a fence of Markdown."""


def fenced(text: str, language: str = LANGUAGE) -> str:
    """Return *text* as a block of code."""
    return f"```{language}\n{text.strip(chr(10))}\n```"


def inline(text: str) -> str:
    """Return *text*, which is one line, as code in a sentence, whatever is in it."""
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    marks = "`" * (longest + 1)
    return f"{marks} {text} {marks}" if "`" in text else f"{marks}{text}{marks}"


def plain_text(markdown: str) -> str:
    """Return *markdown*, as it is made here, for who sees it as it is.

    Code stays in its backticks, as in messages; blocks of it and what is bold lose their marks.
    """
    lines = [line for line in markdown.split("\n") if not line.startswith("```")]
    return "\n".join(
        line[2:-2] if line[:2] == line[-2:] == "**" and line.count("**") == 2 else line
        for line in lines
    )


def sentence(text: str) -> str:
    """Return *text* with a capital letter at its beginning and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def kind_form(kind: MapKind) -> str:
    """Return how a map of *kind* is written: `hash<KEY, VALUE>[MAX_ENTRIES]`."""
    return f"{kind.name}{arguments_form(kind)}{entries_form(kind)}"


def arguments_form(kind: MapKind) -> str:
    """Return `<KEY, VALUE>`, or what else may stand between the `<` and the `>` of *kind*."""
    names = argument_names(kind)
    return f"<{', '.join(names)}>" if names else ""


def argument_names(kind: MapKind) -> tuple[str, ...]:
    """Return what each type argument of *kind* is; the last of a map of maps may be left out."""
    if kind.of_maps:
        return ("KEY", "INNER")
    if kind.has_record:
        return ("RECORD",)
    if kind.has_no_types or kind.name == "stack_trace":
        return ()
    if kind.keyless:
        return ("VALUE",)
    if kind.key_size is not None and kind.value_size is not None:
        return ()  # both are filled in
    return ("KEY", "VALUE")


def entries_form(kind: MapKind) -> str:
    """Return `[MAX_ENTRIES]`, or what it counts; empty where there is none."""
    if not kind.entries.most:
        return ""
    if kind.entries.pages:
        return "[BYTES]"
    return "[PAGES]" if kind.entries.counts_pages else "[MAX_ENTRIES]"


def kind_text(kind: MapKind) -> str:
    """Return all that the table says of *kind*."""
    lines = [
        fenced(kind_form(kind)),
        "",
        sentence(kind.meaning),
        f"`{kind.constant}`, since Linux {format_version(kind.since)}.",
    ]
    given = filled_in(kind)
    if given:
        lines.append(f"Filled in: {', '.join(inline(one) for one in given)}.")
    lines.append("")
    lines += [f"- {title}: {text}" for title, text in facts(kind)]
    return "\n".join(lines)


def flag_text(name: str, kind: MapKind | None, kernel: KernelVersion | None) -> str:
    """Return what the flag *name* does, and whether a map of *kind* takes it on *kernel*.

    Empty for what is no flag of a map or of its use.
    """
    flag = MAP_FLAGS.get(name)
    if flag is None:
        taker = OTHER_FLAGS.get(name)
        return "" if taker is None else f"A flag of `{taker}`, not of a map."
    lines = [
        f"{sentence(flag.meaning)}",
        "",
        f"`1 << {flag.bit}` = `{flag.value:#x}`, since Linux {format_version(flag.since)}.",
    ]
    if flag.nowhere:
        lines.append(sentence(flag.nowhere))
    takers = [one.name for one in MAP_KINDS.values() if name in one.flags]
    if takers:
        lines.append(f"Taken by {', '.join(f'`{one}`' for one in takers)}.")
    for one, other, _ in EXCLUSIVE_FLAGS:
        if name in (one, other):
            lines.append(f"Refused together with `{other if name == one else one}`.")
    if kind is not None and name not in kind.flags:
        lines += ["", f"**A map of kind `{kind.name}` doesn't take it.**"]
    if kernel is not None and kernel < flag.since:
        lines += ["", f"**The target, Linux {format_version(kernel)}, doesn't know it.**"]
    return "\n".join(lines)


_ATTRIBUTES = {
    "key": "The type of the keys; the first of `<K, V>` is short for it.",
    "value": "The type of the values, or for a map of maps the definition of the maps in it; the "
    "second of `<K, V>` is short for it.",
    "key_size": "Bytes of a key, where it has no type.",
    "value_size": "Bytes of a value, where it has no type.",
    "max_entries": "How many elements the map may have; `[N]` is short for it.",
    "map_flags": "Flags of the map, joined by `|`.",
    "numa_node": "The NUMA node that has the memory; counts only with `BPF_F_NUMA_NODE`.",
    "map_extra": "64 bits whose meaning depends on the kind.",
    "pinning": "`by_name` has libbpf pin the map at `/sys/fs/bpf/NAME`, or take up the one that is "
    "pinned there; `none` is as good as nothing.",
}


def attribute_text(name: str, kind: MapKind | None) -> str:
    """Return what the attribute *name* of a map says, and what it may be for *kind*; or nothing."""
    meaning = _ATTRIBUTES.get(name)
    if meaning is None:
        return ""
    lines = [meaning]
    if kind is not None:
        role = name.removesuffix("_size")
        is_size = role in ("key", "value")
        wanted = f"{role} size" if is_size else name
        said = "Bytes, of" if is_size else "Of"
        lines += [
            f"\n{said} `{kind.name}`: {text}." for title, text in facts(kind) if title == wanted
        ]
    return "\n".join(lines)


PINNING_TEXTS = {
    "by_name": "libbpf pins the map at `/sys/fs/bpf/NAME`, or another directory that it is told, "
    "and takes up the one that is there if it is the same.",
    "none": "The map isn't pinned, as without `pinning`.",
}
"""What the values of `pinning` mean."""

RUNTIME_TEXT = (
    "The loader sets it between open and load, with `bpf_map__set_max_entries` and its like; "
    "nothing is written into the object."
)
"""What `runtime` means."""

GNU_ATTRIBUTES = {
    "packed": "No padding between the members.",
    "aligned": "At least so many bytes of alignment; 16 without a number.",
    "mode": "An enum, integer or floating-point number of another size.",
    "preserve_access_index": "Accesses are relocated to the running kernel's layout (CO-RE).",
    "btf_type_tag": "A tag of the pointee's type in BTF.",
    "btf_decl_tag": "A tag of the declaration in BTF.",
    "address_space": "The pointee is in another address space, as an arena is.",
}
"""What the attributes that the language understands mean."""


def target_text(name: str) -> str:
    """Return what `target` *name* asks for; empty for what is none."""
    kind = TARGETS.get(name)
    if kind is None:
        return ""
    newest = format_version(kind.newest)
    lines = [
        fenced(f"target {name} >= {kind.example};"),
        "",
        f"The oldest version of {kind.title} that must do for the maps.",
        f"The newest that bpfgen knows is {newest}.",
    ]
    if kind.may_be_bare:
        lines.append(f"`target {name};` stands for that.")
    return "\n".join(lines)


def code_text(code: str) -> str:
    """Return what `bpfgen explain` says of *code*; empty for what is none."""
    # Gathers what all rules say: only who asks pays for it.
    from bpfgen.rules.manual import explanations

    explanation = explanations().get(code)
    if explanation is None:
        return ""
    lines = [f"**{code}**", "", explanation.meaning.strip()]
    if explanation.wrong:
        lines += ["", "Wrong:", "", fenced(explanation.wrong)]
    if explanation.right:
        lines += ["", "Right:", "", fenced(explanation.right)]
    return "\n".join(lines)


def special_text(name: str) -> str:
    """Return what the kernel does with a special field, the struct or tag *name*; or nothing."""
    field = SPECIAL_FIELDS.get(name)
    if field is None:
        return ""
    kinds = [kind.name for kind in MAP_KINDS.values() if name in kind.special_fields]
    lines = [f"A field that the kernel looks after, since Linux {format_version(field.since)}."]
    if field.most is not None:
        lines.append(f"At most {field.most} in a value.")
    if field.needs_lock:
        lines.append("A `bpf_spin_lock` must stand beside it, and `__contains(type, member)`.")
    lines.append(f"In values of {', '.join(f'`{kind}`' for kind in kinds)}.")
    return " ".join(lines)


def macro_text(name: str) -> str:
    """Return what the macro of libbpf's headers *name* stands for; empty for what is none."""
    for tag in POINTER_TAGS.values():
        if tag.macro == name:
            until = "" if tag.until is None else f" until {format_version(tag.until)}"
            attribute = f'`__attribute__((btf_type_tag("{tag.tag}")))`'
            since = f"{attribute}, since Linux {format_version(tag.since)}{until}."
            return f"{since}\n\n{special_text(tag.field)}"
    return _MACROS.get(_SPELLINGS.get(name, name), "")


_SPELLINGS = {"__attribute": "__attribute__"}
_MACROS = {
    "__arena": "`__attribute__((address_space(1)))`: a pointer into an arena.",
    "__contains": "`__contains(type, member)`: the list or tree holds structs *type*, each by its "
    "*member*, a `bpf_list_node` or `bpf_rb_node`.",
    "__packed": "No padding between the members.",
    "__aligned": "`__aligned(n)`: at least *n* bytes of alignment.",
    "_Alignas": "`_Alignas(n)` or `_Alignas(type)`: at least so many bytes of alignment.",
    "alignas": "`alignas(n)` or `alignas(type)`: at least so many bytes of alignment.",
    "__attribute__": "Attributes of the type or the declaration: `packed`, `aligned(n)`, "
    '`btf_decl_tag("…")` and so on.',
}
