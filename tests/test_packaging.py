"""What is installed is whole: the wheel is built, installed by itself and used elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import bpfgen
from tests.tools import CHECKOUT, missing, require, require_clang

DATA = (
    "bpfgen/grammar/bpfgen.lark",
    "bpfgen/templates/c/",
    "bpfgen/providers/prelude/",
    "bpfgen/py.typed",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "build", "--wheel", "--no-isolation"),
            *("--outdir", str(folder), str(CHECKOUT)),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin/ of a fresh environment that holds the wheel and its dependencies, no checkout."""
    home = tmp_path_factory.mktemp("environment")
    try:
        venv.create(home, with_pip=False)
    except (OSError, subprocess.CalledProcessError) as error:
        missing("python3-venv", f"doesn't work here ({error})")
    python = home / "bin" / "python"
    # Dependencies are taken from the environment of the tests: the wheel is what's on trial.
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"),
            *("--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    packages = {
        str(Path(module.__file__ or "").parents[1])
        for module in map(__import__, ("jinja2", "lark", "markupsafe"))
    }
    (site,) = (home / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text("\n".join(sorted(packages)) + "\n")
    return home / "bin"


def _run(
    command: list[str | Path], cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), "LC_ALL": "C", **environment},
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_wheel_holds_the_grammar_the_templates_and_the_prelude(wheel: Path) -> None:
    """Everything that is read at run time is in the wheel, inside the package."""
    names = zipfile.ZipFile(wheel).namelist()
    for data in DATA:
        assert any(name.startswith(data) for name in names), data
    outside = [n for n in names if not n.startswith(("bpfgen/", "bpfgen-"))]
    assert outside == []
    for path in (CHECKOUT / "bpfgen" / "providers" / "prelude").glob("*.dsl"):
        assert f"bpfgen/providers/prelude/{path.name}" in names
    for path in (CHECKOUT / "templates").rglob("*.*"):
        assert f"bpfgen/templates/{path.relative_to(CHECKOUT / 'templates')}" in names


