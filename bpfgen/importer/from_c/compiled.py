"""The maps of a C file as clang compiles them: what the import of the same file is held against.

Functions are cut out before, since they are what needs the build's own flags and most of the time;
prototypes of the programs that stand in slots stay.
"""

from __future__ import annotations

import re

from bpfgen.importer.differences import differences
from bpfgen.importer.from_c.lines import GONE
from bpfgen.importer.from_c.map_shapes import IN_ORDER, LEGACY_ORDER
from bpfgen.importer.from_c.preprocessing import empty_headers, included
from bpfgen.importer.repair import warning
from bpfgen.model import anchors
from bpfgen.object import read_object
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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

NOTHING, HEAD, ALL = "nothing", "head", "all"


def compiled(
    unit: Unit,
    functions: Iterable[tuple[Declaration, str]],
    types: Iterable[str],
    path: str,
    options: Options,
) -> ObjectFile | str:
    """Return the object of *unit*, without its *functions*, or why there is none.

    Each function comes with what stays of it: :data:`NOTHING`, :data:`HEAD` or :data:`ALL`. The
    *types* (`struct name`) are kept whole, though only functions may need them so.
    """
    text = f"{_gone_from_headers(unit)}\n{_without(unit, functions)}"
    section = f'__attribute__((section("{anchors.SECTION}"), used))'
    text += "".join(
        f"static {name} *{anchors.TYPE_PREFIX}{number} {section};\n"
        for number, name in enumerate(types)
    )
    flags = ["-Wno-everything"]
    if not any(
        _PAIR_MACRO in (getattr(event, "name", "") for event in events)
        for events in unit.events.values()
    ):
        flags.append(f"-D{_PAIR_MACRO}(name, k, v)={_PAIR}")
    flags += (f"-D{name}={value}" for name, value in options.definitions.items())
    with empty_headers(unit.missing) as empty:
        result = options.clang.find().compile_object(
            text,
            target=options.target,
            include_directories=(*options.include_directories, empty),
            name=path,
            flags=flags,
        )
    if result.object is None:
        error = next((message for message in result.messages if message.is_error), None)
        if error is None:
            return "it ended without an object"
        if error.file:
            return f"{error.file}:{error.file_line}: {error.text}"
        place = error.line - 2  # the first line is ours
        where = unit.where(place) if 0 <= place < len(unit.raw) else ""
        return f"{where}{error.text}"
    try:
        return read_object(result.object)
    except FormatError as error:
        return str(error)


def _gone_from_headers(unit: Unit) -> str:
    """Return, on one line, what older files need and newer headers lack."""
    texts = [line.code for line in unit.lines]
    texts += (
        line
        for include in unit.includes
        if include.header is not None
        for line in include.header.lines
    )
    parts = []
    for tag, members in (("bpf_map_def", IN_ORDER), *LEGACY_ORDER.items()):
        lines = [line for line in texts if tag in line]
        if lines and not any(re.search(rf"\bstruct\s+{tag}\s*(?:{{|$)", line) for line in lines):
            parts.append(f"struct {tag} {{ unsigned int {', '.join(members)}; }}; ")
    return "".join(parts)


def _without(unit: Unit, functions: Iterable[tuple[Declaration, str]]) -> str:
    """Return the text of *unit* with its directives, but without the bodies of *functions*."""
    texts = ["" if included(line) in unit.missing else line.code for line in unit.raw]
    for function, kept in functions:
        if kept == ALL:
            continue
        start = function.head_end if kept == HEAD else function.start
        first, last = unit.place_of(start), unit.place_of(function.end - 1)
        before = texts[first][: start - unit.starts[first]] + (";" if kept == HEAD else "")
        after = texts[last][function.end - unit.starts[last] :]
        for place in range(first, last + 1):
            if unit.lines[place].text != GONE:
                texts[place] = ""
        texts[first] = before + (after if first == last else "")
        if first != last:
            texts[last] = after
    return "\n".join(texts) + "\n"


def held_against(
    model: Model, object: ObjectFile, known: set[str], places: Mapping[str, str]
) -> list[Diagnostic]:
    """Return in what *model* is not what *object* has.

    *known* are maps that were reported already; *places* say where maps stand in C.
    """
    reported: list[Diagnostic] = []
    for difference in differences(model, object):
        declared = next(
            (candidate for candidate in model.maps if candidate.name == difference.map), None
        )
        is_unused = declared is not None and (
            declared.linkage == "extern" or difference.code == "verify-missing"
        )
        if is_unused and object.map_named(difference.map or "") is None:
            continue  # nothing refers to it, so that it left no trace
        place = places.get(difference.map or "", "")
        reported.append(replace(difference, message=place + difference.message))
    names = {declared.name for declared in model.maps} | known
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
