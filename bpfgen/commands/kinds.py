"""`bpfgen kinds [NAME]`: the table of map kinds for people and machines; `--needs` for a file."""

from __future__ import annotations

from bpfgen.commands import DONE, MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import configured_options, parsed, terminal_of
from bpfgen.commands.terminal import output_page, write_output
from bpfgen.kernel.map_kinds import MAP_KINDS
from bpfgen.kernel.version import format_version
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.table import Columns, one_line
from bpfgen.text.table import table as aligned

if TYPE_CHECKING:
    import argparse

    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Compilation, Options
    from bpfgen.kernel.map_kind import MapKind
    from bpfgen.rules.oldest import Need
    from bpfgen.syntax.tree import File
    from bpfgen.text.table import Page


def run(words: list[str]) -> int:
    """Print what *words* ask for: the table, a row of it, or what a file needs."""
    arguments = parsed("kinds", words)
    names: list[str] = arguments.inputs
    form: str = arguments.format
    if arguments.needs is not None:
        if names or form == "markdown":
            raise UsageError("`bpfgen kinds --needs FILE` prints text or JSON, and takes no kind")
        return _needs(arguments.needs, arguments)
    if len(names) > 1:
        raise UsageError("`bpfgen kinds` takes the name of one map kind, or nothing")
    kinds = [_kind(names[0])] if names else list(MAP_KINDS.values())
    if form == "text":
        page = output_page(arguments.color)
        write_output(details(kinds[0], page) if names else table(page))
        return DONE
    # Only machines and documents pay for this import.
    from bpfgen.commands import kind_formats

    write = kind_formats.json_text if form == "json" else kind_formats.markdown
    write_output(write(kinds, whole=not names))
    return DONE


def _kind(given: str) -> MapKind:
    kind = MAP_KINDS.get(given)
    if kind is not None:
        return kind
    name = given.upper().removeprefix("BPF_MAP_TYPE_").lower()
    kind = MAP_KINDS.get(name)
    if kind is None:
        # Only a misspelt name pays for this import.
        from bpfgen.text.spelling import did_you_mean

        advice = did_you_mean(name, MAP_KINDS) or "`bpfgen kinds` lists them all"
        raise UsageError(f"there is no map kind `{given}`", advice)
    return kind


_COLUMNS = Columns(
    ("kind", "number", "since", "key", "value", "max_entries", "filled in"),
    frozenset(("kind", "number", "since", "key", "value", "max_entries")),
    frozenset(("number", "since")),
)


def table(page: Page) -> str:
    """Return one row a kind: name, number, first kernel, sizes, and what is filled in."""
    from bpfgen.kernel.kind_facts import entries_text, filled_in, sizes_text

    rows = []
    for kind in MAP_KINDS.values():
        row = {
            "kind": kind.name,
            "number": str(kind.number),
            "since": format_version(kind.since),
            "key": sizes_text(kind, "key"),
            "value": sizes_text(kind, "value"),
            "max_entries": entries_text(kind),
            "filled in": ", ".join(filled_in(kind)),
        }
        rows.append({head: cell for head, cell in row.items() if cell})
    lines = aligned(_COLUMNS, rows, page)
    summary = f"{len(rows)} kinds; sizes in bytes; `bpfgen kinds NAME` says all of one"
    lines += ["", one_line(summary, page)]
    return "\n".join(lines) + "\n"


def details(kind: MapKind, page: Page) -> str:
    """Return what is known of *kind*, one fact a line."""
    from bpfgen.kernel.kind_facts import facts, filled_in

    rows = [
        ("kind", kind.name),
        ("what", kind.meaning),
        ("constant", f"{kind.constant} = {kind.number}"),
        ("since", f"Linux {format_version(kind.since)}"),
        ("filled in", ", ".join(filled_in(kind)) or "nothing"),
        *facts(kind),
    ]
    width = max(len(name) for name, _ in rows)
    most = min(page.width or _WIDEST, _WIDEST)
    return "".join(
        f"{page.bold(name)}{' ' * (width - len(name))}  {_wrapped(text, width + 2, most)}\n"
        for name, text in rows
    )


_WIDEST = 100
"""Columns of a text that is wrapped, however wide the terminal is."""


