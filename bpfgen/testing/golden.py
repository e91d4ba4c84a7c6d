"""The fixture `bpfgen_golden`: runs the command in this process and compares what comes out."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.cli import main
from bpfgen.commands import DONE, MISSING, WRONG
from bpfgen.commands.forms import OBJECT, files_of, suffixes_of
from bpfgen.emit import BACKENDS
from bpfgen.files.writing import unified_diff, write
from bpfgen.record import Record
from bpfgen.testing.sources import DIAGNOSTICS, Selection, golden_suffixes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SHOWN_LINES = 80
"""Lines of a diff that are shown without `-v`."""


class _Outcome(Record):
    """What one run of the command came to."""

    status: int
    output: str
    messages: str


class Golden:
    """Compares with golden files; what the fixture `bpfgen_golden` gives.

    Attributes:
        source: The source that the test runs for, relative to the marker's base, or None.
    """

    def __init__(
        self,
        request: pytest.FixtureRequest,
        source: str | tuple[str, ...] | None,
        temporary: pytest.TempPathFactory,
        note_rewritten: Callable[[str], None],
    ) -> None:
        self._config: pytest.Config = request.config
        self._note_rewritten = note_rewritten
        self._temporary = temporary
        self._selection = Selection(request.path, request.node.get_closest_marker("bpfgen"))
        self._update: bool = request.config.getoption("--bpfgen-update")
        self._stale = source if isinstance(source, tuple) else ()
        self.source = source if isinstance(source, str) else None

    def __call__(self, source: str | os.PathLike[str] | None = None, **settings: Any) -> None:
        """Compile a source and compare everything with golden files; fail with the differences.

        Args:
            source: Relative to the marker's base, which is the test's directory unless it says
                otherwise; by default what the marker's patterns found.
            settings: `emit`, `options`, `refused` and `verify` as in the marker, whose words they
                replace.

        Messages are compared too; no golden file means that none are expected.
        """
        __tracebackhide__ = True
        if self._stale:
            self._report_stale()
            return
        name = self.source if source is None else os.fspath(source)
        if name is None:
            raise pytest.UsageError("bpfgen_golden() needs a source, or a marker with patterns")
        wanted = {**self._selection.settings, **settings}
        emit = wanted.get("emit", "header")
        forms = [emit] if isinstance(emit, str) else list(emit)
        comparable = golden_suffixes()
        if not forms or not comparable.keys() >= set(forms):
            listed = ", ".join(comparable)
            raise pytest.UsageError(f"emit={emit!r}: what can be compared is {listed}")
        options = wanted.get("options", "")
        words = shlex.split(options) if isinstance(options, str) else list(options)
        verify = wanted.get("verify", True) and self._config.getoption("--bpfgen-verify") != "never"
        if wanted.get("refused", False):
            self._refused(name, forms[0], words)
        else:
            self._accepted(name, forms, words, verify=verify)

    def compare(self, path: str | os.PathLike[str], text: str) -> None:
        """Compare *text* with what the golden file *path* holds; no file means: expected empty.

        For what a test makes of bpfgen's outputs itself. *path* is relative to the directory of
        golden files.
        """
        __tracebackhide__ = True
        data = text.encode("utf-8", "surrogateescape")
        self._fail(self._difference(self._selection.golden / path, data))

    def _accepted(self, name: str, forms: Sequence[str], words: list[str], *, verify: bool) -> None:
        """Compare the outputs of a source that compiles, and what is said on the way."""
        __tracebackhide__ = True
        differences: list[str] = []
        directory = self._temporary.mktemp("bpfgen")
        run, lacking, made = self._made(name, forms, directory, words, verify=verify)
        if run.status not in (DONE, MISSING):
            pytest.fail(f"{name} doesn't compile:\n\n{run.messages}", pytrace=False)
        if run.status == DONE:
            for form in made:
                for suffix, data in self._contents(form, self._output(form, directory)).items():
                    differences += self._difference(self._selection.golden_file(name, suffix), data)
            if list(made) == list(forms):  # else there may be more to say
                differences += self._messages_difference(name, run.messages)
        self._fail(differences)
        if lacking:
            if self._config.getoption("--bpfgen-verify") == "always":
                pytest.fail(f"{name}: {lacking}", pytrace=False)
            pytest.skip(f"{name}: {lacking}")

    def _made(
        self,
        name: str,
        forms: Sequence[str],
        directory: Path,
        words: list[str],
        *,
        verify: bool,
    ) -> tuple[_Outcome, str, Sequence[str]]:
        """Make the outputs *forms* in one run of bpfgen, in *directory*.

        Return what came of it, which tool it would have needed, and what was made. What can be made
        without that tool is made, unverified, so that it is compared at least.
        """
        is_verified = any(form in BACKENDS and BACKENDS[form].verified for form in forms)
        checks = ["--verify", "--no-verify"] if verify else ["--no-verify"]
        attempts = [(forms, [check]) for check in checks] if is_verified else [(forms, [])]
        others = [form for form in forms if form != OBJECT]
        if OBJECT in forms and others:  # there are objects that take a clang
            attempts.append((others, ["--no-verify"] if is_verified else []))
        lacking = ""
        for made, check in attempts:
            run = self._run([*self._command(made, directory), *words, *check, "--", name])
            if run.status != MISSING:
                break
            lacking = lacking or " ".join(run.messages.split())
        return run, lacking, made

    def _command(self, forms: Sequence[str], directory: Path) -> list[str]:
        """Return the words that ask for *forms*, each in a file of *directory*."""
        places = [word for form in forms for word in ("-o", str(self._output(form, directory)))]
        only = ["--emit", forms[0]] if len(forms) == 1 else []
        # Who makes an object differs from machine to machine; what it is doesn't.
        return [*places, *only, "--color", "never", "-W", "no-assembler"]

    @staticmethod
    def _output(form: str, directory: Path) -> Path:
        """Return where the main file of *form* is written."""
        return directory / f"out{suffixes_of(form)[0]}"

    def _contents(self, form: str, path: Path) -> dict[str, bytes]:
        """Return what is compared with golden files, by their suffixes.

        It is the files themselves, of which *path* is the main one, or what `bpfgen inspect` says
        of an object.
        """
        suffixes = golden_suffixes()[form]
        if form == OBJECT:
            return {suffixes[0]: self._inspected(path).encode("utf-8", "surrogateescape")}
        files = files_of(str(path), form)
        return {
            suffix: Path(file).read_bytes() for suffix, file in zip(suffixes, files, strict=True)
        }

    def _inspected(self, path: Path) -> str:
        """Return what `bpfgen inspect` says of the object *path*."""
        command = ["inspect", path.name, "--types", "--color", "never"]
        run = self._run(command, directory=path.parent)
        # It ends with status 1 where libbpf needs more than this object to open it.
        if not run.output:
            pytest.fail(f"bpfgen inspect can't read the object:\n{run.messages}", pytrace=False)
        # The first line speaks of the file, which has another name in every run.
        return run.output.partition("\n")[2].lstrip("\n")

    def _refused(self, name: str, form: str, words: list[str]) -> None:
        """Compare what is said of a source that must not compile."""
        __tracebackhide__ = True
        directory = self._temporary.mktemp("bpfgen")
        run, lacking, _made = self._made(name, [form], directory, words, verify=False)
        if run.status == MISSING:
            if self._config.getoption("--bpfgen-verify") == "always":
                pytest.fail(f"{name}: {lacking}", pytrace=False)
            pytest.skip(f"{name}: {lacking}")
        if run.status != WRONG:
            pytest.fail(f"{name} compiles, and should be refused\n{run.messages}", pytrace=False)
        self._fail(self._messages_difference(name, run.messages))

    def _messages_difference(self, name: str, messages: str) -> list[str]:
        data = messages.encode("utf-8", "surrogateescape")
        return self._difference(self._selection.golden_file(name, DIAGNOSTICS), data)

    def _run(self, words: list[str], directory: Path | None = None) -> _Outcome:
        """Run the command `bpfgen` with *words* in this process."""
        output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape")
        messages = io.StringIO()
        with (
            contextlib.chdir(directory or self._selection.base),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(messages),
        ):
            status = main(words)
        output.flush()
        output.seek(0)
        return _Outcome(status, output.read(), messages.getvalue())

    def _difference(self, path: Path, data: bytes) -> list[str]:
        """Return how *data* differs from the golden file; with `--bpfgen-update` rewrite it."""
        expected = path.read_bytes() if path.exists() else None
        if data == (expected or b""):
            return []
        name = self._shown(path)
        if self._update:
            self._note_rewritten(name)
            if data:
                path.parent.mkdir(parents=True, exist_ok=True)
                write(str(path), data)
            else:
                path.unlink()
            return []
        lines = ["the bytes differ"]
        if b"\0" not in data and b"\0" not in (expected or b""):
            diff = unified_diff(os.fsencode(name), expected, data)
            lines = diff.decode("utf-8", "replace").splitlines()
        if len(lines) > _SHOWN_LINES and self._config.get_verbosity() < 1:
            left = len(lines) - _SHOWN_LINES
            lines[_SHOWN_LINES:] = [f"... {left} more lines; -v shows them"]
        if expected is None:
            head = f"there is no golden file {name}"
        elif not data:
            head = f"the golden file {name} is stale: there is nothing to compare it with any more"
        else:
            head = f"the golden file {name} (-) is not what bpfgen makes (+)"
        return ["\n".join([head, "", *lines])]

    def _report_stale(self) -> None:
        """Fail for golden files without a source; with `--bpfgen-update` remove them."""
        __tracebackhide__ = True
        paths = [self._selection.golden / name for name in self._stale]
        if self._update:
            for path in paths:
                self._note_rewritten(self._shown(path))
                path.unlink()
            return
        names = "\n".join(f"  {self._shown(path)}" for path in paths)
        self._fail([f"golden files whose source is gone:\n{names}"])

    def _shown(self, path: Path) -> str:
        root = self._config.rootpath
        return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)

    @staticmethod
    def _fail(differences: Sequence[str]) -> None:
        __tracebackhide__ = True
        if differences:
            advice = "(pytest --bpfgen-update rewrites golden files)"
            pytest.fail("\n\n".join([*differences, advice]), pytrace=False)
