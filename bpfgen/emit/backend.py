"""What a backend is: one output language, with the files it makes and what it can be asked for.

A row of :data:`bpfgen.emit.BACKENDS` is all that the rest of the program knows of one. The command
line, its help, the depfile and the golden files of projects follow from it.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Span


class BackendOption(Record):
    """Something that one backend can be asked for, as an option of the command line.

    Attributes:
        name: As typed after `--`; the module finds the value under this name.
        help: One line: what it does. No full stop.
        metavar: What its value is called.
        choices: The values that it takes; empty for any.
        default: The value where nothing is said.
    """

    name: str
    help: str
    metavar: str
    choices: tuple[str, ...]
    default: str


class OutputRefused(Exception):  # noqa: N818 -- no error of the program but of what it is given
    """An output can't say what the model says, and nothing of it is written.

    Attributes:
        diagnostics: Why, each with its place; an error at least.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics[0].message)
        self.diagnostics = list(diagnostics)


class PlacedText(Record):
    """A text that is emitted, and where its lines come from.

    Attributes:
        text: The whole file.
        places: (line, span) pairs in rising order: from that line of the text on, from 1, it
            comes from the declaration at that span.
    """

    text: str
    places: tuple[tuple[int, Span], ...]

    def place(self, line: int) -> Span | None:
        """Return the declaration that line *line* of the text comes from, or None."""
        place = None
        for first, span in self.places:
            if first > line:
                break
            place = span
        return place


class OutputFile(Record):
    """One file to be written.

    Attributes:
        name: Its name without a directory.
        content: The whole of it.
        placed: The same with its places, where the backend keeps account of them.
    """

    name: str
    content: str | bytes
    placed: Uncompared[PlacedText | None] = None

    @property
    def text(self) -> str:
        """The content of a text file.

        Raises:
            TypeError: It is none.
        """
        if isinstance(self.content, bytes):
            raise TypeError(f"{self.name} is no text")
        return self.content

    @property
    def data(self) -> bytes:
        """The bytes on disk."""
        if isinstance(self.content, bytes):
            return self.content
        return self.content.encode("utf-8", "surrogateescape")


class Backend(Record):
    """One output language.

    Attributes:
        name: As `--emit` has it.
        suffixes: What the name of each file ends in, after that of the source: `.h`, `_types.py`.
            The first is that of the main file, by which `-o` knows the backend.
        module: Where its `emit(model, settings)` is, imported when the backend is first used. It
            returns the contents of the files, one for each suffix: text, bytes, or a
            :class:`PlacedText`; *settings* has a value for each
            option.
        options: What it can be asked for.
        verified: Whether clang compiles its main file, so that it goes out only when what clang
            made of it has been read back.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    options: tuple[BackendOption, ...] = ()
    verified: bool = False

    def emit(self, model: Model, settings: Mapping[str, str] | None = None) -> list[OutputFile]:
        """Return the files that *model* comes to, the main one first; nothing is written.

        Args:
            model: A model without errors.
            settings: The values of options by name; those of other backends are ignored.
        """
        given = settings or {}
        values = {option.name: given.get(option.name, option.default) for option in self.options}
        # importlib costs a millisecond that a process which never gets here needn't pay.
        module = __import__(self.module, fromlist=("emit",))
        emit: Callable[[Model, Mapping[str, str]], Sequence[str | bytes | PlacedText]] = module.emit
        contents = emit(model, values)
        name = stem(model.name)
        return [
            OutputFile(f"{name}{suffix}", content.text, content)
            if isinstance(content, PlacedText)
            else OutputFile(f"{name}{suffix}", content)
            for suffix, content in zip(self.suffixes, contents, strict=True)
        ]


def base_name(path: str) -> str:
    """Return the last component of *path*: outputs never name a directory."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def stem(path: str) -> str:
    """Return the file name of *path* without `.dsl`; `stdin` for standard input."""
    name = base_name(path).removesuffix(".dsl")
    return name.strip("<>") or "stdin"
