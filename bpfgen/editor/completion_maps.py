"""What could be typed of a map: its kind, its attributes and their values."""

from __future__ import annotations

from bisect import bisect_left

from bpfgen.editor.completion_item import FIRST, LIKELY, OTHER, USUAL, Completion
from bpfgen.editor.context import ARGUMENTS, ATTRIBUTES, ENTRIES
from bpfgen.editor.places import following_text, kind_called, map_frame, texts_after
from bpfgen.editor.table_text import (
    PINNING_TEXTS,
    RUNTIME_TEXT,
    argument_names,
    attribute_text,
    entries_form,
    flag_text,
    kind_form,
    kind_text,
)
from bpfgen.editor.value_text import KIND_NAMES, kernel_of
from bpfgen.kernel.attribute_words import WRITTEN
from bpfgen.kernel.map_flags import EXCLUSIVE_FLAGS, MAP_FLAGS
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.model.maps import RUNTIME_ATTRIBUTES, Template
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.editor.analysis import Analysis
    from bpfgen.editor.context import Context
    from bpfgen.editor.visible import Names
    from bpfgen.kernel.map_kind import MapKind

_COMMON = frozenset(("hash", "array", "percpu_hash", "percpu_array", "lru_hash", "ringbuf"))
_TYPES = {
    ("lpm_trie", "KEY"): "prefix",
    ("insn_array", "VALUE"): "struct bpf_insn_array_value",
}
"""Types that are no plain integer, by kind and argument."""

_ENTRIES = {"[MAX_ENTRIES]": "[${%d:1024}]", "[BYTES]": "[${%d:256 KiB}]", "[PAGES]": "[${%d:100}]"}


def kinds(analysis: Analysis, context: Context, *, inner: bool = False) -> tuple[Completion, ...]:
    """Return the kinds of maps that the target's kernel knows, each with what it needs.

    With *inner* those that may be inside a map of maps.
    """
    kernel = kernel_of(analysis)
    following = following_text(context)
    found = []
    for name in KIND_NAMES:
        kind = MAP_KINDS[name]
        if (inner and not kind.may_be_inner) or (kernel is not None and kernel < kind.since):
            continue
        text = name if following and following in "<[" else shape_snippet(kind)
        if not inner and not following and text != name:
            text += ";"
        found.append(
            Completion(
                name,
                "kind",
                context.span,
                text,
                kind_form(kind).removeprefix(name),
                kind_text(kind),
                is_snippet="$" in text,
                rank=LIKELY if name in _COMMON else USUAL,
            )
        )
    return tuple(found)


def shape_snippet(kind: MapKind) -> str:
    """Return a map's shape of *kind* with the places that are to be filled in."""
    number = 1
    arguments = []
    for name in argument_names(kind):
        arguments.append(f"${{{number}:{_usual_type(kind, name)}}}")
        number += 1
    snippet = kind.name
    if arguments:
        snippet += f"<{', '.join(arguments)}>"
    entries = entries_form(kind)
    if entries:
        snippet += _ENTRIES[entries] % number
        number += 1
    if kind.name == "stack_trace":
        depth = "PERF_MAX_STACK_DEPTH * sizeof(__u64)"
        snippet += (
            f" {{\n    key_size = sizeof(__u32);\n    value_size = ${{{number}:{depth}}};\n}}"
        )
    return snippet


def _usual_type(kind: MapKind, argument: str) -> str:
    """Return a type that the kernel takes for *argument* of *kind*, as a start."""
    known = {"RECORD": "event", "INNER": "template"}.get(argument)
    known = known or _TYPES.get((kind.name, argument))
    if known is not None:
        return known
    if argument == "KEY":
        return "__u32" if 4 in kind.key_sizes else "__u64"
    return "__u64" if 8 in kind.value_sizes and not kind.value_sizes.since else "__u32"


def attributes(
    analysis: Analysis, context: Context, kind: MapKind | None, names: Names
) -> tuple[Completion, ...]:
    """Return the attributes that a map of *kind* takes and that aren't given before the place."""
    given = given_attributes(analysis, context, names)
    following = following_text(context)
    found = []
    for name in WRITTEN:
        if name in given or (kind is not None and not _takes(kind, name)):
            continue
        written = name if following == "=" else f"{name} = $0;"
        if name == "pinning" and following != "=":
            written = "pinning = ${1|by_name,none|};"
        found.append(
            Completion(
                name,
                "attribute",
                context.span,
                written,
                _attribute_detail(name),
                attribute_text(name, kind),
                is_snippet="$" in written,
                rank=LIKELY if name in ("map_flags", "pinning", "value", "key") else USUAL,
            )
        )
    return tuple(found)


def _attribute_detail(name: str) -> str:
    if name in ("key", "value"):
        return "a type"
    return "none or by_name" if name == "pinning" else "a number"


def _takes(kind: MapKind, attribute: str) -> bool:
    """Return whether *attribute* says anything of a map of *kind*."""
    if attribute in ("key", "key_size"):
        return not kind.keyless and bool(kind.key_sizes.most)
    if attribute in ("value", "value_size"):
        return bool(kind.value_sizes.most)
    if attribute == "max_entries":
        return bool(kind.entries.most)
    if attribute == "map_extra":
        return bool(kind.map_extra)
    if attribute == "numa_node":
        return "BPF_F_NUMA_NODE" in kind.flags
    return True


