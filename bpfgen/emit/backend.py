"""What a backend is: one output language, with the files it makes and what it can be asked for.

A row of :data:`bpfgen.emit.BACKENDS` is all that the rest of the program knows of one. The command
line, its help, the depfile and the golden files of projects follow from it.
"""

from __future__ import annotations

from bpfgen.files import SUFFIXES
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TypeAlias

    from bpfgen.conditions import Assignment, Places
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Span

    Settings: TypeAlias = Mapping[str, tuple[str, ...]]
    """The values of options by name, in the order given; empty where nothing is said."""

ONE, OPTIONAL, REPEATED, COMMAS = "one", "optional", "repeated", "commas"


class BackendOption(Record):
    """Something that a backend can be asked for, as an option of the command line.

    Several backends may have an option of the same name and kind, each with values of its own: a
    value goes to those that take it.

    Attributes:
        name: As typed after `--`; the module finds the values under this name.
        help: One line: what it does. No full stop.
        metavar: What its value is called.
        choices: The values that it takes; empty for any.
        default: The values where nothing is said.
        kind: `one`: the last value counts; `optional`: so it does, and is `""` where the option
            stands without a value; `repeated`: all count; `commas`: all, and each may be several
            with commas between.
        check: `module:function` of what takes a value and returns what is wrong with it as
            (message, advice), or None; it is imported when there is a value.
        environment: The variable whose value stands where a run of the command says nothing.
    """

    name: str
    help: str
    metavar: str
    choices: tuple[str, ...] = ()
    default: tuple[str, ...] = ()
    kind: str = ONE
    check: str = ""
    environment: str = ""

    @property
    def is_repeatable(self) -> bool:
        """Whether every value counts, not the last one alone."""
        return self.kind in {REPEATED, COMMAS}

    def fault(self, value: str) -> tuple[str, str] | None:
        """Return why it doesn't take *value*, as a message and advice; None if it does."""
        if self.choices:
            if value in self.choices or (self.kind == OPTIONAL and not value):
                return None
            # Only a mistake pays for this import.
            from bpfgen.text.spelling import did_you_mean

            listed = ", ".join(self.choices)
            advice = did_you_mean(value, self.choices) or f"there are {listed}"
            return f"`--{self.name}` has no value `{value}`", advice
        if self.kind == OPTIONAL:
            return (f"`--{self.name}` takes no value", f"--{self.name}") if value else None
        if not value:
            return f"`--{self.name}` has an empty value", f"--{self.name} {self.metavar}"
        if not self.check:
            return None
        module, _, name = self.check.partition(":")
        check: Callable[[str], tuple[str, str] | None] = getattr(
            __import__(module, fromlist=(name,)), name
        )
        return check(value)


OUTPUT_NAME = "output-name"
"""The code where a name can't be had in the language of an output, or two names become one."""


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


class SourceVariants(Record):
    """The variants of one source.

    Attributes:
        models: Each of them.
        assignments: What the macros are in each.
        places: What stands under which condition in the source.
    """

    models: tuple[Model, ...]
    assignments: tuple[Assignment, ...]
    places: Places


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


if TYPE_CHECKING:
    from typing import Protocol

    class Placement(Protocol):
        """What :attr:`Backend.placement` names: the files of one language in one run."""

        def faults(self, path: str, model: Model, settings: Settings) -> Iterable[Diagnostic]:
            """Return what the tools of the language have against a file of *model* at *path*."""


class Backend(Record):
    """One output language.

    Attributes:
        name: As `--emit` has it.
        suffixes: What the name of each file ends in, after that of the source: `.h`, `_types.py`.
            The first is that of the main file, by which `-o` knows the backend.
        module: Where its `emit(model, settings)` is, imported when the backend is first used. It
            returns the contents of the files, one for each suffix: text, bytes, or a
            :class:`PlacedText`; *settings* has the values of each option.
        options: What it can be asked for.
        variants: The module of an `emit_variants(variants, settings)` that makes one file of all
            variants of a source; empty where a file has one variant.
        placement: `module:class` of what is asked about the place of each file, where the tools of
            the language care: made once a run, it has `faults(path, model, settings)`, which
            yields warnings.
        verified: Whether clang compiles its main file, so that it goes out only when what clang
            made of it has been read back.
        identifiers: The module of an `identifiers(model, view, settings)` that returns what
            programs may name of it (:mod:`bpfgen.emit.user_space.identifiers`); empty where that
            is nothing.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    options: tuple[BackendOption, ...] = ()
    verified: bool = False
    placement: str = ""
    variants: str = ""
    identifiers: str = ""

    def emit(self, model: Model, settings: Settings | None = None) -> list[OutputFile]:
        """Return the files that *model* comes to, the main one first; nothing is written.

        Args:
            model: A model without errors.
            settings: The values of options by name; those of other backends are ignored.

        Raises:
            OutputRefused: The language can't say what the model says.
            TypeError: A setting is one text, and should be a tuple of them.
        """
        values = self.values(settings)
        # importlib costs a millisecond that a process which never gets here needn't pay.
        module = __import__(self.module, fromlist=("emit",))
        emit: Callable[[Model, Settings], Sequence[str | bytes | PlacedText]] = module.emit
        return self._files(model, emit(model, values))

    def emit_variants(
        self, variants: SourceVariants, settings: Settings | None = None
    ) -> list[OutputFile]:
        """Return the files that all variants of a source come to, as :meth:`emit` does of one.

        Raises:
            OutputRefused: The language can't say what the models say.
            TypeError: A setting is one text, and should be a tuple of them.
        """
        values = self.values(settings)
        module = __import__(self.variants, fromlist=("emit_variants",))
        emit: Callable[[SourceVariants, Settings], Sequence[PlacedText]] = module.emit_variants
        return self._files(variants.models[0], emit(variants, values))

    def values(self, settings: Settings | None) -> dict[str, tuple[str, ...]]:
        """Return the values of each option, as *settings* give them or as they are else.

        Raises:
            TypeError: A setting is one text, and should be a tuple of them.
        """
        given = settings or {}
        for option, words in given.items():
            if not isinstance(words, tuple):
                raise TypeError(f"{option!r} is a tuple of texts, and {words!r} is none")
        return {option.name: given.get(option.name) or option.default for option in self.options}

    def _files(
        self, model: Model, contents: Sequence[str | bytes | PlacedText]
    ) -> list[OutputFile]:
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
    """Return the file name of *path* without the suffix of a source; `stdin` for standard input.

    Of an object or a C file they are the usual ones: `prog.bpf.o` and `prog.c` are `prog`.
    """
    name = base_name(path)
    for suffix in SOURCE_SUFFIXES:
        if name.endswith(suffix) and name != suffix:
            name = name.removesuffix(suffix)
            break
    return name.strip("<>") or "stdin"


SOURCE_SUFFIXES = (*SUFFIXES, ".bpf.o", ".bpf.c", ".o", ".c", ".h")
"""How the names of sources end: of the language, of objects, of C; the longer ones first."""
