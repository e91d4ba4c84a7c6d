"""The source of an object, made sound: it compiles, and says what the object says.

The text is compiled by the compiler itself. An error that can be allowed gets its allowance, with
the object as the reason; a declaration with any other error is left out and told, so that the rest
stands. What comes out is held against the object by the same comparison as verification, and what
differs is told too: import never keeps quiet about what it could not express.
"""

from __future__ import annotations

from functools import partial

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.compiler import Options, compile
from bpfgen.emit.backend import base_name
from bpfgen.emit.c.declarators import Speller
from bpfgen.emit.c.type_bodies import declare_types
from bpfgen.emit.dsl.dialect import DSL
from bpfgen.emit.dsl.maps import MapWriter
from bpfgen.importer.from_object import kernel_types
from bpfgen.importer.from_object.maps import ObjectMaps
from bpfgen.importer.from_object.types import ObjectTypes
from bpfgen.importer.names import Names
from bpfgen.object.records import INITIALIZER, LEGACY
from bpfgen.providers.prelude.load import Prelude
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.codes import ALLOWABLE
from bpfgen.text.diagnostics import ERROR, NOTE, WARNING, Diagnostic, Subject
from bpfgen.text.source import Source
from bpfgen.verify.declarations import verify_programs
from bpfgen.verify.findings import Findings
from bpfgen.verify.maps import verify_map
from bpfgen.verify.types import TypeChecker
from bpfgen.verify.whole_types import verify_whole_types

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from bpfgen.compiler import Compilation
    from bpfgen.model.model import Model
    from bpfgen.object.records import ObjectFile

_MOST_ATTEMPTS = 20
"""Compilations until the text is sound: each but the last leaves something out."""

_NO_BTF = b"\x9f\xeb\x01\x00\x18\x00\x00\x00" + bytes(12) + b"\x01\x00\x00\x00\x00"


class Imported(Record):
    """What an object came to.

    Attributes:
        text: The source; empty where no map could be expressed.
        diagnostics: What was changed, lost or allowed on the way, in the order of the object.
    """

    text: str
    diagnostics: list[Diagnostic]


class Item(Record):
    """One declaration.

    Attributes:
        name: Of the map, or empty.
        what: In words, for messages.
        group: Items of one group stand together.
        allowances: The codes that are allowed in it, in the order in which they came up.
        place: Where it comes from, for messages: `file:line: `, or empty.
        subject: What a diagnostic is about that leaves it out.
    """

    text: str
    name: str
    what: str
    group: int
    allowances: dict[str, None]
    place: str = ""
    subject: Subject | None = None


def import_object(object: ObjectFile, path: str, options: Options | None = None) -> Imported:
    """Return the source that compiles back to the maps of *object*, which was read from *path*.

    The diagnostics are warnings and notes. *options* are those that the source is going to be
    compiled with.
    """
    options = options or Options()
    imported = _imported(object, path, options, with_header=True)
    # The object may have been compiled with another version of linux/bpf.h than the one here.
    return imported or _imported(object, path, options, with_header=False) or Imported("", [])


def _imported(
    object: ObjectFile, path: str, options: Options, *, with_header: bool
) -> Imported | None:
    """Return what *object* comes to; None where types of linux/bpf.h are others *with_header*."""
    prelude = Prelude.shared()
    names = Names(prelude, frozenset() if with_header else kernel_types.TAGS)
    btf_types = object.types or BtfTypes(Btf(_NO_BTF))
    types = ObjectTypes(btf_types, names, prelude, with_header=with_header)
    maps = ObjectMaps(object, types, names)
    maps.walk()
    items = _items(types, maps, names)
    diagnostics = [*types.losses.diagnostics, *maps.diagnostics]
    if object.error is not None and not maps.maps and not object.maps:
        diagnostics.append(warning("import-refused", f"libbpf refuses the object: {object.error}"))
    name = "".join(c if c.isprintable() else "?" for c in base_name(path))
    compilation = made_sound(items, name, options, diagnostics)
    compiled = [] if compilation is None else compilation.model.maps
    known = {declared.name for declared in compiled}
    known.update(found.map for found in diagnostics if found.code == "import-map" and found.map)
    diagnostics += (
        warning("import-map", f"map `{found.name}` got lost", found.name)
        for found in maps.maps
        if found.name not in known
    )
    if compilation is None or not compiled:
        return Imported("", diagnostics)
    different = differences(compilation.model, object, types.renamed)
    if types.includes and any(_is_of_kernel(difference) for difference in different):
        return None
    diagnostics += different
    initialized = [m.name for m in object.maps if m.definition.style == INITIALIZER]
    if initialized:
        diagnostics.append(
            Diagnostic(
                "import-style",
                f"`{initialized[0]}` has its numbers in the section's data; `--style initializer` "
                "writes such definitions",
                None,
                severity=NOTE,
                map=initialized[0],
            )
        )
    return Imported(compilation.source.text, diagnostics)


NOTHING_AT_ALL = Subject("file", "")
"""Of the diagnostic that the source as a whole doesn't compile."""


def warning(
    code: str, message: str, map: str | None = None, subject: Subject | None = None
) -> Diagnostic:
    """Return a warning without a place in any text."""
    return Diagnostic(code, message, None, severity=WARNING, map=map, subject=subject)


INCLUDES, CONSTANTS, TYPES, PROGRAMS, TEMPLATES, MAPS = range(6)


