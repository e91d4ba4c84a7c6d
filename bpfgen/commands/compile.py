"""`bpfgen maps.dsl -o maps.h`: the main job, from the command line to the files.

What is compiled, checked and emitted is the business of `compiler`; `build` does one run after
another of it for `--watch`, and one for everything else.
"""

from __future__ import annotations

from bpfgen.commands import DONE, USAGE, NothingAsked
from bpfgen.commands.arguments import parsed
from bpfgen.commands.build import Build
from bpfgen.commands.destinations import jobs_of, refuse_places
from bpfgen.commands.terminal import write_error, write_output
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.commands.destinations import Job


def run(words: list[str]) -> int:
    """Compile what *words* say; return the exit status."""
    arguments = parsed("compile", words)
    if arguments.version:
        from bpfgen.resources import VERSION

        write_output(f"bpfgen {VERSION}\n")
        return DONE
    if arguments.cmake_dir:
        from bpfgen.resources import cmake_directory

        write_output(f"{cmake_directory()}\n")
        return DONE
    jobs: list[Job] | None = None
    if arguments.inputs:
        jobs = jobs_of(arguments)
    else:
        refuse_places(arguments)
    if arguments.fix or arguments.fix_all or arguments.diff:
        # Who changes no input doesn't load the module.
        from bpfgen.commands.fixing import refuse_nonsense

        refuse_nonsense(arguments, jobs)
    if arguments.watch:
        from bpfgen.commands.watch import watch

        return watch(arguments, jobs)
    try:
        return Build(arguments).run(jobs)
    except NothingAsked:
        if words:
            raise
        from bpfgen.commands.parser import help_text

        # Not done: who means to build a project, and is elsewhere, has to notice.
        write_error(help_text("compile"))
        return USAGE
