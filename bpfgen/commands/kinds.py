"""`bpfgen kinds [NAME]`: the table of map kinds, for people."""

from __future__ import annotations

from bpfgen.commands import DONE, UsageError
from bpfgen.model.kernel import format_version
from bpfgen.model.maps import MAP_KINDS
from bpfgen.record import TYPE_CHECKING
from bpfgen.terminal import write_output

if TYPE_CHECKING:
    from bpfgen.model.maps import MapKind

_HELP = """\
usage: bpfgen kinds [NAME]

Prints the map kinds that bpfgen knows, or what it knows of one:

  bpfgen kinds
  bpfgen kinds lpm_trie
"""


def run(words: list[str]) -> int:
    """Print the table, or the row of the kind that *words* name."""
    if words in (["-h"], ["--help"]):
        write_output(_HELP)
        return DONE
    if len(words) > 1 or (words and words[0].startswith("-")):
        raise UsageError("`bpfgen kinds` takes the name of one map kind, or nothing")
    if not words:
        write_output(table())
        return DONE
    kind = MAP_KINDS.get(words[0])
    if kind is None:
        # Only a misspelt name pays for these imports.
        from bpfgen.spelling import did_you_mean

        name = words[0].upper().removeprefix("BPF_MAP_TYPE_").lower()
        kind = MAP_KINDS.get(name)
        if kind is None:
            advice = did_you_mean(name, MAP_KINDS) or "`bpfgen kinds` lists them all"
            raise UsageError(f"there is no map kind `{words[0]}`", advice)
    write_output(details(kind))
    return DONE


def filled_in(kind: MapKind) -> list[str]:
    """Return the attributes that bpfgen fills in where the source is silent, as one writes them."""
    attributes = [
        f"{name} = {size}"
        for name, size in (("key_size", kind.key_size), ("value_size", kind.value_size))
        if size is not None
    ]
    if kind.required_flags:
        attributes.append(f"map_flags = {' | '.join(kind.required_flags)}")
    return attributes


def table() -> str:
    """Return one row a kind: name, number, first kernel, and what is filled in."""
    width = max(map(len, MAP_KINDS))
    rows = [f"{'kind':{width}}  number  since  filled in where the source is silent"]
    rows += (
        f"{kind.name:{width}}  {kind.number:6}  {format_version(kind.since):>5}  "
        f"{', '.join(filled_in(kind))}".rstrip()
        for kind in MAP_KINDS.values()
    )
    return "\n".join(rows) + "\n"


def details(kind: MapKind) -> str:
    """Return what is known of *kind*, one fact a line."""
    rows = [
        ("kind", kind.name),
        ("constant", f"{kind.constant} = {kind.number}"),
        ("since", f"Linux {format_version(kind.since)}"),
        ("filled in", ", ".join(filled_in(kind)) or "nothing"),
    ]
    return "".join(f"{name:<10} {text}\n" for name, text in rows)