def test_the_wheel_compiles_a_sample_in_another_directory(installed: Path, tmp_path: Path) -> None:
    """An installed bpfgen makes the header that the checkout makes, byte for byte."""
    sample = (CHECKOUT / "samples" / "btf_map.dsl").read_text()
    (tmp_path / "btf_map.dsl").write_text(sample)
    command: list[str | Path] = [installed / "bpfgen", "btf_map.dsl", "-o", "btf_map.h"]
    done = _run([*command, "--no-verify"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    header = (tmp_path / "btf_map.h").read_text()
    where = _run([installed / "python", "-c", "import bpfgen; print(bpfgen.__file__)"], tmp_path)
    assert not where.stdout.startswith(str(CHECKOUT))

    checkout: list[str | Path] = [sys.executable, "-m", "bpfgen", "btf_map.dsl", "--no-verify"]
    done = _run([*checkout, "--emit", "header", "-o", "-"], tmp_path, PYTHONPATH=str(CHECKOUT))
    assert done.stdout == header


def test_what_other_programs_look_for_is_below_the_prefix(installed: Path) -> None:
    """CMake's files, the manual, the completions and Vim's files are where those programs search.

    VS Code searches nowhere: its extension is packaged by itself.
    """
    prefix = installed.parent
    shared = [path for path in (CHECKOUT / "share").rglob("*") if path.is_file()]
    shared = [path for path in shared if CHECKOUT / "share/vscode" not in path.parents]
    assert shared
    for path in shared:
        copy = prefix / "share" / path.relative_to(CHECKOUT / "share")
        assert copy.read_bytes() == path.read_bytes()
    for path in (CHECKOUT / "bpfgen" / "cmake").iterdir():
        assert (prefix / "share/cmake/bpfgen" / path.name).read_bytes() == path.read_bytes()


CMAKE_PROJECT = """\
cmake_minimum_required(VERSION 3.20)
project(test LANGUAGES NONE)
find_package(bpfgen {version} REQUIRED)
message("found=${{bpfgen_DIR}} program=${{BPFGEN_EXECUTABLE}} version=${{bpfgen_VERSION}}")
"""


@pytest.mark.parametrize("how", ["path", "cmake-dir"])
def test_cmake_finds_an_installed_bpfgen(installed: Path, tmp_path: Path, how: str) -> None:
    """With its bin/ on the PATH, or told by `bpfgen --cmake-dir`: package, program, version."""
    (tmp_path / "CMakeLists.txt").write_text(CMAKE_PROJECT.format(version=bpfgen.__version__))
    command: list[str | Path] = [require("cmake"), "-G", "Ninja", "-S", ".", "-B", "out"]
    expected = installed.parent / "share" / "cmake" / "bpfgen"
    path = os.environ["PATH"]
    if how == "path":
        path = f"{installed}{os.pathsep}{path}"
    else:
        said = _run([installed / "bpfgen", "--cmake-dir"], tmp_path).stdout.strip()
        expected = Path(said)
        command.append(f"-Dbpfgen_DIR={said}")
    done = _run(command, tmp_path, PATH=path)
    assert done.returncode == 0, done.stdout + done.stderr
    said = f"found={expected} program={installed / 'bpfgen'} version={bpfgen.__version__}"
    assert said in done.stdout + done.stderr


def test_the_version_has_one_source(installed: Path, tmp_path: Path) -> None:
    """The metadata of the wheel and the program say what bpfgen/__init__.py says."""
    done = _run([installed / "bpfgen", "--version"], tmp_path)
    assert done.stdout == f"bpfgen {bpfgen.__version__}\n"
    ask = "from importlib.metadata import version; print(version('bpfgen'))"
    assert _run([installed / "python", "-c", ask], tmp_path).stdout.strip() == bpfgen.__version__


def test_the_wheel_builds_a_verified_object(installed: Path, tmp_path: Path) -> None:
    """An installed bpfgen compiles and verifies an object away from the checkout."""
    (tmp_path / "quickstart.dsl").write_text((CHECKOUT / "samples/quickstart.dsl").read_text())
    words = ["quickstart.dsl", "-o", "quickstart.o", "--clang", require_clang()]
    done = _run([installed / "bpfgen", *words], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "quickstart.o").read_bytes().startswith(b"\x7fELF")


def test_the_wheel_is_typed(installed: Path, tmp_path: Path) -> None:
    """mypy reads the types of the installed package: py.typed is shipped."""
    (tmp_path / "use.py").write_text("import bpfgen\nreveal_type(bpfgen.compile)\n")
    command: list[str | Path] = [sys.executable, "-m", "mypy", "--strict", "use.py"]
    done = _run([*command, "--python-executable", installed / "python"], tmp_path)
    if "No module named mypy" in done.stderr:
        missing("mypy")
    assert "-> bpfgen.compiler.Compilation" in done.stdout, done.stdout + done.stderr


def test_python_starts_inside_the_package() -> None:
    """No folder or module on top stands in for one of the standard library's.

    Python finds first what is where it is started: a folder `inspect` broke `dataclasses`.
    """
    package = CHECKOUT / "bpfgen"
    names = {path.stem for path in package.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert not names & sys.stdlib_module_names
    needed = "dataclasses, enum, json, inspect, typing, argparse, unittest, logging, subprocess"
    done = _run([sys.executable, "-c", f"import {needed}"], package)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_metadata_says_what_is_needed() -> None:
    """The extras, a script, and no dependency nobody spoke of."""
    try:
        package = metadata.metadata("bpfgen")
    except metadata.PackageNotFoundError:
        missing("bpfgen-installed", "is not installed in this environment")
    requires = metadata.requires("bpfgen") or []
    plain = {entry.split(">")[0] for entry in requires if "extra ==" not in entry}
    assert plain == {"jinja2", "lark"}
    assert {"clang", "lsp", "test", "dev"} == set(package.get_all("Provides-Extra") or [])
    (script,) = metadata.entry_points(group="console_scripts", name="bpfgen")
    assert script.value == "bpfgen.cli:main"