def _wrapped(text: str, indent: int, most: int) -> str:
    """Return *text* in lines of *most* columns, those after the first *indent* to the right.

    A version in parentheses stays with the name that it is about.
    """
    lines: list[str] = []
    for item in text.replace(" (", "\0(").split(" "):
        if lines and len(lines[-1]) + len(item) < most - indent:
            lines[-1] += f" {item}"
        else:
            lines.append(item)
    return f"\n{' ' * indent}".join(lines).replace("\0", " ")


def _needs(path: str, arguments: argparse.Namespace) -> int:
    """Print the oldest kernel and loaders that the source *path* works with, and who asks."""
    terminal = terminal_of(arguments)
    options = configured_options(arguments, path, terminal)
    status = USAGE if options is None else _needs_under(path, options, terminal, arguments.format)
    terminal.finish()
    return status


def _needs_under(path: str, options: Options, terminal: Terminal, form: str) -> int:
    """Print it under *options*; return the status."""
    from bpfgen.clang import ToolMissing
    from bpfgen.commands.kind_needs import needs_json, needs_text
    from bpfgen.files.reading import STDIN
    from bpfgen.kernel.version import LOADER_NAMES, NEWEST
    from bpfgen.rules.oldest import loader_needs, needs
    from bpfgen.sources import LANGUAGE, RUNNING, contents_of, open_source, without_places
    from bpfgen.text.diagnostics import FormatError

    name = STDIN if path == "-" else path
    # What is wrong whatever the kernel and the loader.
    newest = replace(options, kernel=NEWEST, loaders=dict.fromkeys(LOADER_NAMES))
    try:
        opened = open_source(path, contents_of(path), newest)
    except OSError as error:
        from bpfgen.commands.running import unreadable

        return unreadable(terminal, path, error)
    except FormatError as error:
        terminal.error("object-format", f"{name}: {error}")
        return WRONG
    except ToolMissing as missing:
        terminal.error("tool-missing", str(missing))
        return MISSING
    is_placed = opened.kind == LANGUAGE
    compilation = opened.compilation
    if compilation is None or opened.failed:
        wrong = [one for one in opened.diagnostics if one.severity == ERROR]
        terminal.report(wrong if is_placed else without_places(wrong, name))
        return WRONG
    model = compilation.model
    aimed = {*model.targets, *(n for n, version in options.loaders.items() if version is not None)}
    loaders = [one for one in LOADER_NAMES if one in aimed] or LOADER_NAMES
    trees, models = _trees(compilation), compilation.models
    kernels = _all_of([needs(one, trees) for one in models])
    is_running = opened.kind == RUNNING
    needed = {
        name: _all_of([loader_needs(one, name, is_running=is_running) for one in models])
        for name in loaders
    }
    if not is_placed:
        # The lines would be those of a text that nobody has.
        kernels = [replace(need, span=None) for need in kernels]
        needed = {n: [replace(one, span=None) for one in found] for n, found in needed.items()}
    write = needs_json if form == "json" else needs_text
    write_output(write(name, kernels, needed))
    return DONE


def _all_of(lists: list[list[Need]]) -> list[Need]:
    """Return what *lists* have, each need once: that of all that a source may be."""
    if len(lists) == 1:
        return lists[0]
    found: dict[object, Need] = {}
    for need in (need for needs in lists for need in needs):
        place = need.span and (need.span.source.name, need.span.start)
        found.setdefault((need.since, need.until, need.what, need.map, place), need)
    # What nothing has comes first, as in each of them.
    newest_first = sorted(found.values(), key=lambda need: need.since or (0, 0), reverse=True)
    return sorted(newest_first, key=lambda need: need.since is not None)


def _trees(compilation: Compilation) -> list[File]:
    """Return the trees of the file and of all that it imports: the comments are in them."""
    from bpfgen.files.reading import read_source
    from bpfgen.syntax.parser import parse
    from bpfgen.text.diagnostics import Report

    trees = [parse(compilation.source, Report())]
    pending = [*compilation.models]
    seen: set[str] = set()
    while pending:
        for item in pending.pop().imports:
            if item.model.name not in seen:
                seen.add(item.model.name)
                trees.append(parse(read_source(item.model.name)[0], Report()))
                pending.append(item.model)
    return trees
