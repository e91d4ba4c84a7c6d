"""What is said of maps that the kernel has made or refused, and which rule knew it: diagnostics.

After `live.creating`; `create` reports them. A refusal is the kernel's answer in words, with what
the rules say of the map where their target is this very kernel.
"""

from __future__ import annotations

import errno

from bpfgen.kernel.version import format_version
from bpfgen.live import made_maps
from bpfgen.live.machine_facts import facts_against
from bpfgen.live.planned import INNER_SUFFIX
from bpfgen.live.syscall import ENOTSUPP
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import ERROR, NOTE, WARNING, Diagnostic, Subject

if TYPE_CHECKING:
    from bpfgen.commands.creation_wanted import Wanted
    from bpfgen.live.creating import Creation
    from bpfgen.live.made_maps import MadeMap, Refusal
    from bpfgen.live.planned import PlannedMap

_MEANINGS = {
    errno.E2BIG: "a number or a size is too large",
    errno.EACCES: "programs may only read or only write, and the value has a field that needs both",
    errno.EBADF: "it isn't said which maps are in it",
    errno.EBUSY: "somebody is writing to it, or it is frozen",
    errno.EINVAL: "it takes no map with these sizes, numbers, flags or types",
    errno.ENOMEM: "there isn't that much memory",
    errno.EOPNOTSUPP: "the value has a field that a map of this kind can't hold",
    ENOTSUPP: "it doesn't do that for a map of this kind",
}
_NAMES = {ENOTSUPP: "ENOTSUPP", errno.EOPNOTSUPP: "EOPNOTSUPP"}

_LOG_LINES = 4
"""How many of the last lines of the kernel's log about types are shown."""


def report_on(creation: Creation, wanted: Wanted) -> list[Diagnostic]:
    """Return all that is to be said of *creation*."""
    said = []
    for map in wanted.model.maps:
        if map.linkage == "extern":
            message = f"`{map.name}` isn't made: another object defines it"
            said.append(_about(wanted, "not-made", map.name, message, severity=WARNING))
    if creation.types.refusal is not None:
        said += _types_refused(creation, wanted)
    if creation.types.replaced:
        message = (
            f"{_linux(wanted)} doesn't know {', '.join(creation.types.replaced)} in types: older"
            " kinds stand for them, as with libbpf"
        )
        said.append(Diagnostic("types-refused", message, None, severity=NOTE))
    for made in creation.maps:
        said += _of_map(made, wanted)
    said += _reused(creation, wanted)
    if not creation.refusals:
        said += _unpinned(creation, wanted)
    for refusal in creation.refusals:
        said += verdict_on(refusal, wanted)
    return said


def verdict_on(refusal: Refusal, wanted: Wanted) -> list[Diagnostic]:
    """Return what *refusal* means, followed by what the rules say of the map."""
    planned, step = refusal.map, refusal.step
    if step == made_maps.REUSE:
        return [_other_there(refusal, wanted)]
    if step == made_maps.PIN:
        return [_not_pinned(refusal, wanted)]
    name = planned.name.removesuffix(INNER_SUFFIX)
    what = {
        made_maps.INNER: f"the kernel refuses the maps in `{name}`",
        made_maps.SLOT: f"the kernel refuses `{refusal.subject}` in `{name}`",
        made_maps.FREEZE: f"the kernel doesn't freeze map `{name}`",
    }.get(step, f"the kernel refuses map `{name}`")
    message = f"{what}: {_meaning(refusal)}"
    if planned.kind.of_maps and planned.inner is None and step == made_maps.CREATE:
        advice = f"write the kind of the maps in it: `{planned.kind.name}<__u32, hash<…>[N]>`"
        return [_about(wanted, "map-refused", name, message, help=advice)]
    says = "would say" if refusal.is_foreseen else "says"
    note = f"{_linux(wanted)} {says} {_errno_name(refusal.error)} in {_functions(planned, step)}"
    if step == made_maps.FREEZE:
        return [_about(wanted, "map-refused", name, message, notes=(note,))]
    knowing = _knowing(name, wanted)
    why = facts_against(planned)
    if knowing:
        why += (f"what the rules say of it: {_codes(knowing)}",)
    elif not why and refusal.error.errno != errno.ENOMEM:
        why = ("no rule of bpfgen's knows why; please report it with the source",)
    new = [one for one in knowing if one not in wanted.source.said]
    return [_about(wanted, "map-refused", name, message, notes=(note, *why)), *new]


def not_frozen(refusal: Refusal, creation: Creation, wanted: Wanted) -> list[Diagnostic]:
    """Return what *refusal* means, of a map that was to be frozen last of all."""
    verdict, *more = verdict_on(refusal, wanted)
    frozen = [
        f"`{made.pin}`"
        for made in creation.maps
        if made.is_frozen and made.is_reused and made.planned.name in wanted.freeze
    ]
    notes = ["what was made is gone again, though its ids are written"]
    if frozen:
        notes.append(f"what is frozen stays so: {', '.join(frozen)}")
    return [replace(verdict, notes=(*verdict.notes, *notes)), *more]


