"""`bpfgen dump MAP [FILE]`: what is in a map of the running kernel, typed."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from bpfgen.commands import DONE, WRONG, UsageError
from bpfgen.commands.arguments import parsed, terminal_of
from bpfgen.commands.terminal import output_page, write_output
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from bpfgen.commands.terminal import Terminal
    from bpfgen.dump.json_lines import JsonLines
    from bpfgen.dump.text import TextTable
    from bpfgen.dump.view import Types, View
    from bpfgen.live.info import MapInfo
    from bpfgen.live.map import Map

_EXAMPLE = "bpfgen dump /sys/fs/bpf/flows"


def run(words: list[str]) -> int:
    """Print what is in the map that *words* name; return the exit status."""
    arguments = parsed("dump", words)
    inputs: list[str] = arguments.inputs
    if not inputs:
        raise UsageError("there is no map to dump", _EXAMPLE)
    if len(inputs) > 2:
        raise UsageError("one map is dumped, with the types of one source", f"{_EXAMPLE} maps.dsl")
    if len(inputs) < 2 and arguments.map is not None:
        raise UsageError(
            "--map says which map of a source it is", f"{_EXAMPLE} maps.dsl --map NAME"
        )
    terminal = terminal_of(arguments)
    status = _dump(arguments, terminal)
    terminal.finish()
    return status


def _dump(arguments: argparse.Namespace, terminal: Terminal) -> int:
    from bpfgen.commands.running import unreadable
    from bpfgen.dump.readable import PAGES, Refusal, shown_of
    from bpfgen.live.places import opened, place_of

    word: str = arguments.inputs[0]
    try:
        place = place_of(word)
        if place is None:
            raise _no_place(word, arguments.inputs[1:])
        map = opened(place)
        shown = shown_of(map.info)
        if shown == PAGES and arguments.arena:
            map = opened(place, "rw")  # the kernel maps no memory of a read-only descriptor
    except OSError as error:
        return unreadable(terminal, word, error)
    with map:
        if isinstance(shown, Refusal):
            return _refused(terminal, shown.why, shown.advice)
        if shown == PAGES and not arguments.arena:
            why = f"{map.info} is memory, and has no elements"
            return _refused(terminal, why, "--arena shows its pages")
        if shown == PAGES:
            from bpfgen.commands.dump_arena import print_arena

            return print_arena(map, word, arguments, terminal)
        if arguments.arena:
            why = f"--arena shows the pages of an arena, and {map.info} is of kind"
            return _refused(terminal, f"{why} `{map.info.kind_name}`")
        return _dump_map(map, shown, arguments, terminal)


def _refused(terminal: Terminal, why: str, advice: str = "") -> int:
    """Say why a map can't be dumped; return the exit status."""
    terminal.error("running-map", why, help=advice)
    return WRONG


def _no_place(word: str, others: list[str]) -> UsageError:
    """Return what is wrong with *word*, which names no running map."""
    from bpfgen.commands.running import is_running

    why = f"`{word}` is no map of the running kernel"
    if any(is_running(other) for other in others):
        return UsageError(f"{why}: the map comes first", f"bpfgen dump {others[0]} {word}")
    return UsageError(why, "a map is named by the path of its pin, by `id:42` or by `name:flows`")


def _dump_map(map: Map, shown: str, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the part of *map* that is *shown*; return the exit status."""
    from bpfgen.dump.readable import NEXT
    from bpfgen.dump.view import view_of

    if arguments.sum and not map.cpus:
        why = f"--sum adds up the values of CPUs, and {map.info} has one value under each key"
        return _refused(terminal, why)
    types = _types(map, arguments, terminal)
    if isinstance(types, int):
        return types
    view = view_of(map, types, is_sum=arguments.sum)
    if view is None:
        why = f"--sum adds up numbers, and none are known in the values of {map.info}"
        advice = f"name a source that declares it: {_EXAMPLE} maps.dsl"
        return _refused(terminal, why, "" if types.value is not None else advice)
    status = _print(map, view, shown, arguments, terminal)
    for references in view.references:
        if references.refused is not None:
            _note(terminal, f"ids are shown without names: {references.refused.strerror}")
    if shown == NEXT:
        why = f"{map.info}: the element that is next is shown; to read more is to take it"
        _note(terminal, why)
    return status


def _note(terminal: Terminal, message: str, code: str = "running-map") -> None:
    from bpfgen.text.diagnostics import NOTE, Diagnostic

    terminal.report([Diagnostic(code, message, None, severity=NOTE)])


def _types(map: Map, arguments: argparse.Namespace, terminal: Terminal) -> Types | int:
    """Return the types of *map*; the exit status where the source doesn't fit it."""
    from bpfgen.dump.view import Types, kernel_types

    has_source = len(arguments.inputs) > 1
    if not (has_source or map.info.btf_id or map.info.kernel_type_id):
        return Types(None, None, None)
    from bpfgen.live.running import running_map

    running = running_map(map)
    if has_source:
        from bpfgen.commands.dump_source import source_types

        return source_types(running, arguments, terminal)
    types = kernel_types(running)
    if types.origin is None and running.untyped:
        whys = [unknown.why for unknown in running.unknown if unknown.what in ("key", "value")]
        for why in whys[:1]:
            code = "no-right" if running.hides_types else "running-map"
            message = f"{map.info} is shown as bytes: {why}; a source has types, too"
            _note(terminal, message, code)
    return types


@contextmanager
def _progress(terminal: Terminal, info: MapInfo) -> Iterator[Callable[[int], None]]:
    """Show a person who doesn't see the rows how far the dump is; what comes back takes that."""
    if (
        terminal.form != "text"
        or sys.stderr is None
        or not sys.stderr.isatty()
        or (sys.stdout is not None and sys.stdout.isatty())
    ):
        yield lambda _done: None
        return
    from bpfgen.commands.progress import Progress

    with Progress(info.max_entries) as shown:
        terminal.progress = shown
        yield lambda done: shown.at(done, str(info))


def _print(
    map: Map, view: View, shown: str, arguments: argparse.Namespace, terminal: Terminal
) -> int:
    """Print the elements of *map*; return the exit status."""
    from bpfgen.commands.running import unreadable
    from bpfgen.dump.readable import ALL
    from bpfgen.live.contents import contents_of
    from bpfgen.live.walk import IncompleteError

    renderer: JsonLines | TextTable
    info, page = map.info, output_page(arguments.color)
    if arguments.format == "json":
        from bpfgen.dump.json_lines import JsonLines, head

        renderer = JsonLines(view, info.key_size, map.value_length)
        write_output(head(info, view.types, shown))
    else:
        from bpfgen.dump import text

        renderer = text.TextTable(view, info.key_size, map.value_length, page)
        write_output(text.head(info, view.types, page))
    count, status = 0, DONE
    contents = contents_of(map)
    with _progress(terminal, info) as show:
        while True:
            try:
                batch = next(contents, None)
            except IncompleteError as error:
                terminal.error("running-map", f"the dump is incomplete: {error}")
                status = WRONG
                break
            except OSError as error:
                status = unreadable(terminal, arguments.inputs[0], error)
                break
            if batch is None:
                break
            write_output(renderer.of(batch))
            count += batch.count
            show(count)
    if arguments.format != "json" and status == DONE and shown == ALL:
        write_output(text.foot(count, page))
    return status
