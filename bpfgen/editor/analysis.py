"""What is known of one text while it is being typed: the ground on which all features stand.

The first module of the language server: a text, which may be broken anywhere, comes in; its tree,
its tokens and what the pipeline makes of it come out. Features are functions over an analysis.
"""

from __future__ import annotations

from bpfgen.clang import NoTemporaryFile, ToolMissing
from bpfgen.compiler import Options, compile
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.syntax.lexer import scan
from bpfgen.syntax.parser import current_tables
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from bpfgen.compiler import Compilation
    from bpfgen.providers.imports import SharedImport
    from bpfgen.syntax.tree import File, Tokens
    from bpfgen.text.diagnostics import Diagnostic


class Analysis(Record):
    """A text, and what the pipeline makes of it.

    Places are offsets in `source.text`: characters, from 0.

    Attributes:
        path: Where the text is, or is to be saved: that of the file system, absolute; for a text
            without a file a name in angle brackets.
        source: The text, whose name is *path*.
        tree: Its tree, without what could not be parsed; the tokens of the whole text are always
            with it. It is the parsed text, all branches of `when` included.
        tokens: The same tokens.
        compilation: The model, the diagnostics and the references, with those of imported files.
        options: What it was compiled with; `opener` reads other files as the editor has them.
    """

    path: str
    source: Source
    tree: File
    tokens: Tokens
    compilation: Compilation
    options: Options

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """All that is to be said of the text, and of what it imports, in the order of the text."""
        return self.compilation.diagnostics

    @property
    def imported(self) -> tuple[File, ...]:
        """The trees of all files that it imports, and that these import."""
        return self.compilation.trees[1:]


def analyse(
    path: str,
    text: str,
    options: Options | None = None,
    shared: dict[str, SharedImport] | None = None,
) -> Analysis:
    """Return what is known of *text*, which is that of the file *path*; it never raises.

    Analyses with the same options and the same dict *shared*, empty at first, compile what they
    import once; the files, and what is known of headers, mustn't change meanwhile.

    What C headers define is asked through `options.headers`; where that is None, the compiler is
    asked and waited for, and without one the names of headers are taken for known.
    """
    options = replace(options or Options(), keep_references=True)
    source = Source(path, text)
    compilation = _compiled(source, options, shared)
    tree = compilation.trees[0]
    tokens = tree.tokens
    if tokens is None:  # it can't be a program, and all the same somebody types it
        tokens, _is_whole = scan(source, current_tables(), Report())
        tree = replace(tree, tokens=tokens)
    return Analysis(path, source, tree, tokens, compilation, options)


def _compiled(
    source: Source, options: Options, shared: dict[str, SharedImport] | None
) -> Compilation:
    """Return what *source* comes to, with or without a compiler to ask."""
    try:
        return compile(source, options, shared)
    except (ToolMissing, NoTemporaryFile):
        from bpfgen.editor.headers import UNANSWERED

        return compile(source, replace(options, headers=UNANSWERED))