def _reused(creation: Creation, wanted: Wanted) -> list[Diagnostic]:
    """Return which maps were there before, and what becomes of them."""
    reused = [made for made in creation.maps if made.is_reused]
    frozen = [made for made in reused if not made.is_frozen and made.planned.name in wanted.freeze]
    left = reused if wanted.is_trial else [made for made in reused if made not in frozen]
    was = "it was" if len(left) == 1 else "they were"
    end = "would be frozen by a run" if wanted.is_trial else "frozen last of all"
    said = ((f"pinned already, and left as {was}", left), (f"pinned already, and {end}", frozen))
    return [
        Diagnostic(
            "pin-reused",
            f"{what}: {', '.join(f'`{made.pin}`' for made in maps)}",
            None,
            severity=NOTE,
        )
        for what, maps in said
        if maps
    ]


def _knowing(name: str, wanted: Wanted) -> list[Diagnostic]:
    """Return what the rules say of the map *name* where the target is this kernel.

    Of warnings those that are errors elsewhere: others are of what works.
    """
    from bpfgen.text.codes import CODES

    return wanted.source.placed(
        one
        for one in wanted.rules()
        if one.map == name
        and (
            one.severity == ERROR
            or (one.severity == WARNING and ERROR in CODES[one.code].severities)
        )
    )


def _codes(diagnostics: list[Diagnostic]) -> str:
    return ", ".join(dict.fromkeys(one.code for one in diagnostics))


def _meaning(refusal: Refusal) -> str:
    number = refusal.error.errno or 0
    meaning = _MEANINGS.get(number) or refusal.error.strerror or str(refusal.error)
    if refusal.step == made_maps.SLOT and number == errno.EINVAL:
        meaning = "that is a map of another kind or shape than those in it"
    elif refusal.step == made_maps.SLOT and number == errno.E2BIG:
        meaning = "it has no such slot"
    elif refusal.step == made_maps.SLOT and number == errno.EPERM:
        meaning = "BPF_F_RDONLY keeps user space from writing to it"
    elif refusal.step == made_maps.FREEZE and number == errno.EPERM:
        meaning = "BPF_F_RDONLY makes its own descriptor one that can't"
    elif refusal.step == made_maps.FREEZE and number == ENOTSUPP:
        meaning = "its values have fields that the kernel writes to itself"
    return f"{meaning} ({_errno_name(refusal.error)})"


def _errno_name(error: OSError) -> str:
    number = error.errno or 0
    return _NAMES.get(number) or errno.errorcode.get(number, str(number))


def _functions(planned: PlannedMap, step: str) -> str:
    if step == made_maps.SLOT:
        return "map_update_elem or bpf_map_fd_get_ptr"
    return "map_freeze" if step == made_maps.FREEZE else f"map_create or {planned.kind.source}"


def _linux(wanted: Wanted) -> str:
    return f"Linux {format_version(wanted.machine.kernel)}"


def _other_there(refusal: Refusal, wanted: Wanted) -> Diagnostic:
    name = refusal.map.name
    if not refusal.differences:
        reason = refusal.error.strerror or str(refusal.error)
        return _about(wanted, "pin-refused", name, f"`{name}` can't be pinned: {reason}")
    differences = [f"{what} is {it}, and {ours} here" for what, it, ours in refusal.differences]
    return _about(
        wanted,
        "pin-refused",
        name,
        f"another map than `{name}` is pinned at `{refusal.subject}`: its {differences[0]}",
        notes=(
            *(f"its {one}" for one in differences[1:]),
            "libbpf refuses it too: parameter mismatch (map_is_reuse_compat)",
        ),
        help=f"`bpfgen verify {refusal.subject} {wanted.path}` compares all of it; who needs the"
        " old one no more removes the pin",
    )


def _not_pinned(refusal: Refusal, wanted: Wanted) -> Diagnostic:
    reason = refusal.error.strerror or str(refusal.error)
    advice = ""
    if refusal.error.errno == errno.EEXIST:
        reason = "somebody pins something there, again and again"
    message = f"`{refusal.map.name}` can't be pinned at `{refusal.subject}`: {reason}"
    if isinstance(refusal.error, PermissionError):
        return _about(wanted, "no-right", refusal.map.name, message, help=advice)
    return _about(wanted, "pin-refused", refusal.map.name, message, help=advice)


def _types_refused(creation: Creation, wanted: Wanted) -> list[Diagnostic]:
    refusal = creation.types.refusal
    assert refusal is not None
    log = creation.types.log[-_LOG_LINES:]
    message = f"the kernel refuses the types, and no map has any: {_errno_name(refusal)}"
    knowing = wanted.source.placed(one for one in wanted.rules() if one.code in _OF_TYPES)
    return [
        Diagnostic(
            "types-refused",
            message,
            None,
            notes=(*(f"the kernel's log: {line}" for line in log), _AS_LIBBPF),
            severity=WARNING,
        ),
        *(one for one in knowing if one not in wanted.source.said),
    ]


