"""`bpfgen lsp`: the language server, which an editor starts and speaks to.

What holds for a document, the project's file and the command line, is found here; all else is the
business of :mod:`bpfgen.editor`.
"""

from __future__ import annotations

import gc
import os

from bpfgen.commands import MISSING, UsageError
from bpfgen.commands.arguments import configurations_of, parsed, pipeline_options
from bpfgen.commands.terminal import Terminal, Warnings
from bpfgen.commands.trust import without_programs
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import NOTE, Diagnostic

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from bpfgen.commands.configuration import Configuration
    from bpfgen.editor.workspace import Configured


def run(words: list[str]) -> int:
    """Serve the editor that has started this, as *words* say, until it goes."""
    arguments = parsed("lsp", words)
    if arguments.inputs:
        message = f"`bpfgen lsp` takes no files, and `{arguments.inputs[0]}` is given"
        raise UsageError(message, "an editor starts it, and opens files by its protocol")
    projects = Projects(arguments)
    try:
        from bpfgen.editor.loop import NotTheProtocol
        from bpfgen.editor.server import serve
    except ModuleNotFoundError as error:
        message = f"`bpfgen lsp` needs Python packages, of which `{error.name}` isn't installed"
        Terminal().error("tool-missing", message, help="pip install 'bpfgen[lsp]'")
        return MISSING
    if os.isatty(0):
        message = "an editor starts `bpfgen lsp`, and standard input is a terminal here"
        raise UsageError(message, "the server could start: docs/editors.md says how an editor does")
    # As in every command nothing is collected while there is work; the server does so in a break.
    gc.freeze()
    # The protocol alone speaks there: what anything else prints is for people to read.
    reader, writer = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    try:
        return serve(projects.configured, reader, writer)
    except NotTheProtocol as error:
        message = f"standard input is not the Language Server Protocol: {error}"
        raise UsageError(message, "an editor starts `bpfgen lsp`") from error


class Projects:
    """What holds for the files of an editor, as long as their projects' files stay as they are.

    Raises:
        UsageError: The command line makes no sense.
    """

    __slots__ = ("_arguments", "_known", "_sound")

    def __init__(self, arguments: argparse.Namespace) -> None:
        configurations_of(arguments)
        pipeline_options(arguments)
        self._arguments = arguments
        self._known: dict[str, tuple[Configuration | None, Configured]] = {}
        # What a project's file said when there was nothing wrong with it.
        self._sound: dict[str, Configured] = {}

    def configured(self, path: str, *, is_trusted: bool) -> Configured:
        """Return what holds for the file *path*; the same as before where nothing has changed.

        While something is wrong with the project's file, what it said before that holds. Unless the
        project *is_trusted*, it names no program of its own.
        """
        from bpfgen.editor.workspace import Configured

        try:
            configuration = configurations_of(self._arguments).of(path)
        except UsageError as error:
            return Configured(diagnostics=(Diagnostic("configuration", str(error), None),))
        key = "" if configuration is None else configuration.path
        known = self._known.get(key)
        if known is not None and known[0] == configuration:
            return known[1]
        configured = self._found(configuration, is_trusted=is_trusted)
        if not configured.diagnostics:
            self._sound[key] = configured
        elif key in self._sound:
            configured = replace(self._sound[key], diagnostics=configured.diagnostics)
        self._known[key] = configuration, configured
        return configured

    def _found(self, configuration: Configuration | None, *, is_trusted: bool) -> Configured:
        """Return what holds for a file for which *configuration* does."""
        from bpfgen.editor.workspace import Configured

        given, warning = self._arguments, ""
        # Whoever names the file, or another clang, has decided.
        is_decided = given.trust_project or given.config is not None or given.clang is not None
        if configuration is not None and not (is_trusted or is_decided):
            configuration, warning = without_programs(configuration)
        said: tuple[Diagnostic, ...] = ()
        words: list[str] = self._arguments.warnings
        if configuration is not None:
            said = configuration.diagnostics
            words = words if said else [*configuration.warnings, *words]
        warnings = Warnings(words)

        def wanted(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
            return warnings.applied(one for one in diagnostics if one.severity != NOTE)

        options = pipeline_options(self._arguments, None if said else configuration)
        return Configured(options, wanted, said, warning)
