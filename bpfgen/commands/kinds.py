"""`bpfgen kinds [NAME]`: the table of map kinds for people and machines; `--needs` for a file."""

from __future__ import annotations

from bpfgen.commands import DONE, MISSING, WRONG, UsageError
from bpfgen.diagnostics import ERROR
from bpfgen.model.kernel import format_version
from bpfgen.model.map_kinds import MAP_KINDS
from bpfgen.record import TYPE_CHECKING
from bpfgen.terminal import Terminal, write_output

if TYPE_CHECKING:
    from bpfgen.model.map_kinds import MapKind

_HELP = """\
usage: bpfgen kinds [NAME] [--format text|json|markdown]
       bpfgen kinds --needs FILE [-I DIR]... [--format text|json]

Prints the map kinds that bpfgen knows, or what it knows of one:

  bpfgen kinds
  bpfgen kinds lpm_trie
  bpfgen kinds --format markdown        with flags and special fields: docs/map-kinds.md

With --needs: the oldest kernel that the maps of a file work on, and what asks for it.
"""

FORMATS = ("text", "json", "markdown")


def run(words: list[str]) -> int:
    """Print what *words* ask for: the table, a row of it, or what a file needs."""
    if {"-h", "--help"} & set(words):
        write_output(_HELP)
        return DONE
    names, options, directories = _options(words)
    form = options.get("--format", "text")
    if form not in FORMATS:
        raise UsageError(f"there is no format `{form}`", f"it is one of {', '.join(FORMATS)}")
    if "--needs" in options:
        if names or form == "markdown":
            raise UsageError("`bpfgen kinds --needs FILE` prints text or JSON, and takes no kind")
        return _needs(options["--needs"], directories, form)
    if len(names) > 1:
        raise UsageError("`bpfgen kinds` takes the name of one map kind, or nothing")
    kinds = [_kind(names[0])] if names else list(MAP_KINDS.values())
    if form == "text":
        write_output(details(kinds[0]) if names else table())
        return DONE
    # Only machines and documents pay for this import.
    from bpfgen.commands import kind_formats

    write = kind_formats.json_text if form == "json" else kind_formats.markdown
    write_output(write(kinds, whole=not names))
    return DONE


def _options(words: list[str]) -> tuple[list[str], dict[str, str], tuple[str, ...]]:
    """Return names, options with their values, and the directories of -I."""
    names: list[str] = []
    options: dict[str, str] = {}
    directories: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word.startswith("-I") and len(word) > 2:
            directories.append(word[2:])
        elif name in ("--format", "--needs", "-I"):
            given = value if equals else next(rest, None)
            if given is None:
                raise UsageError(f"`{name}` wants a value")
            if name == "-I":
                directories.append(given)
            else:
                options[name] = given
        elif word.startswith("-"):
            raise UsageError(f"`bpfgen kinds` has no option `{word}`", "bpfgen kinds --help")
        else:
            names.append(word)
    return names, options, tuple(directories)


def _kind(given: str) -> MapKind:
    kind = MAP_KINDS.get(given)
    if kind is not None:
        return kind
    name = given.upper().removeprefix("BPF_MAP_TYPE_").lower()
    kind = MAP_KINDS.get(name)
    if kind is None:
        # Only a misspelt name pays for this import.
        from bpfgen.spelling import did_you_mean

        advice = did_you_mean(name, MAP_KINDS) or "`bpfgen kinds` lists them all"
        raise UsageError(f"there is no map kind `{given}`", advice)
    return kind


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
    """Return one row a kind: name, number, first kernel, sizes, and what is filled in."""
    from bpfgen.commands.kind_formats import entries_text, sizes_text

    head = ("kind", "number", "since", "key", "value", "max_entries", "filled in")
    rows = [head] + [
        (
            kind.name,
            str(kind.number),
            format_version(kind.since),
            sizes_text(kind, "key"),
            sizes_text(kind, "value"),
            entries_text(kind),
            ", ".join(filled_in(kind)),
        )
        for kind in MAP_KINDS.values()
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in (1, 2) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def details(kind: MapKind) -> str:
    """Return what is known of *kind*, one fact a line."""
    from bpfgen.commands.kind_formats import facts

    rows = [
        ("kind", kind.name),
        ("constant", f"{kind.constant} = {kind.number}"),
        ("since", f"Linux {format_version(kind.since)}"),
        ("filled in", ", ".join(filled_in(kind)) or "nothing"),
        *facts(kind),
    ]
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name:<{width}}  {text}\n" for name, text in rows)


def _needs(path: str, directories: tuple[str, ...], form: str) -> int:
    """Print the oldest kernel that the file *path* works on, and which line asks for what."""
    from bpfgen.clang import ToolMissing
    from bpfgen.commands.kind_formats import needs_json, needs_text
    from bpfgen.compiler import Options, compile
    from bpfgen.model.kernel import NEWEST
    from bpfgen.reading import read_source
    from bpfgen.rules.oldest import needs

    terminal = Terminal()
    source, wrong = read_source(path)
    diagnostics = [] if wrong is None else [wrong]
    if wrong is None:
        options = Options(include_directories=directories, kernel=NEWEST)
        try:
            compilation = compile(source, options)
        except ToolMissing as missing:
            terminal.error("tool-missing", str(missing))
            return MISSING
        diagnostics = [d for d in compilation.diagnostics if d.severity == ERROR]
    if diagnostics:
        terminal.report(diagnostics)
        terminal.finish()
        return WRONG
    write = needs_json if form == "json" else needs_text
    write_output(write(path, needs(compilation.model)))
    return DONE
