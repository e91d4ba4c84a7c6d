"""`--watch`: the same run again, whenever a file that the last one read has changed."""

from __future__ import annotations

import gc
import os
import time

from bpfgen.commands import UsageError
from bpfgen.commands.build import Build
from bpfgen.commands.configuration import FILE_NAME
from bpfgen.commands.signals import end_if_asked
from bpfgen.ctype.describe import counted
from bpfgen.files.digests import stamp_of
from bpfgen.record import TYPE_CHECKING
from bpfgen.sources import is_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable
    from typing import NoReturn

    from bpfgen.commands.destinations import Job
    from bpfgen.files.digests import Stamp

_PAUSE_SECONDS = 0.3
"""Between two looks; a few dozen calls of stat cost next to nothing."""


def watch(
    arguments: argparse.Namespace,
    jobs: list[Job] | None,
    wait: Callable[[], object] = lambda: time.sleep(_PAUSE_SECONDS),
) -> NoReturn:
    """Do *jobs* now, and again after each change, until a signal ends the process.

    Args:
        arguments: As parsed; what was written is reported, since a person looks on.
        jobs: What is to be done; None for what the project lists, each time anew.
        wait: Lets some time pass between two looks.

    Raises:
        UsageError: There is nothing to watch.
    """
    if arguments.check:
        raise UsageError("--watch and --check exclude each other")
    if any(job.input == "-" for job in jobs or ()):
        raise UsageError("standard input can't be watched", "name a file")
    if not all(is_file(job.input) for job in jobs or ()):
        raise UsageError("a running map can't be watched: its definition never changes")
    arguments.verbose = True
    gc.enable()  # cli has turned it off, for processes that end soon
    stamps: dict[str, Stamp] = {}
    while True:
        began = time.time_ns()
        before = {path: stamp_of(path) for path in stamps}
        build = Build(arguments)
        status = build.run(jobs)
        watched = _watched(build, arguments, is_failed=status != 0)
        # What was known is compared with what it was before the run: a change during the run must
        # not be lost. What is new and was changed since the run began is taken for changed, once.
        stamps = {}
        for path in watched:
            after = stamp_of(path)
            stamps[path] = before.get(path, after)
            if path not in before and after is not None and began < after[0] <= time.time_ns():
                stamps[path] = None
        build.terminal.say(f"watching {counted(len(set(build.read)), 'file')}; Ctrl-C ends it")
        gc.collect()
        while all(stamp_of(path) == stamp for path, stamp in stamps.items()):
            end_if_asked()
            wait()


def _watched(build: Build, arguments: argparse.Namespace, *, is_failed: bool) -> Iterable[str]:
    """Return the files and directories whose change calls for another run."""
    paths = dict.fromkeys((*build.read, *build.directories))
    if arguments.config is not None:
        paths[arguments.config] = None
    elif not arguments.no_config:
        for job in build.jobs:  # one may appear
            paths[os.path.join(os.path.dirname(job.input), FILE_NAME)] = None
    if is_failed:
        # A file that wasn't found is none that was read: its directory shows when it is there.
        for path in list(paths):
            paths[os.path.dirname(path) or "."] = None
        for directory in arguments.include_directories:
            paths[directory] = None
    return paths
