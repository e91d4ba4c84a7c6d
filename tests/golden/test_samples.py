"""Every sample's outputs are as they were reviewed; so is what is said of each broken one.

The files lie in samples/ and broken/ beside this module. A change of any output shows up here as a
diff; `pytest --update-golden` takes it over, and fails until the run is repeated without it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bpfgen.cli import main
from tests.samples import BROKEN, GOOD, SAMPLES
from tests.tools import require

if TYPE_CHECKING:
    from tests.conftest import Golden

HERE = Path(__file__).parent

INITIALIZER_STYLE = ("btf_map.dsl", "stackmap.dsl")
"""The two examples of the seed commit are also held in the form that it wrote them in."""


@pytest.fixture(autouse=True)
def _in_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where the samples are, with the clang whose BTF the files hold."""
    monkeypatch.chdir(SAMPLES)
    monkeypatch.setenv("BPFGEN_CLANG", require("clang-19"))


def _emitted(name: str, output: Path, *options: str) -> Path:
    assert main([name, "-o", str(output), *options]) == 0
    return output


def _expected(name: str, suffix: str) -> Path:
    return HERE / "samples" / name.replace(".dsl", suffix)


@pytest.mark.parametrize("name", GOOD)
def test_header(name: str, tmp_path: Path, golden: Golden) -> None:
    """The C header of a sample."""
    header = _emitted(name, tmp_path / "out.h", "--verify")
    golden(_expected(name, ".h"), header.read_text())


@pytest.mark.parametrize("name", INITIALIZER_STYLE)
def test_header_in_initializer_style(name: str, tmp_path: Path, golden: Golden) -> None:
    """The same with the values in the initializer, as the first BTF-defined maps had them."""
    header = _emitted(name, tmp_path / "out.h", "--verify", "--style", "initializer")
    golden(_expected(name, ".initializer.h"), header.read_text())


@pytest.mark.parametrize("name", GOOD)
def test_json(name: str, tmp_path: Path, golden: Golden) -> None:
    """The model of a sample as JSON."""
    golden(_expected(name, ".json"), _emitted(name, tmp_path / "out.json").read_text())


@pytest.mark.parametrize("name", GOOD)
def test_btf(name: str, tmp_path: Path, golden: Golden) -> None:
    """The object's BTF as bpftool prints it, a line for each type."""
    built = _emitted(name, tmp_path / "out.o")
    done = subprocess.run(
        [require("bpftool"), "btf", "dump", "file", str(built)],
        check=True,
        capture_output=True,
        text=True,
    )
    lines: list[str] = []
    for line in done.stdout.splitlines():
        if line.startswith("\t"):
            lines[-1] += f" | {line.strip()}"
        else:
            lines.append(line)
    golden(_expected(name, ".btf"), "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", GOOD)
def test_nothing_is_said_of_a_good_sample(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], golden: Golden
) -> None:
    """A good sample is compiled mutely, but for notes (what libbpf can't open by itself)."""
    _emitted(name, tmp_path / "out.o", "--color", "never")
    captured = capsys.readouterr()
    assert captured.out == ""
    golden(_expected(name, ".diagnostics"), captured.err)


@pytest.mark.parametrize("name", BROKEN)
def test_diagnostics(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], golden: Golden
) -> None:
    """All that is wrong with a broken sample is said in one run, and nothing is written."""
    output = tmp_path / "out.h"
    status = main([f"broken/{name}", "-o", str(output), "--color", "never"])
    captured = capsys.readouterr()
    assert captured.out == ""
    golden(HERE / "broken" / name.replace(".dsl", ".diagnostics"), captured.err)
    assert status == 1
    assert not output.exists()