_OF_TYPES = frozenset(("btf-refused", "btf-version", "bit-field-version", "kptr-destructor"))
_AS_LIBBPF = "libbpf goes on without types as well"


def _of_map(made: MadeMap, wanted: Wanted) -> list[Diagnostic]:
    """Return what is to be said of one map that is there."""
    said = []
    name = made.planned.name
    if made.why is not None:
        codes = _codes(_knowing(name, wanted))
        said.append(
            _about(
                wanted,
                "types-refused",
                name,
                f"the kernel has map `{name}` without types: it refuses them with"
                f" {_errno_name(made.why)}",
                notes=(
                    f"it says so in {made.planned.kind.source}",
                    *([f"what the rules say of it: {codes}"] if codes else []),
                    _AS_LIBBPF,
                ),
                severity=WARNING,
            )
        )
    said += _unlike(made, wanted)
    if made.empty_slots:
        targets = ", ".join(f"[{index}] `{target}`" for index, target in made.empty_slots)
        what = "another object's maps" if made.planned.kind.of_maps else "programs"
        message = f"slots of `{name}` stay empty, since there are no {what} here: {targets}"
        said.append(_about(wanted, "not-made", name, message, severity=WARNING))
    return said


def _unlike(made: MadeMap, wanted: Wanted) -> list[Diagnostic]:
    """Return in what a map that was there isn't what is declared, and what isn't known of that."""
    if made.there is None:
        return []
    # Only maps that are reused are compared.
    from bpfgen.verify.running import verify_running

    name, file = made.planned.name, wanted.path
    result = verify_running(wanted.model, made.there, name, wanted.machine)
    wrong = [one.message for one in result.differences]
    typed = _typed_parts(made.planned)
    unknown: dict[str, list[str]] = {}
    for one in result.uncompared:
        if one.what in typed:
            unknown.setdefault(one.why, []).append(f"`{one.what}`")
    unsaid = [f"isn't known, of {', '.join(parts)}: {why}" for why, parts in unknown.items()]
    if wrong:
        message = f"the map at `{made.pin}` isn't as `{file}` declares `{name}`: {wrong[0]}"
    elif unsaid:
        message = f"whether the map at `{made.pin}` has the types of `{name}` {unsaid.pop(0)}"
    else:
        return []
    unsaid = [f"what the types are {one}" for one in unsaid]
    notes = (*wrong[1:_DIFFERENCES], *unsaid, _TYPES_UNSEEN)
    advice = f"`bpfgen verify {made.pin} {file} --map {name}` says all of it"
    return [_about(wanted, "pin-reused", name, message, notes=notes, help=advice, severity=WARNING)]


_DIFFERENCES = 4
_TYPES_UNSEEN = "libbpf compares no types, and takes it (map_is_reuse_compat)"


def _typed_parts(planned: PlannedMap) -> set[str]:
    """Return the parts of *planned*, as `verify` calls them, whose types the kernel would have."""
    parts = {name for name in ("key", "value") if getattr(planned, name) is not None}
    if planned.inner is not None:
        parts |= {f"inner.{name}" for name in _typed_parts(planned.inner)}
    return parts


def _unpinned(creation: Creation, wanted: Wanted) -> list[Diagnostic]:
    """Return that maps are gone when the run ends, where that isn't what was asked for."""
    if wanted.is_trial:
        return []
    held = {
        target
        for made in creation.maps
        if made.pin
        for _index, target in (made.planned.slots if made.planned.kind.of_maps else ())
    }
    gone = [
        made.planned.name
        for made in creation.maps
        if not made.pin and made.planned.name not in held
    ]
    if not gone:
        return []
    names = ", ".join(f"`{name}`" for name in gone)
    return [
        Diagnostic(
            "map-gone",
            f"nothing holds {names} when this run ends, and the kernel drops what nothing holds",
            None,
            help="`--pin-dir DIR` pins all maps there; `--dry-run` is for who only asks",
            severity=WARNING,
            map=gone[0],
        )
    ]


def _about(  # noqa: PLR0913 -- the members of a Diagnostic, by name
    wanted: Wanted,
    code: str,
    name: str,
    message: str,
    *,
    notes: tuple[str, ...] = (),
    help: str = "",
    severity: str = ERROR,
) -> Diagnostic:
    """Return a diagnostic about the map *name*, which points at it where the source has lines."""
    declared = next((map for map in wanted.model.maps if map.name == name), None)
    said = Diagnostic(
        code,
        message,
        None if declared is None else declared.span,
        notes=notes,
        help=help,
        severity=severity,
        map=name,
        subject=Subject("map", name),
    )
    return said if wanted.source.is_placed else replace(said, span=None)
