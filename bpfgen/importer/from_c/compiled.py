"""The maps of a C file as clang compiles them: what the import of the same file is held against.

It is the preprocessed file that is compiled, the same that was read. Bodies of functions are cut
out before, since they are what needs the build's own flags and most of the time; what is left of
them is a prototype. So are those of headers that define programs.
"""

from __future__ import annotations

import re

from bpfgen.importer.differences import differences
from bpfgen.importer.from_c.attributes import ARGUMENT_TAGS, in_plain_sections
from bpfgen.importer.from_c.forced import finder_for_c
from bpfgen.importer.from_c.header_bodies import without_header_bodies
from bpfgen.importer.from_c.macros import Macro
from bpfgen.importer.from_c.map_shapes import IN_ORDER, LEGACY_ORDER
from bpfgen.importer.repair import warning
from bpfgen.model import anchors
from bpfgen.object import read_object
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from bpfgen.clang.messages import ClangMessage
    from bpfgen.compiler import Options
    from bpfgen.importer.from_c.declarations import Declaration
    from bpfgen.importer.from_c.unit import Unit
    from bpfgen.model.model import Model
    from bpfgen.object import ObjectFile
    from bpfgen.text.diagnostics import Diagnostic

_PAIR_MACRO = "BPF_ANNOTATE_KV_PAIR"
_PAIR = (
    "struct ____btf_map_##name { k key; v value; };"
    ' static struct ____btf_map_##name __attribute__((section(".maps." #name), used))'
    " ____btf_map_##name = {}"
)
"""What libbpf had until 1.0, bpf_helpers.h: key and value of a legacy map, in BTF."""

_ITSELF = "itself.c"
"""What the file is called for clang, with places of the unit as lines."""

INSTEAD = "compile the C, and import the object: that has what the loader sees"
"""What to do where the source isn't what the C declares."""

_MACROS = {
    "SEC": "SEC(name) __attribute__((section(name), used))",
    "__uint": "__uint(name, val) int (*name)[val]",
    "__ulong": "__ulong(name, val) enum { __bpfgen_ulong_##name = val } name",
    "__type": "__type(name, val) __typeof__(val) *name",
    "__array": "__array(name, val) __typeof__(val) *name[]",
    **{f"__arg_{tag}": f"__arg_{tag}" for tag in ARGUMENT_TAGS},
    _PAIR_MACRO: f"{_PAIR_MACRO}(name, k, v) {_PAIR}",
}
"""What stands for libbpf's macros where no header that was found defines them."""

_STRUCT = re.compile(r"\bstruct\s+\Z")
_NEAR = 200


def compiled(
    unit: Unit,
    functions: Iterable[Declaration],
    types: Iterable[str],
    path: str,
    options: Options,
) -> ObjectFile | str:
    """Return the object of *unit*, without the bodies of its *functions*, or why there is none.

    The *types* (`struct name`) are kept whole, though only functions may need them so.
    """
    section = f'__attribute__((section("{anchors.SECTION}"), used))'
    end = [
        f"static {name} *{anchors.TYPE_PREFIX}{number} {section};"
        for number, name in enumerate(types)
    ]
    text = "\n".join([*_without_bodies(unit, functions), *end, ""])
    failures: list[str] = []
    for prologue in _prologues(unit):
        result = (
            finder_for_c(options)
            .find()
            .compile_object(
                in_plain_sections("\n".join([*prologue, text])),
                target=options.target,
                include_directories=options.include_directories,
                name=path,
                flags=("-Wno-everything",),
                is_kept=True,
            )
        )
        if result.object is not None:
            try:
                return read_object(result.object)
            except FormatError as error:
                return str(error)
        failures.append(_failure(result.messages, unit))
    return failures[0]


def _failure(messages: Iterable[ClangMessage], unit: Unit) -> str:
    """Return the first error of *messages*, with its place."""
    error = next((message for message in messages if message.is_error), None)
    if error is None:
        return "it ended without an object"
    if error.file != _ITSELF:
        return f"{error.file}:{error.file_line}: {error.text}" if error.file else error.text
    place = error.file_line - 1
    return f"{unit.where(place) if 0 <= place < len(unit.raw) else ''}{error.text}"