def _items(types: ObjectTypes, maps: ObjectMaps, names: Names) -> list[Item]:
    """Return everything that is declared, in the order of the text."""
    speller = Speller(DSL)
    writer = MapWriter(speller, names.bare_tag)
    items = [
        Item(f"include {header};\n", "", f"`include {header}`", INCLUDES, {})
        for header in types.includes
    ]
    items += (
        Item(declare_types(speller, declared, {}), "", "a type", TYPES, {})
        for declared in types.declarations
    )
    items += (
        Item(writer.template(template), "", f"template `{template.name}`", TEMPLATES, {})
        for template in maps.templates.values()
    )
    items += (
        Item(writer.program(program), "", f"program `{program.name}`", PROGRAMS, {})
        for program in maps.programs.values()
    )
    items += (
        Item(writer.map(declared), declared.name, f"map `{declared.name}`", MAPS, {})
        for declared in maps.maps
    )
    return items


def _text(items: Iterable[Item], name: str) -> tuple[str, dict[int, Item]]:
    """Return the whole text, and the item that each of its lines belongs to."""
    lines = [f"/// The maps of {name}."]
    places: dict[int, Item] = {}
    before: Item | None = None
    for item in items:
        own = item.text.rstrip("\n").split("\n")
        is_short = len(own) == 1 and not item.allowances
        if (
            before is None
            or before.group != item.group
            or not is_short
            or len(before.text.rstrip("\n").split("\n")) > 1
            or before.allowances
        ):
            lines.append("")
        before = item
        # Above a declaration, they hold for the whole of it.
        lines += (f"// bpfgen: allow {code} because {name} has it so" for code in item.allowances)
        for line in own:
            lines.append(line)
            places[len(lines)] = item
    return "\n".join(lines) + "\n", places


def made_sound(
    items: list[Item], name: str, options: Options, diagnostics: list[Diagnostic]
) -> Compilation | None:
    """Return what *items* compile to, once they do; those that never will are removed and told."""
    for _ in range(_MOST_ATTEMPTS):
        if not items:
            return None
        text, places = _text(items, name)
        compilation = compile(Source(f"{name}.dsl", text), options)
        errors = [found for found in compilation.diagnostics if found.severity == ERROR]
        if not errors:
            return compilation
        wrong: dict[int, tuple[Item, Diagnostic]] = {}
        fresh: dict[int, tuple[Item, dict[str, None]]] = {}
        for error in errors:
            item = places.get(error.span.line) if error.span is not None else None
            if item is None:
                message = f"nothing is imported: {error.message}"
                diagnostics.append(warning("import-map", message, subject=NOTHING_AT_ALL))
                return None
            if error.code in ALLOWABLE and error.code not in item.allowances:
                fresh.setdefault(id(item), (item, {}))[1][error.code] = None
                diagnostics.append(_rule_broken(item, error))
                continue
            if error.code in fresh.get(id(item), (item, {}))[1]:
                continue
            wrong.setdefault(id(item), (item, error))
        for item, codes in fresh.values():
            item.allowances.update(codes)
        if not fresh:
            # Allowances first: what is left out may only have been wrong together with them.
            for item, error in wrong.values():
                diagnostics.append(
                    warning(
                        "import-map",
                        f"{item.place}{_declared(item)} is left out: {error.message}",
                        item.name or None,
                        item.subject,
                    )
                )
            items = [item for item in items if id(item) not in wrong]
    return None


def _rule_broken(item: Item, error: Diagnostic) -> Diagnostic:
    declared = f"{item.place}{_declared(item)}"
    message = f"{declared} breaks the rule `{error.code}`, which is allowed: {error.message}"
    return Diagnostic("import-rule", message, None, notes=error.notes, severity=NOTE, map=error.map)


def _declared(item: Item) -> str:
    """Return what *item* is, for a message."""
    if item.group != TYPES or item.place:
        return item.what
    return f"`{item.text.split(' {')[0].split(';')[0]}`"


def differences(model: Model, object: ObjectFile, renamed: Container[str] = ()) -> list[Diagnostic]:
    """Return in what the maps and types of *model* are not those of *object*.

    That a type or member has another name, one of *renamed*, is reported already.
    """
    findings = Findings(object, has_source=False)
    types = TypeChecker(findings, model, renamed)
    findings.try_all(
        partial(
            verify_map,
            findings,
            types,
            declared,
            findings.maps.get(declared.name),
            is_imported=False,
            style=_style(object, declared.name),
            exact=False,
            own=False,
        )
        for declared in model.maps
    )
    if object.btf is not None:
        findings.try_all(
            (
                partial(verify_whole_types, findings, types, model),
                partial(verify_programs, findings, types, model),
            )
        )
    return [
        Diagnostic(
            "import-difference",
            f"the source and the object differ: {difference.message}",
            None,
            notes=difference.notes,
            severity=WARNING,
            map=difference.map,
            subject=difference.subject,
        )
        for difference in findings.finished()
        if not _is_reported(object, difference)
    ]


def _is_of_kernel(difference: Diagnostic) -> bool:
    """Whether *difference* is in a type that linux/bpf.h declares."""
    subject = difference.subject
    return (
        subject is not None
        and subject.kind in ("struct", "union", "enum")
        and subject.name in kernel_types.TAGS
    )


def _is_reported(object: ObjectFile, difference: Diagnostic) -> bool:
    """Whether *difference* is of no account, or was reported in better words before."""
    emitted = object.map_named(difference.map or "")
    if emitted is None:
        return False
    if difference.code == "verify-datasec":
        return True  # slots that are empty behind the last make a variable longer, not the map
    if difference.code == "verify-linkage":
        return emitted.linkage == "static" or emitted.definition.style == LEGACY
    if difference.code == "verify-inner":
        return emitted.definition.values == "programs"
    return difference.code == "verify-definition" and emitted.definition.style == LEGACY


def _style(object: ObjectFile, name: str) -> str:
    found = object.map_named(name)
    return "modern" if found is None else found.definition.style
