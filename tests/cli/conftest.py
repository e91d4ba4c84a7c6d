"""A stand-in for the pipeline, so that these tests are about the command line alone."""

from __future__ import annotations

import re
import sys
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.building import Build
from bpfgen.clang import BUILTIN, ToolMissing
from bpfgen.cli import main
from bpfgen.emit import OutputFile
from bpfgen.kernel.memory import Machine
from bpfgen.record import Record
from bpfgen.text.codes import CODES, Code
from bpfgen.text.diagnostics import ERROR, NOTE, STYLE, WARNING, Diagnostic
from bpfgen.text.explanation import Explanation
from bpfgen.text.explanations import EXPLANATIONS
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpfgen.emit.backend import Settings
    from bpfgen.steps import Steps
    from bpfgen.text.source import Source


class StubOptions(Record):
    """The members that the command line sets."""

    include_directories: tuple[str, ...] = ()
    definitions: dict[str, str] = {}  # noqa: RUF012 -- a Record's default
    undefined: tuple[str, ...] = ()
    kernel: tuple[int, int] | None = None
    loaders: dict[str, tuple[int, int] | None] = {}  # noqa: RUF012 -- a Record's default
    machine: Machine = Machine()
    target: str = "bpf"
    style: str = "modern"
    relax_compat: bool = False
    assembler: str = ""
    clang: Any = None
    btf: Any = None
    jobs: int = 1


class StubCompilation(Record):
    """What the stand-in makes of a text: its words decide."""

    text: str
    diagnostics: list[Diagnostic]
    dependencies: tuple[str, ...] = ()
    variants: tuple[Any, ...] = ()
    undecided: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is an error."""
        return any(diagnostic.severity == ERROR for diagnostic in self.diagnostics)


class Pipeline:
    """The stand-in: `bad` is an error, `warn` a warning, `style` style, `include` needs a clang.

    Attributes:
        clang: Whether there is a clang.
        mismatch: Whether verification finds a difference.
        options: The options of the last run.
        compiled: How many sources were.
        built: How many objects were made.
        shipped: Whether the last of them is written to a file.
    """

    def __init__(self) -> None:
        self.clang = True
        self.mismatch = False
        self.options: StubOptions | None = None
        self.compiled = 0
        self.built = 0
        self.shipped = False

    def compile(self, source: Source, options: StubOptions, _shared: object) -> StubCompilation:
        """Stand in for `bpfgen.compiler.compile`."""
        self.options = options
        self.compiled += 1
        if "crash" in source.text:
            raise KeyError("a mistake of\nours")
        if "include" in source.text:
            self._need_clang()
        found = []
        for word, severity in (("bad", ERROR), ("warn", WARNING), ("style", STYLE)):
            for match in re.finditer(word, source.text):
                span = Span(source, *match.span())
                found.append(Diagnostic(f"stub-{word}", f"`{word}`", span, severity=severity))
        dependencies = ("common.dsl", "a b.h") if "import" in source.text else ()
        return StubCompilation(source.text, found, dependencies)

    def emit_files(
        self,
        compilation: StubCompilation,
        options: StubOptions,
        form: str,
        _settings: Settings,
    ) -> list[OutputFile]:
        """Stand in for `bpfgen.compiler.emit_files`."""
        return [OutputFile("stub", f"{form} {options.style}: {compilation.text}\n")]

    def build(
        self,
        compilation: StubCompilation,
        options: StubOptions,
        *,
        shipped: bool = False,
        header: OutputFile | None = None,
    ) -> Build:
        """Stand in for `bpfgen.building.build`: the bytes say who made them."""
        self.shipped = shipped
        if options.assembler != BUILTIN and (options.assembler or self.clang or options.clang.path):
            return self.build_with_clang(compilation, options, header=header)
        self.built += 1
        said = []
        if not options.assembler:
            said = [Diagnostic("assembler", "no clang: by itself", None, severity=NOTE)]
        return Build(b"\x7fELF\1" + compilation.text.encode(), said, (), BUILTIN)

    def build_with_clang(
        self,
        compilation: StubCompilation,
        options: StubOptions,
        *,
        header: OutputFile | None = None,
    ) -> Build:
        """Stand in for `bpfgen.building.build_with_clang`."""
        assert header is None or header.text.endswith(f"{compilation.text}\n")
        self._need_clang(named=options.clang.path is not None)
        self.built += 1
        headers_read = ("kernel.h",) if "import" in compilation.text else ()
        if self.mismatch:
            differ = Diagnostic("verify", "declared and emitted differ", None)
            return Build(None, [differ], headers_read)
        return Build(b"\x7fELF\0" + compilation.text.encode(), [], headers_read)

    def _need_clang(self, *, named: bool = False) -> None:
        if not self.clang:
            raise ToolMissing("no clang: `apt install clang`", named=named)


def steps_of(build: Callable[..., Build], *words: Any, **named: Any) -> Steps[Build]:
    """Stand in for a build that stops where its compiler runs."""
    yield
    return build(*words, **named)


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """Put the stand-in where the command line looks for the pipeline."""
    stub = Pipeline()
    module: Any = ModuleType("bpfgen.compiler")
    module.Options = StubOptions
    module.Compilation = StubCompilation
    module.compile = stub.compile
    module.emit_files = stub.emit_files
    monkeypatch.setitem(sys.modules, "bpfgen.compiler", module)
    building: Any = ModuleType("bpfgen.building")
    building.building = partial(steps_of, stub.build)
    building.building_with_clang = partial(steps_of, stub.build_with_clang)
    monkeypatch.setitem(sys.modules, "bpfgen.building", building)
    # What the stand-in makes is nothing to keep.
    monkeypatch.setattr("bpfgen.clang.finder.cache_directory", lambda: None)
    for code in ("stub-bad", "stub-warn", "stub-style"):
        monkeypatch.setitem(CODES, code, Code(code))
        monkeypatch.setitem(EXPLANATIONS, code, Explanation("The stand-in's."))
    for name in ("NO_COLOR", "FORCE_COLOR", "BPFGEN_CLANG", "BPFGEN_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    return stub


class Outcome(Record):
    """What a run of the command came to."""

    status: int
    output: str
    errors: str


@pytest.fixture
def bpfgen(
    pipeline: Pipeline,  # noqa: ARG001 -- the stand-in has to be there
    capfdbinary: pytest.CaptureFixture[bytes],
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Outcome]:
    """Give a function that runs the command in an empty directory with the words given."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Outcome:
        status = main(words)
        output, errors = capfdbinary.readouterr()
        return Outcome(status, output.decode(), errors.decode())

    return run
