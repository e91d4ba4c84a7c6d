"""C where the language has a form of its own: maps made of macros, functions, variables."""

from __future__ import annotations

import re

from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.mistakes.place import mistake

if TYPE_CHECKING:
    from bpfgen.syntax.mistakes.place import Mistake, Place

_MEMBER_MACROS = frozenset(("__uint", "__type", "__array", "__ulong"))
_KIND = "BPF_MAP_TYPE_"
_BCC = re.compile(
    r"BPF_(HASH|ARRAY|TABLE|PERCPU_\w+|LRU_HASH|LPM_TRIE|QUEUE|STACK(_TRACE)?|\w+_OUTPUT)"
)
_STATEMENTS = frozenset(("if", "for", "while", "return", "switch", "do"))


def map_in_c(place: Place) -> Mistake | None:
    """Recognise `struct { __uint(type, …); … } m SEC(".maps");`, `struct bpf_map_def …`."""
    first = place.first
    ends = place.end(first)
    head = first
    while place.kinds[head] in {"QUALIFIER", "TYPEDEF"} or place.texts[head] == "static":
        head += 1
    if place.kinds[head] != "COMPOSITE":
        return None
    texts = place.texts[head:ends]
    is_made_of_macros = any(
        place.texts[at] in _MEMBER_MACROS and place.texts[at + 1] == "(" for at in range(head, ends)
    )
    in_section = "SEC" in texts and any(text.strip('"') in {".maps", "maps"} for text in texts)
    if not (is_made_of_macros or in_section or "bpf_map_def" in texts[:3]):
        return None
    opened = head + 1
    while opened < ends and place.texts[opened] != "{":
        opened += 1
    written = _as_map(place, head, opened, ends) if opened < ends else None
    return mistake(
        "this is a map in C",
        place.span(first, min(opened + 1, ends)),
        help=f"write `{written}`"
        if written
        else "write `map NAME: hash<key, value>[max_entries];`, or have `bpfgen import` translate "
        "the C file",
        notes=("`bpfgen import FILE.c` translates a whole file",) if written else (),
        edits=(place.replace(first, ends, written),) if written else (),
        resume=ends,
    )


def _as_map(place: Place, head: int, opened: int, ends: int) -> str | None:
    """Return the definition in the words of this language; None where that takes a person."""
    closed = place.closing(opened)
    name = closed + 1
    if opened != head + 1 or closed < 0 or place.kinds[name] != "NAME":
        return None
    if place.texts[name + 1] != "SEC" or place.texts[ends - 1] != ";" or ends - 1 != name + 5:
        return None
    values: dict[str, str] = {}
    at = opened + 1
    while at < closed:
        if place.texts[at] not in {"__uint", "__type"} or place.texts[at + 1] != "(":
            return None
        end = place.closing(at + 1)
        if end < 0 or place.texts[at + 3] != "," or place.texts[end + 1] != ";":
            return None
        values[place.texts[at + 2]] = place.written(at + 4, end)
        at = end + 2
    return _form(place.texts[name], values)


def _form(name: str, values: dict[str, str]) -> str | None:
    """Return the map *name* with these members of its struct."""
    kind = values.pop("type", "")
    if not kind.startswith(_KIND):
        return None
    types = entries = ""
    if "key" in values and "value" in values:
        types = f"<{values.pop('key')}, {values.pop('value')}>"
    if "max_entries" in values:
        entries = f"[{values.pop('max_entries')}]"
    pinning = values.get("pinning", "")
    if pinning.startswith("LIBBPF_PIN_"):
        values["pinning"] = pinning.removeprefix("LIBBPF_PIN_").lower()
    rest = " ".join(f"{member} = {value};" for member, value in values.items())
    attributes = f" {{ {rest} }}" if rest else ""
    return f"map {name}: {kind.removeprefix(_KIND).lower()}{types}{entries}{attributes};"


def map_of_bcc(place: Place) -> Mistake | None:
    """Recognise `BPF_HASH(counters, u32, u64, 16);`."""
    first = place.first
    if not _BCC.fullmatch(place.texts[first]) or place.texts[first + 1] != "(":
        return None
    ends = place.end(first)
    return mistake(
        f"`{place.texts[first]}` is a macro of BCC",
        place.span(first, first + 1),
        help=f"write `map {place.texts[first + 2] or 'NAME'}: kind<key, value>[max_entries];`",
        resume=ends,
    )


