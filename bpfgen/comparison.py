"""Two sources side by side, whatever they are: what the newer one breaks of the older one.

Between `sources`, which opens both, and `commands` or a caller of the Python API.
"""

from __future__ import annotations

from bpfgen.changes.cases import Version, found_in_cases
from bpfgen.changes.categories import CATEGORIES, DEFAULT, Asked, findings_of
from bpfgen.changes.finding import UNCOMPARED, Finding, Side
from bpfgen.changes.pairs import no_model, pairs_of_files
from bpfgen.compiler import Options, compile
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.sources import LANGUAGE, RUNNING, C, Opened, without_places
from bpfgen.text.diagnostics import ERROR, WARNING, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.changes.pairs import Pairs
    from bpfgen.compiler import Compilation
    from bpfgen.providers.imports import SharedImport
    from bpfgen.sides.places import Imports, Place
    from bpfgen.syntax.tree import File
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Source


class Found(Record):
    """What NEW breaks of OLD, of one file of a run.

    Attributes:
        findings: By category, in the order of OLD within each.
        uncompared: What isn't known of a side, so that nothing can be said of it.
        allowed: What `allow-break` comments of NEW allow: findings with the reason.
        warnings: Those comments that allow nothing, and that libbpf refuses NEW.
    """

    findings: tuple[Finding, ...] = ()
    uncompared: tuple[Finding, ...] = ()
    allowed: tuple[Finding, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()


class Broken(Found, Record):
    """What NEW breaks of OLD, and whether that could be told.

    Attributes:
        errors: Those of NEW, and why a side can't be resolved.
        is_compared: Both sides could be resolved.
    """

    errors: tuple[Diagnostic, ...] = ()
    is_compared: bool = True


def breaking(
    old: str | Source | Opened,
    new: str | Source | Opened,
    options: Options | None = None,
    *,
    categories: Sequence[str] = DEFAULT,
    pinned: Sequence[str] = (),
    everything: bool = False,
) -> Broken:
    """Return what *new* breaks of *old*.

    Each side is a word of the command line, as a path, `git:REV:PATH` or `id:42`; a text; or what
    was opened already, OLD with `Options(is_ruled=False)`, since rules aren't asked of it.

    Args:
        old: What there was.
        new: What there is to be.
        options: How both sides are opened.
        categories: Names of `bpfgen.changes.categories.CATEGORIES`: what is compared.
        pinned: Patterns of the names of maps that a loader pins on its own.
        everything: All maps are compared as pinned ones, and types that no map has are compared.

    Raises:
        OSError: A side can't be read.
        FormatError: A side is an object, and can't be read.
        ToolMissing: A side needs a clang or git, and there is none.
        ValueError: There is no such category.
    """
    unknown = [name for name in categories if name not in CATEGORIES]
    if unknown:
        raise ValueError(f"there is no category `{unknown[0]}`: there are {', '.join(CATEGORIES)}")
    options = options or Options()
    before = _side(old, replace(options, is_ruled=False))
    after, errors = _checked_side(new, options)
    if wrong := [*unresolved(before), *unresolved(after)]:
        return Broken(errors=tuple(wrong), is_compared=False)
    asked = Asked(tuple(categories), tuple(pinned), everything=everything, kernel=options.kernel)
    (found,) = compared_files([(before, after)], asked)
    return Broken(found.findings, found.uncompared, found.allowed, found.warnings, tuple(errors))


def _side(side: str | Source | Opened, options: Options) -> Opened:
    if isinstance(side, Opened):
        return side
    if isinstance(side, str):
        from bpfgen.sides.places import Trees, opened

        return opened(Trees().place_of(side), options)
    compilation = compile(side, options)
    return Opened(LANGUAGE, compilation, compilation.diagnostics, compilation.dependencies)


def _checked_side(side: str | Source | Opened, options: Options) -> tuple[Opened, list[Diagnostic]]:
    if isinstance(side, str):
        from bpfgen.sides.places import Trees

        return checked(Trees().place_of(side), options)
    opened = _side(side, options)
    return _without_rules(opened, options), errors_of(opened)


def checked(
    place: Place, options: Options, imports: Imports | None = None
) -> tuple[Opened, list[Diagnostic]]:
    """Return what the source at *place* comes to, and its errors.

    What rules alone refuse can be compared all the same; see :func:`unresolved`. What *imports* has
    isn't compiled again.

    Raises:
        OSError: It can't be read.
        FormatError: It is an object, and can't be read.
        ToolMissing: It needs a clang or git, and there is none.
    """
    from bpfgen.sides.places import opened

    first = opened(place, options, imports)
    if first.refused:
        return first, []
    plain = replace(options, is_ruled=False)
    if first.failed and (place.tree is not None or first.kind != LANGUAGE):
        return opened(place, plain, imports), errors_of(first, place.name)
    # A pipe has been read, and can't be once more.
    shared = None if imports is None else imports.of(place, plain)
    return _without_rules(first, options, shared), errors_of(first, place.name)


def _without_rules(
    opened: Opened, options: Options, shared: dict[str, SharedImport] | None = None
) -> Opened:
    """Return the source *opened* without what only rules say of it."""
    if not opened.failed or opened.kind != LANGUAGE or opened.compilation is None:
        return opened
    compilation = compile(opened.compilation.source, replace(options, is_ruled=False), shared)
    return replace(opened, compilation=compilation, diagnostics=compilation.diagnostics)


def unresolved(opened: Opened, name: str = "") -> list[Diagnostic]:
    """Return why the source *opened*, which was opened without rules, can't be compared.

    What an allowance could turn off doesn't keep anybody from knowing what the source says; nor
    does an allowance that is wrong itself.
    """
    from bpfgen.text.codes import ALLOWABLE

    if opened.refused:
        called = f"{name}: " if name else ""
        return [replace(one, message=called + one.message) for one in opened.refused]
    errors = errors_of(opened, name)
    if opened.compilation is None:
        return errors
    return [one for one in errors if one.code not in ALLOWABLE | {"allowance"}]


def errors_of(opened: Opened, name: str = "") -> list[Diagnostic]:
    """Return the errors of the source *opened*, which the user calls *name*."""
    errors = [one for one in opened.diagnostics if one.severity == ERROR]
    return errors if opened.kind == LANGUAGE or not name else without_places(errors, name)


def compared(old: Opened | None, new: Opened | None, asked: Asked) -> list[Finding]:
    """Return what *new* breaks of *old* and doesn't allow; see :func:`compared_files`."""
    (found,) = compared_files([(old, new)], asked)
    return [*found.findings, *found.uncompared]


def compared_files(
    files: Sequence[tuple[Opened | None, Opened | None]], asked: Asked
) -> list[Found]:
    """Return for each of *files*, OLD and NEW, what NEW breaks; what moved between them isn't gone.

    All are resolved; one side may be None, of a file that isn't there. Of sources with conditions
    each case is compared. Places of what is no source of the language are in a text that nobody
    has, and are left out.
    """
    kinds = [[None if side is None else side.kind for side in file] for file in files]
    named = [(_by_pins(old), _by_pins(new)) for old, new in files]
    asked_of = [_of_running(asked, old, new) for old, new in named]
    versions = [(_version(old, new), _version(new, old)) for old, new in named]
    unknown = [_left_out(old, new) for old, new in named]
    if any(unknown):
        from bpfgen.changes.left_out import without_maps

        everywhere: set[str] = set().union(*unknown)
        # One that moved is left out in another file of the run.
        names = [
            own.keys() | (everywhere - _names_in_both(both))
            for both, own in zip(versions, unknown, strict=True)
        ]
        versions = [
            (without_maps(old, left), without_maps(new, left))
            for (old, new), left in zip(versions, names, strict=True)
        ]
    found = found_in_cases(
        versions,
        lambda pairs, number: findings_of(pairs, asked_of[number]),
        [one.cut for one in asked_of],
    )
    found = [[*one, *left.values()] for one, left in zip(found, unknown, strict=True)]
    placed = [_placed(one, *both) for one, both in zip(found, kinds, strict=True)]
    if not any(new is not None and _break_trees(new) for _old, new in files):
        return [
            _sorted(one, _refusals_of(new)) for one, (_old, new) in zip(placed, files, strict=True)
        ]
    from bpfgen.changes.allowed import Allowing, allowed

    trees = [
        Allowing(version.model.name, _break_trees(old), _break_trees(new))
        for (_version, version), (old, new) in zip(versions, files, strict=True)
    ]
    return [
        _sorted(one.findings, (*one.warnings, *_refusals_of(new)))
        for one, (_old, new) in zip(allowed(placed, trees, asked.categories), files, strict=True)
    ]


def _refusals_of(new: Opened | None) -> tuple[Diagnostic, ...]:
    """Return why libbpf refuses NEW, if that is an object: what was compared will not be loaded."""
    if new is None or new.compilation is None:
        return ()
    name = new.compilation.model.name
    return tuple(
        replace(said, message=f"{name}: {said.message}", severity=WARNING) for said in new.refusals
    )


def _left_out(old: Opened | None, new: Opened | None) -> dict[str, Finding]:
    """Return the maps that can't be compared since a side could not declare them, by their names.

    They are neither gone nor new.
    """
    sides = {word: one for word, one in (("OLD", old), ("NEW", new)) if one is not None}
    reasons: dict[str, dict[str, str]] = {}
    for word, side in sides.items():
        for name, why in side.left_out.items():
            reasons.setdefault(name, {})[word] = why
    is_c = any(side.kind == C for side in sides.values())
    ways = ("compare the objects that the C is compiled to",) if is_c else ()
    nothing = Side()
    return {
        name: Finding(
            UNCOMPARED,
            f"map `{name}` was not compared: import can't declare it in {' and '.join(why)}",
            nothing,
            nothing,
            Subject("map", name),
            (name,),
            happens=tuple(dict.fromkeys(why.values())),
            ways=ways,
        )
        for name, why in reasons.items()
    }


def _names_in_both(versions: tuple[Version, Version]) -> set[str]:
    """Return the maps that both of *versions* have."""
    old, new = (
        {
            map.name
            for model in (one.model, *(model for _given, model in one.variants))
            for map in model.maps
        }
        for one in versions
    )
    return old & new


def _break_trees(opened: Opened | None) -> tuple[File, ...]:
    """Return the trees of *opened* that allow something."""
    if opened is None or opened.kind != LANGUAGE or opened.compilation is None:
        return ()
    return opened.compilation.break_trees


def _sorted(findings: Iterable[Finding], warnings: tuple[Diagnostic, ...] = ()) -> Found:
    """Return *findings* by what they are."""
    found: list[Finding] = []
    uncompared: list[Finding] = []
    allowed: list[Finding] = []
    for one in findings:
        (uncompared if one.code == UNCOMPARED else allowed if one.allowed else found).append(one)
    return Found(tuple(found), tuple(uncompared), tuple(allowed), warnings)


def pairs_of_opened(files: Sequence[tuple[Opened | None, Opened | None]]) -> list[Pairs]:
    """Return for each of *files* which map and type of NEW is which of OLD.

    Of a source with open conditions it is the first case.
    """
    named = [(_by_pins(old), _by_pins(new)) for old, new in files]
    models = [(_version(old, new).model, _version(new, old).model) for old, new in named]
    return pairs_of_files(models, [(_cut_names(old), _cut_names(new)) for old, new in named])


def _of_running(asked: Asked, old: Opened | None, new: Opened | None) -> Asked:
    """Return what is *asked* of *old* and *new*, if one is of maps that run, on this machine."""
    running = [one is not None and one.kind == RUNNING for one in (old, new)]
    if not any(running):
        return asked
    from bpfgen.live.machine import this_machine

    machine = this_machine()
    return replace(
        asked,
        is_running=True,
        is_new_running=running[1],
        is_pin=running[0],
        pins={} if old is None else old.pins,
        cut=(_cut_names(old), _cut_names(new)),
        page=machine.page,
        cpus=machine.cpus,
    )


def _cut_names(side: Opened | None) -> frozenset[str]:
    """Return the names of maps of *side* that the kernel may have cut."""
    if side is None or side.kind != RUNNING or side.compilation is None:
        return frozenset()
    from bpfgen.changes.pin_names import cut_names

    return cut_names(side.compilation.model, side.pins)


def _by_pins(side: Opened | None) -> Opened | None:
    """Return *side*, in which pinned maps are called as loaders look for them."""
    if side is None or not side.pins or side.compilation is None:
        return side
    from bpfgen.changes.pin_names import name_of_pin, named_by_pins

    model = named_by_pins(side.compilation.model, side.pins)
    pins = {name_of_pin(path): path for path in side.pins.values()}
    left_out = {
        name_of_pin(side.pins[name]) if name in side.pins else name: why
        for name, why in side.left_out.items()
    }
    compilation = replace(side.compilation, model=model)
    return replace(side, compilation=compilation, pins=pins, left_out=left_out)


def _version(side: Opened | None, other: Opened | None) -> Version:
    """Return what *side* may be; where it isn't there, a file that declares nothing."""
    for opened in (side, other):
        if opened is not None and opened.compilation is not None:
            is_it = opened is side
            model = opened.compilation.model
            return version_of(opened.compilation) if is_it else Version(no_model(model.name))
    raise ValueError("one of the two sides is there")


def version_of(compilation: Compilation) -> Version:
    """Return what *compilation* may be, with what `-D` and `-U` say."""
    if not compilation.undecided:
        return Version(compilation.model)
    variants = tuple((variant.assignment, variant.model) for variant in compilation.variants)
    first = compilation.variants[0].assignment
    given = tuple((name, value) for name, value in first if name not in compilation.undecided)
    return Version(compilation.model, variants, compilation.places, given, compilation.case)


def _placed(findings: list[Finding], old: str | None, new: str | None) -> list[Finding]:
    """Return *findings* with the places that are in a text which somebody has."""
    if old in (None, LANGUAGE) and new in (None, LANGUAGE):
        return findings
    placed: list[Finding] = []
    for finding in findings:
        before, after = finding.old, finding.new
        if old not in (None, LANGUAGE):
            before = replace(before, span=None)
        if new not in (None, LANGUAGE):
            after = replace(after, span=None)
        placed.append(replace(finding, old=before, new=after))
    return placed