def _prologues(unit: Unit) -> Iterator[list[str]]:
    """Yield what files need that was in headers which are older, or weren't found; first little."""
    defined = {macro.name for macro in unit.predefined} | {
        event.name
        for events in unit.events.values()
        for event in events
        if isinstance(event, Macro)
    }
    lines = [f"#define {text}" for name, text in _MACROS.items() if name not in defined]
    text = "\n".join(line for _place, line in unit.output if not line.startswith("#"))
    for tag, members in (("bpf_map_def", IN_ORDER), *LEGACY_ORDER.items()):
        if tag in text and not _has_body(tag, text):
            lines.append(f"struct {tag} {{ unsigned int {', '.join(members)}; }};")
            if tag == "bpf_elf_map":
                lines.append("enum { PIN_NONE, PIN_OBJECT_NS, PIN_GLOBAL_NS };")
    yield lines
    if "bool" not in defined and re.search(r"\bbool\s*;", text) is None:
        lines.append("typedef _Bool bool;")
        yield lines
    yield [*lines, "#include <linux/bpf.h>"]


def _has_body(tag: str, text: str) -> bool:
    """Whether *text*, which may have a whole vmlinux.h, has `struct tag {`."""
    return any(
        _STRUCT.search(text, max(found.start() - _NEAR, 0), found.start()) is not None
        for found in re.finditer(rf"{tag}\s*{{", text)
    )


def _without_bodies(unit: Unit, functions: Iterable[Declaration]) -> Iterator[str]:
    """Yield the preprocessed lines of *unit*, but no bodies of *functions*."""
    code = "\n".join(unit.expanded)
    parts: list[str] = []
    gone: set[int] = set()
    inside: set[int] = set()
    position = 0
    for function in functions:
        body = code[function.head_end : function.end]
        parts += (code[position : function.head_end], ";", "\n" * body.count("\n"))
        position = function.end
        body_places = range(unit.place_of(function.head_end), unit.place_of(position - 1) + 1)
        gone.update(body_places)
        inside.update(body_places[:-1])
    lines = "".join([*parts, code[position:]]).split("\n")
    last = -2
    own = -1
    done: set[int] = set()
    for place, line in without_header_bodies(unit.output):
        is_pragma = place >= 0 and line.startswith("#")
        own = place if place >= 0 else own
        if place in (gone if is_pragma else done) or (place < 0 and own in inside):
            continue
        if place >= 0 and place != last + 1:
            yield f'# {place + 1} "{_ITSELF}"'
        yield line if place < 0 or is_pragma else lines[place]
        if place >= 0 and not is_pragma:
            done.add(place)
        last = place if place >= 0 else -2


def held_against(
    model: Model | None,
    object: ObjectFile,
    known: set[str],
    places: Mapping[str, str],
    unfolded: Container[str] = (),
) -> list[Diagnostic]:
    """Return in what *model* is not what *object* has: errors, and warnings of missing maps.

    The model is None where there is no source. *known* are maps that were reported already;
    *places* say where maps stand in C. For the typedefs *unfolded* the source has what they stand
    for.
    """
    reported: list[Diagnostic] = []
    declarations = {} if model is None else {declared.name: declared for declared in model.maps}
    for difference in (
        [] if model is None else differences(model, object, unfolded=unfolded, of_c=True)
    ):
        declared = declarations.get(difference.map or "")
        is_extern = declared is not None and declared.linkage == "extern"
        if is_extern and object.map_named(difference.map or "") is None:
            continue  # nothing refers to it, so that it left no trace
        place = places.get(difference.map or "", "")
        reported.append(
            replace(
                difference,
                message=place + difference.message,
                help=INSTEAD,
            )
        )
    names = declarations.keys() | known
    reported += (
        warning(
            "import-map",
            f"map `{emitted.name}` is in the compiled file, and wasn't found",
            emitted.name,
        )
        for emitted in object.maps
        if emitted.name not in names
    )
    return reported