def given_attributes(analysis: Analysis, context: Context, names: Names) -> frozenset[str]:
    """Return the attributes of the map around *context* that are given, short forms included.

    Those of other branches of a `when` count as well as those that come after the place.
    """
    frame = map_frame(context)
    if frame is None or frame.kind != ATTRIBUTES:
        return frozenset()
    texts, kinds = context.tokens.texts, context.tokens.kinds
    given: set[str] = set()
    head = texts[frame.head]
    kind = kind_called(head, names)
    short = _short_forms(texts[frame.head + 1 : frame.opened])
    if "[" in short:
        given.add("max_entries")
    if "<" in short and kind is not None:
        if not kind.keyless:
            given.add("key")
        if not kind.has_record and (kind.keyless or "," in short):
            given.add("value")
    template = names.templates.get(head)
    if template is not None and isinstance(template.value, Template):
        shape = template.value.shape
        given.update(shape.attributes)
        given.update(["key"] * (shape.key is not None) + ["value"] * (shape.value is not None))
    depth = 0
    for at in range(frame.opened + 1, len(texts)):
        if texts[at] == "{":
            depth += 1
        elif texts[at] == "}":
            depth -= 1
        elif depth >= 0 and texts[at] == "=" and kinds[at - 1] in ("NAME", "TYPE_ATTRIBUTE"):
            given.add(texts[at - 1])
    given |= _given_after(analysis, context)
    if "key" in given:
        given.add("key_size")
    if "value" in given:
        given.add("value_size")
    return frozenset(given)


def _short_forms(texts: list[str]) -> str:
    """Return the brackets of a shape that aren't in others, and the commas between `<` and `>`."""
    found = ""
    depth = 0
    for text in texts:
        if text in ("<", "[", "(", "{"):
            depth += 1
            found += text if depth == 1 else ""
        elif text in (">", "]", ")", "}"):
            depth -= 1
        elif text == ">>":
            depth -= 2
        elif text == "," and depth == 1:
            found += ","
    return found


def _given_after(analysis: Analysis, context: Context) -> set[str]:
    """Return the attributes that are given after the place, before the map's last brace."""
    given: set[str] = set()
    depth = 0
    before = ""
    for text in texts_after(analysis, context):
        depth += {"{": 1, "}": -1}.get(text, 0)
        if depth < 0 or (before in ("map", "template") and text not in ("=", ";")):
            break
        if text == "=" and before in WRITTEN:
            given.add(before)
        before = text
    return given


def flags(analysis: Analysis, context: Context, kind: MapKind | None) -> tuple[Completion, ...]:
    """Return the flags that a map of *kind* takes, without those that are in the chain already."""
    kernel = kernel_of(analysis)
    given = set(_chain(analysis, context))
    refused = {
        other if one in given else one
        for one, other, _ in EXCLUSIVE_FLAGS
        if one in given or other in given
    }
    found = []
    for name, flag in MAP_FLAGS.items():
        if name in given or name in refused or flag.nowhere:
            continue
        if kind is not None and name not in kind.flags:
            continue
        if kernel is not None and kernel < flag.since:
            continue
        found.append(
            Completion(
                name,
                "flag",
                context.span,
                name,
                flag.meaning,
                flag_text(name, kind, kernel),
                rank=FIRST if kind is not None and name in kind.required_flags else USUAL,
            )
        )
    if not given:
        found += runtime(context, kind)
    return tuple(found)


def _chain(analysis: Analysis, context: Context) -> list[str]:
    """Return the names in the expression that *context* is in, before the place and after it."""
    texts = context.tokens.texts[: context.count]
    first = len(texts)
    while first and texts[first - 1] not in ("=", ";", "{", "}"):
        first -= 1
    chain = texts[first:]
    tokens, end, is_operand = analysis.tokens, context.span.end, True
    for index in range(bisect_left(tokens.starts, end), len(tokens.texts)):
        text, start = tokens.texts[index], tokens.starts[index]
        is_word = text[:1].isalnum() or text[:1] == "_"
        is_next = is_word and is_operand and "\n" in tokens.source.text[end:start]
        if text in (";", "{", "}", "=") or is_next:
            break  # or what is on the next line, with no operator between them
        if not text:
            continue
        chain.append(text)
        end, is_operand = tokens.ends[index], is_word or text == ")"
    return chain


def pinnings(context: Context) -> tuple[Completion, ...]:
    """Return the values of `pinning`."""
    return tuple(
        Completion(name, "value", context.span, name, documentation=text)
        for name, text in PINNING_TEXTS.items()
    )


def runtime(context: Context, kind: MapKind | None) -> tuple[Completion, ...]:
    """Return `runtime` where a loader may set the value, and it would be all of it."""
    frame = context.frame
    is_first = context.text(1) in ("=", "[")
    is_value = context.attribute in RUNTIME_ATTRIBUTES
    is_entries = frame is not None and frame.kind == ENTRIES
    if not is_first or not (is_value or is_entries):
        return ()
    if is_entries and kind is not None and not kind.entries.most:
        return ()
    return (
        Completion(
            "runtime",
            "value",
            context.span,
            "runtime",
            "the loader sets it",
            RUNTIME_TEXT,
            rank=OTHER,
        ),
    )


def takes_inner(context: Context, names: Names) -> bool:
    """Return whether the definition of inner maps could stand at *context*."""
    frame = context.frame
    if frame is None or context.text(1) not in ("<", ",", "="):
        return False
    kind = kind_called(context.tokens.texts[frame.head], names)
    if kind is None or not kind.of_maps:
        return False
    if frame.kind == ATTRIBUTES:
        return context.attribute == "value"
    return frame.kind == ARGUMENTS and context.commas(frame) > 0
