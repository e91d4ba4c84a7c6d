"""The category `source`.

Does code that uses the outputs still compile?

    narrowing  what differs at all
    surfaces   what programs may name of each output, on both sides
    partners   what of NEW is what of OLD
    causes     what became of the names, and why
    wording    that as findings

Compared are names, and the types that they have: in Go, Rust and Python as the outputs spell them,
in C as far as the same code reads and writes a member. A constant or enumerator of another value,
a member that was added or moved, and a longer array in C are no findings: code compiles as before.
What the bytes mean, `layout` says.
"""

from __future__ import annotations

from bpfgen.changes.finding import Finding, Side
from bpfgen.changes.source import partners, surfaces
from bpfgen.changes.source.causes import causes_of
from bpfgen.changes.source.narrowing import narrowed
from bpfgen.changes.source.wording import Writer
from bpfgen.emit.backend import base_name
from bpfgen.emit.user_space.identifiers import ENUMERATOR, MAP, MEMBER, TYPE
from bpfgen.emit.user_space.types import FOREIGN
from bpfgen.emit.user_space.view import imported_files, view_of
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import Subject
from bpfgen.text.spelling import expected_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.changes.categories import Asked
    from bpfgen.changes.pairs import Pairs
    from bpfgen.changes.source.causes import Cause
    from bpfgen.changes.source.surfaces import Language, Surface
    from bpfgen.emit.user_space.identifiers import Origin
    from bpfgen.model.model import Model
    from bpfgen.text.diagnostics import Diagnostic


def findings(pairs: Pairs, asked: Asked) -> Iterator[Finding]:  # noqa: ARG001 -- nothing to choose
    """Yield what `source` finds in *pairs*."""
    old = pairs.old
    if not old.declarations:
        return
    if not pairs.new.declarations:
        yield _gone(old)
        return
    # The names that are made of a file's are those of OLD on both sides.
    old, new = narrowed(old, replace(pairs.new, name=old.name))
    if not old.declarations and not new.declarations:
        return
    views = view_of(old), view_of(new)
    compared: list[tuple[Language, Surface, Surface]] = []
    clashes: dict[tuple[object, ...], tuple[Diagnostic, list[str]]] = {}
    for language in surfaces.LANGUAGES:
        before = surfaces.surface_of(language, old, views[0])
        if before.refused:
            continue
        after = surfaces.surface_like(language, new, views[1], before)
        if after.refused:
            for one in after.refused:
                place = (one.span, *(label.span for label in one.labels))
                clashes.setdefault(place, (one, []))[1].append(language.name)
        else:
            compared.append((language, before, _with_imports(language, new, after)))
    yield from (_clash(one, names) for one, names in clashes.values())
    sides = partners.Side(old, views[0]), partners.Side(new, views[1])
    became = partners.Partners(pairs, *sides)
    found = causes_of(became, compared)
    if old.names_are_given or new.names_are_given:
        found = _without_headers(became, found)
    if found:
        writer = Writer(became, _moved(pairs))
        if new.names_are_given and not old.names_are_given:
            # An object, or C, has what its maps hold, and none of a source's constants.
            found = [cause for cause in found if writer.maps_of(cause.origin)]
        yield from writer.findings(found)


def _with_imports(language: Language, model: Model, surface: Surface) -> Surface:
    """Return *surface* with what the imports of *model* declare, where that has the same names."""
    if not language.shares_imports or not model.imports:
        return surface
    paths, roles, aliases = dict(surface.paths), dict(surface.roles), dict(surface.aliases)
    for imported in model.with_imports():
        if imported is model:
            continue
        own = surfaces.surface_like(language, imported, view_of(imported), surface)
        paths = own.paths | paths
        roles = own.roles | roles
        aliases = own.aliases | aliases
    return replace(surface, paths=paths, roles=roles, aliases=aliases)


def _without_headers(partners: partners.Partners, causes: list[Cause]) -> list[Cause]:
    """Return *causes* without what comes of a header having a type on one side alone.

    C knows which of its types a header brings, which then are called by the file's name, too; an
    object doesn't.
    """
    kept: list[Cause] = []
    for cause in causes:
        origin, partner = cause.origin, cause.partner
        if partner is not None and origin[0] in {TYPE, MEMBER, ENUMERATOR}:
            own, other = partners.old.types.get(origin[1]), partners.new.types.get(partner[1])
            if own is None or other is None or partner[-1] != origin[-1]:
                pass
            elif (own.origin == FOREIGN) != (other.origin == FOREIGN):
                cause.broken = [one for one in cause.broken if one.is_retyped]
        if cause.broken:
            kept.append(cause)
    return kept


def _moved(pairs: Pairs) -> dict[Origin, str]:
    """Return the file that declares each type and map of OLD now, where that is another one."""
    moved: dict[Origin, str] = {}
    for file, model in reversed(imported_files(pairs.new).items()):
        for kind, name in model.types:
            moved[TYPE, name if kind == "typedef" else f"{kind} {name}"] = file
        for map in model.maps:
            moved[MAP, map.name] = file
    for pair in pairs.types:
        if pair.moved_to is not None and pair.old_name is not None:
            kind, name = pair.old_name
            key = name if kind == "typedef" else f"{kind} {name}"
            moved[TYPE, key] = base_name(pair.moved_to.name)
    for one in pairs.maps:
        if one.moved_to is not None and one.old is not None:
            moved[MAP, one.old.name] = base_name(one.moved_to.name)
    return moved


def _gone(old: Model) -> Finding:
    name = base_name(old.name)
    first = old.declarations[0]
    return Finding(
        "break-source-file",
        f"`{name}` declares nothing any more",
        Side("", first.span),
        Side(),
        Subject("file", name),
        happens=("code that uses what was generated from it doesn't compile",),
        ways=("remove that code first",),
    )


def _clash(refused: Diagnostic, languages: list[str]) -> Finding:
    """Return the finding of an output that NEW can't have, for what *refused* says."""
    names = expected_list(languages, "and")
    return Finding(
        "break-source-clash",
        refused.message,
        Side(),
        Side(refused.label, refused.span),
        refused.subject or Subject("name", ""),
        happens=(f"there is no output in {names} of the new source",),
        ways=(refused.help,) if refused.help else (),
    )
