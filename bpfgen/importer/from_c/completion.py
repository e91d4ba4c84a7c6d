"""What the language has no words for, as the compiled object has it: `typeof`, offsets, and so on.

Fifth of the import of C, after the definitions are read. Numbers and types that the language can't
read are taken from the object that clang makes of the file; where there is none, they stay as they
are, and cost their maps.
"""

from __future__ import annotations

from bpfgen.ctype.describe import described
from bpfgen.importer.from_c.definitions import TYPE_OF, CDefinition
from bpfgen.importer.from_c.map_shapes import LEGACY_MEMBERS
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.importer.from_c.needs import Needs
    from bpfgen.importer.from_c.reading import FileReader, FoundMap
    from bpfgen.object.records import Definition, ObjectFile

    Emitted = Callable[[], Definition | None]


def complete(file: FileReader, object: Callable[[], ObjectFile | str | None]) -> None:
    """Let the maps of *file* say what *object* says where the language can't read them.

    The object is asked for only if it is needed; a text says why there is none.
    """
    for index, found in enumerate(file.maps):

        def emitted(name: str = found.map.name) -> Definition | None:
            compiled = object()
            if compiled is None or isinstance(compiled, str):
                return None
            emitted = compiled.map_named(name)
            return None if emitted is None else emitted.definition

        file.maps[index] = _completed_map(file, found, emitted)


def _completed_map(file: FileReader, found: FoundMap, emitted: Emitted) -> FoundMap:
    c_map = found.map
    definition = c_map.definition
    if isinstance(definition, CDefinition):
        definition = _completed(file.needs, definition, emitted)
    elif not definition.startswith(TYPE_OF):
        named = file.definitions.get(file.needs.struct_of(definition))
        if named is not None:
            whole = replace(named, definition=_completed(file.needs, named.definition, emitted))
            for name in [name for name, same in file.definitions.items() if same is named]:
                file.definitions[name] = whole
    numbers = {
        member: _number(file.needs, LEGACY_MEMBERS.get(member, member), text, emitted)
        for member, text in c_map.numbers.items()
    }
    return replace(found, map=replace(c_map, definition=definition, numbers=numbers))


def _completed(needs: Needs, definition: CDefinition, emitted: Emitted) -> CDefinition:
    """Return *definition* with what *emitted* says of its numbers and types."""

    def inner_emitted() -> Definition | None:
        outer = emitted()
        return None if outer is None else outer.inner

    inner = definition.inner
    if isinstance(inner, CDefinition):
        inner = _completed(needs, inner, inner_emitted)
    numbers = {
        name: _number(needs, name, text, emitted) for name, text in definition.numbers.items()
    }
    types = {name: _type(needs, name, text, emitted) for name, text in definition.types.items()}
    return replace(definition, numbers=numbers, types=types, inner=inner)


def _number(needs: Needs, name: str, text: str, emitted: Emitted) -> str:
    if not text or name in ("type", "pinning") or needs.reads(f"const value = {text};"):
        return text
    definition = emitted()
    number = None if definition is None else definition.numbers.get(name)
    return text if number is None else str(number)


def _type(needs: Needs, name: str, text: str, emitted: Emitted) -> str:
    if needs.reads(f"map m: array<int, {text}>[1];"):
        return text
    definition = emitted()
    type_ = None if definition is None else definition.key if name == "key" else definition.value
    if type_ is None:
        return text
    named = described(type_)
    return named if needs.reads(f"map m: array<int, {named}>[1];") else text
