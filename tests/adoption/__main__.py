"""`python -m tests.adoption`: move programs onto bpfgen, tell how many, and what stood in the way.

Last of the adoption. Without arguments the programs are those that Debian has; a person names
files compile_commands.json.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tests.adoption.move import BY_HAND, FAILED, NO_MAPS, NOT_COMPILED, UNAIDED, move, move_all
from tests.adoption.programs import PROJECTS, fetch, listed, of_debian, written_commands
from tests.corpus.sources import PACKAGE, UnpreparedError, jobs, prepare_headers
from tests.tools import CHECKOUT, find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from tests.adoption.move import Moved
    from tests.adoption.programs import Program

    Group: TypeAlias = tuple[Path | None, list[Program]]
    """Programs that are moved together, with their compile_commands.json; or each by itself."""

DIRECTORY = CHECKOUT / "build" / "adoption"

COLUMNS = ("maps", UNAIDED, BY_HAND, FAILED, NO_MAPS, NOT_COMPILED)

MOST_CAUSES = 20

UNPREPARED = 3
"""The exit status where there is nothing to move; what is missing is said."""


def main() -> int:
    """Return 0 where no program failed, 1 where one did, 3 where there is nothing to move."""
    parser = argparse.ArgumentParser(prog="python -m tests.adoption", description=__doc__)
    parser.add_argument("commands", nargs="*", type=Path, metavar="compile_commands.json")
    parser.add_argument("--install", action="store_true", help="fetch sources with apt-get")
    parser.add_argument("--directory", type=Path, default=DIRECTORY)
    parser.add_argument("--suite", default="", help="Debian's, if not that of this machine")
    parser.add_argument("--project", action="append", help="of Debian's, this one alone")
    parser.add_argument("--only", action="append", metavar="NAME", help="the program NAME.c alone")
    arguments = parser.parse_args()
    clang = find("clang-19") or find("clang")
    if clang is None:
        print("nothing to move: there is no clang", file=sys.stderr)
        return UNPREPARED
    try:
        groups = (
            [(path, listed(path)) for path in arguments.commands]
            if arguments.commands
            else _of_debian(arguments, clang)
        )
    except UnpreparedError as error:
        print(f"nothing to move: {error}", file=sys.stderr)
        return UNPREPARED
    return _move(groups, clang)


def _of_debian(arguments: argparse.Namespace, clang: str) -> list[Group]:
    """Return the programs of Debian's sources; a package that isn't to be had is said.

    Raises:
        UnpreparedError: The kernel's, whose headers all need, isn't there.
    """
    directory: Path = arguments.directory
    kernel = fetch(PACKAGE, directory, install=arguments.install)
    include = prepare_headers(kernel, directory, find("bpftool") or "bpftool")
    groups: list[Group] = []
    for project in PROJECTS:
        if arguments.project and project.name not in arguments.project:
            continue
        try:
            install, suite = arguments.install, arguments.suite
            sources = fetch(project.package, directory, install=install, suite=suite)
        except UnpreparedError as error:
            print(f"left out: {project.name}: {error}")
            continue
        programs = of_debian(project, sources, include)
        only: list[str] | None = arguments.only
        programs = [each for each in programs if only is None or each.path.stem in only]
        path = None
        if project.is_whole:
            path = sources / project.directory / "compile_commands.json"
            programs = written_commands(programs, clang, path)
        if programs:
            groups.append((path, programs))
    return groups


def _outcomes(groups: list[Group], clang: str) -> Iterator[tuple[Program, Moved]]:
    """Yield what becomes of each program: by itself, or in one run with those of its project."""
    with ThreadPoolExecutor(jobs()) as pool:
        for commands, programs in groups:
            if commands is None:
                outcomes = pool.map(lambda program: move(program, clang), programs)
            else:
                outcomes = iter(move_all(commands, programs, clang))
            yield from zip(programs, outcomes, strict=True)


def _move(groups: list[Group], clang: str) -> int:
    """Move all programs and print what came of them; return the exit status."""
    counts: dict[str, Counter[str]] = {}
    causes: dict[str, list[str]] = {}
    ratios = []
    for program, moved in _outcomes(groups, clang):
        count = counts.setdefault(program.project, Counter())
        count[moved.outcome] += 1
        count["maps"] += moved.maps
        if moved.compiling and moved.outcome == UNAIDED:
            ratios.append(moved.seconds / moved.compiling)
        if moved.outcome in {BY_HAND, FAILED}:
            print(f"{program.path}: {moved.outcome}: {'; '.join(moved.causes[:3])}", flush=True)
            for cause in dict.fromkeys(moved.causes):
                causes.setdefault(cause, []).append(program.path.name)
    total = sum(counts.values(), Counter[str]())
    print(f"{'project':16}{''.join(f'{column:>13}' for column in COLUMNS)}")
    for name, count in [*counts.items(), ("all", total)]:
        print(f"{name:16}{''.join(f'{count[column]:13}' for column in COLUMNS)}")
    for cause, names in sorted(causes.items(), key=lambda item: -len(item[1]))[:MOST_CAUSES]:
        print(f"{len(names):5} {cause[:160]} ({', '.join(names[:3])})")
    moved_all = total[UNAIDED] + total[BY_HAND] + total[FAILED]
    if moved_all:
        print(f"unaided: {total[UNAIDED]} of {moved_all}: {total[UNAIDED] / moved_all:.1%}")
    if ratios:
        middle = sorted(ratios)[len(ratios) // 2]
        print(f"time, proof included: {middle:.1f} times clang's own for the program (median)")
    return 1 if total[FAILED] or not moved_all else 0


if __name__ == "__main__":
    sys.exit(main())
