"""`bpfgen dump --arena`: the pages of an arena that are in use."""

from __future__ import annotations

from bpfgen.commands import DONE, WRONG
from bpfgen.commands.terminal import output_page, write_output
from bpfgen.dump import pages, text
from bpfgen.dump.json_lines import head
from bpfgen.dump.readable import PAGES
from bpfgen.dump.view import Types
from bpfgen.live.arena import Arena, UnsettledError
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from bpfgen.commands.terminal import Terminal
    from bpfgen.live.map import Map


def print_arena(map: Map, word: str, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the pages of *map*, which the user calls *word*; return the exit status."""
    from bpfgen.commands.running import unreadable
    from bpfgen.text.diagnostics import NOTE, Diagnostic

    try:
        arena = Arena(map)
    except UnsettledError:
        why = f"{map.info} isn't in the memory of any process that has it open, and has no address"
        terminal.error("running-map", why, help="to map it here would fix its address for good")
        return WRONG
    except OSError as error:
        return unreadable(terminal, word, error)
    is_json, page = arguments.format == "json", output_page(arguments.color)
    types, count = Types(None, None, None), 0
    write_output(head(map.info, types, PAGES) if is_json else text.head(map.info, types, page))
    with arena:
        for number, data in arena.pages():
            address = arena.address + number * arena.page_size
            line = pages.json_line(number, address, data) if is_json else pages.text(address, data)
            write_output(line)
            count += 1
        is_whole = arena.is_whole
    if not is_json:
        write_output(text.foot(count, page, "page"))
    if not is_whole:
        why = f"{map.info}: pages that no process has touched aren't shown: to ask for them is to"
        terminal.report([Diagnostic("running-map", f"{why} make them", None, severity=NOTE)])
    return DONE
