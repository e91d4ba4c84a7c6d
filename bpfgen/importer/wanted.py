"""Types that are asked for by name, whether a map needs them or not: `--types`.

Both ways of import declare a struct that holds each, so that it is whole, and compile it with
everything else; afterwards the structs are gone, and the model has what they held.
"""

from __future__ import annotations

from bpfgen.ctype.types import Composite
from bpfgen.importer.items import TYPES, Item
from bpfgen.model.model import TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.resolve.possible_names import is_name
from bpfgen.text.diagnostics import ERROR, Diagnostic, Subject
from bpfgen.text.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.compiler import Compilation
    from bpfgen.ctype.types import Type
    from bpfgen.model.model import Model

PREFIX = "__bpfgen_wanted_"
"""What the tags of those structs begin with; a number follows."""

TAG_WORDS = ("struct", "union", "enum")
ANY_KIND = ("typedef", *TAG_WORDS)


class Wanted(Record):
    """A type that is asked for.

    Attributes:
        typed: As it was asked for: `flow`, `struct flow`.
        kinds: What it may be; all of them are meant.
        name: Its tag, or that of the typedef.
    """

    typed: str
    kinds: tuple[str, ...]
    name: str


def wanted_type(typed: str) -> Wanted:
    """Return what *typed* asks for: a tag with its word, or a name of any kind."""
    word, _, tag = " ".join(typed.split()).partition(" ")
    if tag and word in TAG_WORDS:
        return Wanted(typed, (word,), tag)
    return Wanted(typed, ANY_KIND, typed.strip())


def member_of(wanted: Wanted) -> str:
    """Return what the member is called that holds *wanted*, whose name messages have."""
    return wanted.name if is_name(wanted.name) else "whole"


def item_of(number: int, wanted: Wanted, member: str, place: str = "") -> Item:
    """Return the struct that holds *wanted*, by *member*'s declaration; it is the *number*-th.

    Messages begin with *place*.
    """
    tag = f"{PREFIX}{number}"
    text = f"struct {tag} {{ {member}; }};\n"
    what = f"`{wanted.typed}`"
    return Item(text, "", what, TYPES, place=place, subject=Subject("struct", tag))


def unknown(wanted: Wanted, known: Iterable[str], place: str = "") -> Diagnostic:
    """Return the error that there is no type like *wanted*, with the nearest of those *known*.

    It begins with *place*. That *known* has the very name says that there is such a type of another
    kind.
    """
    what = wanted.kinds[0] if len(wanted.kinds) == 1 else "type"
    message = f"{place}there is no {what} `{wanted.name}`, which --types asks for"
    names = sorted(name for name in set(known) if name.isidentifier())
    advice = did_you_mean(wanted.name, names)
    if len(wanted.kinds) == 1 and wanted.name in names:
        advice = f"it is something else: --types {wanted.name} takes it whatever it is"
    if not advice and 0 < len(names) <= _MOST_LISTED:
        advice = f"there are {', '.join(names)}"
    return Diagnostic("unknown-type", message, None, help=advice)


_MOST_LISTED = 12


def without_holders(
    compilation: Compilation, diagnostics: list[Diagnostic], count: int
) -> Compilation:
    """Return *compilation* with what the *count* structs hold in the model, and without them.

    What is wrong with one is an error, and takes the place of the warning among *diagnostics* that
    it was left out.
    """
    if not count:
        return compilation
    model = compilation.model
    requested: list[Type] = []
    for number in range(count):
        tag = f"{PREFIX}{number}"
        holder = model.types.get(("struct", tag))
        if isinstance(holder, Composite):
            requested.append(holder.members[0].type)
            continue
        for place, said in enumerate(diagnostics):
            if said.subject == Subject("struct", tag):
                diagnostics[place] = replace(said, code="unknown-type", severity=ERROR)
    return replace(compilation, model=replace(_without(model), requested=tuple(requested)))


def _without(model: Model) -> Model:
    def is_holder(declaration: object) -> bool:
        if not isinstance(declaration, TypeDeclaration):
            return False
        defines = declaration.defines
        return defines is not None and (defines.tag or "").startswith(PREFIX)

    return replace(
        model,
        declarations=tuple(d for d in model.declarations if not is_holder(d)),
        types={key: type for key, type in model.types.items() if not key[1].startswith(PREFIX)},
    )