def function_body(place: Place) -> Mistake | None:
    """Recognise `SEC("xdp") int program(struct xdp_md *ctx) { … }`, `static int f(void) { … }`."""
    first = place.first
    if place.is_map() or place.texts[first] in _STATEMENTS:
        return None
    depth = 0
    opened = -1
    name = ""
    for at in range(first, len(place.texts)):
        text = place.texts[at]
        if text == "(":
            if depth == 0 and place.kinds[at - 1] == "NAME" and at > first:
                name = place.texts[at - 1] if place.texts[at - 1] != "SEC" else name
            depth += 1
        elif text == ")":
            depth -= 1
        elif text == "{" and depth == 0 and place.texts[at - 1] == ")" and name:
            opened = at
            break
        elif depth < 0 or (depth == 0 and text in {";", "{", "}", "=", ":", ""}):
            return None
    closed = place.closing(opened) if opened >= 0 else -1
    if opened < 0 or closed < 0:
        return None
    return mistake(
        f"a function has no place here, and `{name}` has a body",
        place.span(first, opened),
        notes=("the language has types, constants, maps, and the prototypes of programs",),
        help="leave it in the C file that includes the generated header; where a map refers to "
        "the program, write its prototype: `int NAME(struct CONTEXT *ctx);`",
        resume=closed + 1 + (place.texts[closed + 1] == ";"),
    )


def section(place: Place) -> Mistake | None:
    """Recognise `SEC("xdp") int program(…);`, `map m: … SEC(".maps");`, `char LICENSE[] SEC(…)`."""
    first, index = place.first, place.index
    at = next(
        (i for i in (index - 2, index - 1, index) if i >= first and place.texts[i] == "SEC"), -1
    )
    if at < 0 or place.texts[at + 1] != "(" or place.texts[at + 3] != ")":
        return None
    ends = place.end(first)
    follows = at == first and place.kinds[first - 1] != "SEMICOLON" and first > 0
    if follows or place.is_map():
        return mistake(
            "a map needs no `SEC`: the header says where it goes",
            place.span(at, at + 4),
            help="remove it",
            edits=(place.remove(at, at + 4),),
            resume=ends,
        )
    if at == first:
        return mistake(
            "the section of a program is named in C",
            place.span(at, at + 4),
            help="remove it; the prototype alone stands here",
            edits=(place.replace(at, at + 5, place.texts[at + 4]),),
            resume=ends,
        )
    return _variable(place, ends)


def static(place: Place) -> Mistake | None:
    """Recognise `static int counter;`, `static int program(struct xdp_md *ctx);`."""
    first = place.first
    if place.texts[first] != "static" or place.index > first + 2:
        return None
    ends = place.end(first)
    if not any(place.texts[at] == "(" for at in place.top_level(first, ends)):
        return _variable(place, ends)
    return mistake(
        "a program that a map refers to can't be `static`",
        place.span(first, first + 1),
        help="remove it",
        edits=(place.replace(first, first + 2, place.texts[first + 1]),),
        resume=ends,
    )


def variable(place: Place) -> Mistake | None:
    """Recognise `char name[] = "text";`."""
    index = place.index
    is_first = place.kinds[place.first] in {"BUILTIN", "NAME", "QUALIFIER", "COMPOSITE", "EXTERN"}
    starts = place.kinds[index] == "STRING" or place.texts[index] == "{"
    if not (is_first and starts and place.texts[index - 1] == "=") or place.is_map():
        return None
    return _variable(place, place.end(place.first))


def _variable(place: Place, ends: int) -> Mistake:
    licence = any("license" in text.lower() for text in place.texts[place.first : ends])
    what = "the licence of a program" if licence else "a variable"
    return mistake(
        f"{what} has no place here: the language has types, constants, programs and maps",
        place.span(place.first, ends),
        help="leave it in the C file that includes the generated header",
        resume=ends,
    )
