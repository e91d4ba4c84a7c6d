"""The pytest plugin, run by a pytest of its own as in a project that uses it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import compile, emit_files
from bpfgen.emit import BACKENDS
from bpfgen.testing.sources import GENERATED
from bpfgen.text.source import Source
from tests import tools

if TYPE_CHECKING:
    from collections.abc import Callable

    Inner = Callable[..., pytest.RunResult]

MAPS = "map m: array<__u32, __u64>[4];\n"
MARKED = """
import pytest

@pytest.mark.bpfgen({})
def test_golden(bpfgen_golden):
    bpfgen_golden()
"""


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Inner:
    """Give a function that runs pytest on a project with one source, as strictly as ours."""
    monkeypatch.setenv("PYTHONPATH", str(tools.CHECKOUT))
    monkeypatch.setenv("BPFGEN_CLANG", tools.require_clang())
    pytester.makeconftest("from tests.conftest import pytest_addoption")
    pytester.makeini("[pytest]\nstrict = true\nfilterwarnings = error\n")
    (pytester.path / "maps.dsl").write_text(MAPS)

    def run(*words: str, quick: bool = True) -> pytest.RunResult:
        run = pytester.runpytest_inprocess if quick else pytester.runpytest_subprocess
        return run("-p", "no:cacheprovider", *words)

    return run


def made(path: pytest.Pytester, *outputs: str) -> None:
    """Write golden files with the command itself."""
    from bpfgen.cli import main

    for name in outputs:
        assert main([str(path.path / "maps.dsl"), "-o", str(path.path / name)]) == 0


def test_what_is_as_expected_passes(inner: Inner, pytester: pytest.Pytester) -> None:
    """What the command wrote is what the fixture compares with, once for each source."""
    pytester.makepyfile(MARKED.format('"*.dsl", emit=("header", "json")'))
    made(pytester, "maps.h", "maps.json")
    result = inner("-v")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*::test_golden[[]maps.dsl] PASSED*"])


def test_the_name_of_a_source_is_no_option(inner: Inner, pytester: pytest.Pytester) -> None:
    """Nor are there words in a file that it names: `@x.dsl` is a source like any other."""
    pytester.makepyfile(MARKED.format('"*.dsl"'))
    (pytester.path / "maps.dsl").unlink()
    (pytester.path / "x.dsl").write_text("map x: array<int, int>[1];\n")
    fired = pytester.path / "fired"
    compiler = pytester.path / "compiler"
    compiler.write_text(f"#!/bin/sh\ntouch {fired}\n")
    compiler.chmod(0o755)
    for name in ("@words.dsl", "-o.dsl", "--clang.dsl"):
        (pytester.path / name).write_text("map m: array<int, int>[1];\n")
    (pytester.path / "words.dsl").write_text(f"x.dsl --clang {compiler} --verify\n")
    result = inner("--bpfgen-update")
    result.assert_outcomes(failed=5)  # new golden files fail, and so does words.dsl, as itself
    assert not fired.exists()
    assert {path.name for path in pytester.path.glob("*.h")} == {
        *("@words.h", "-o.h", "--clang.h", "x.h")
    }


def test_what_a_run_loads_is_loaded_once(
    inner: Inner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run has the same modules, whoever has loaded them; but not those of the project."""
    monkeypatch.delitem(sys.modules, "bpfgen.text.spelling", raising=False)
    load = "import bpfgen.text.spelling, own\n\ndef test_it(): pass\n"
    pytester.makepyfile(own="", test_it=load)
    pytester.syspathinsert()
    inner().assert_outcomes(passed=1)
    loaded = sys.modules["bpfgen.text.spelling"]
    inner().assert_outcomes(passed=1)
    assert sys.modules["bpfgen.text.spelling"] is loaded
    assert {"own", "test_it"}.isdisjoint(sys.modules)


def test_what_a_test_loads_stays(
    inner: Inner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was loaded outside of such a run is there when pytester has ended."""
    monkeypatch.delitem(sys.modules, "bpfgen.text.spelling", raising=False)
    pytester.makepyfile(
        """
        import sys

        from tests.conftest import _loaded, pytester

        def test_one(pytester):
            import bpfgen.text.spelling

        def test_other():
            assert "bpfgen.text.spelling" in sys.modules
        """
    )
    inner("-p", "pytester", "-p", "no:randomly").assert_outcomes(passed=2)


def test_a_difference_is_a_diff(inner: Inner, pytester: pytest.Pytester) -> None:
    """It is shown with its lines and the option that takes it over; no file is touched."""
    pytester.makepyfile(MARKED.format('"*.dsl"'))
    made(pytester, "maps.h")
    header = pytester.path / "maps.h"
    old = header.read_text().replace("max_entries, 4", "max_entries, 5")
    header.write_text(old)
    result = inner()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "the golden file maps.h (-) is not what bpfgen makes (+)",
            "--- maps.h",
            "-*max_entries, 5*",
            "+*max_entries, 4*",
            "(pytest --bpfgen-update rewrites golden files)",
        ]
    )
    assert "golden.py" not in result.stdout.str()  # no traceback
    assert header.read_text() == old


def test_a_long_diff_is_cut(inner: Inner, pytester: pytest.Pytester) -> None:
    """Without `-v` a reader isn't drowned."""
    maps = "".join(f"map m{number}: array<__u32, __u64>[4];\n" for number in range(90))
    (pytester.path / "maps.dsl").write_text(maps)
    pytester.makepyfile(MARKED.format('"*.dsl", verify=False'))
    result = inner()
    result.stdout.fnmatch_lines(["there is no golden file maps.h", "... * more lines; -v shows*"])
    assert "m89 SEC" not in result.stdout.str()
    assert "m89 SEC" in inner("-v").stdout.str()


@pytest.mark.slow
def test_an_update_rewrites_and_fails(inner: Inner, pytester: pytest.Pytester) -> None:
    """`--bpfgen-update` names what it wrote and can't pass, even if there was nothing to write."""
    pytester.makepyfile(MARKED.format('"*.dsl", emit=("header", "json", "object")'))
    (pytester.path / "maps.diagnostics").write_text("said once\n")
    result = inner()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["there is no golden file maps.json", "*maps.diagnostics is stale*"]
    )
    result = inner("--bpfgen-update")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=1)
    names = ["maps.diagnostics", "maps.h", "maps.inspect", "maps.json"]
    result.stdout.fnmatch_lines([f"rewritten: {name}" for name in names])
    assert not (pytester.path / "maps.diagnostics").exists()
    assert "max_entries, 4" in (pytester.path / "maps.h").read_text()
    assert "array  __u32" in (pytester.path / "maps.inspect").read_text()
    result = inner("--bpfgen-update")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["nothing was rewritten"])
    result = inner()
    assert result.ret == pytest.ExitCode.OK


@pytest.mark.slow
def test_several_processes(inner: Inner, pytester: pytest.Pytester) -> None:
    """Under xdist too a source is a test, and an update fails and names what it wrote."""
    for number in range(5):
        (pytester.path / f"m{number}.dsl").write_text(MAPS)
    pytester.makepyfile(MARKED.format('"m?.dsl", verify=False'))
    result = inner("-n", "2", "--bpfgen-update", quick=False)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"rewritten: m{number}.h" for number in range(5)])
    inner("-n", "2", quick=False).assert_outcomes(passed=5)


def test_a_golden_file_whose_source_is_gone(inner: Inner, pytester: pytest.Pytester) -> None:
    """It is told; an update removes it. Other people's headers are left alone."""
    pytester.makepyfile(MARKED.format('"*.dsl", verify=False'))
    made(pytester, "maps.h", "gone.h")
    (pytester.path / "gone.diagnostics").write_text("once\n")
    (pytester.path / "other.h").write_text("int x;\n")
    result = inner("-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*stale golden files*", "golden files whose source is gone:", "  gone.diag*", "  gone.h"]
    )
    assert "other.h" not in result.stdout.str()
    result = inner("--bpfgen-update")
    result.stdout.fnmatch_lines(["rewritten: gone.diagnostics", "rewritten: gone.h"])
    inner().assert_outcomes(passed=1)
    assert (pytester.path / "other.h").exists()


def test_a_directory_of_golden_files(inner: Inner, pytester: pytest.Pytester) -> None:
    """Sources, golden files, and the variants of one source are where the marker says."""
    pytester.makepyfile(
        **{
            "tests/test_maps": MARKED.format(
                '"**/*.dsl", "!skipped/*", base="../maps", golden="golden", '
                'options="--style initializer", variant="initializer", verify=False'
            )
        }
    )
    for name in ("a.dsl", "deep/b.dsl", "skipped/c.dsl"):
        path = pytester.path / "maps" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MAPS)
    inner("--bpfgen-update").assert_outcomes(failed=2)
    golden = pytester.path / "tests" / "golden"
    names = {str(path.relative_to(golden)) for path in golden.rglob("*.h")}
    assert names == {"a.initializer.h", "deep/b.initializer.h"}
    assert "type = BPF_MAP_TYPE_ARRAY" in (golden / "a.initializer.h").read_text()
    inner().assert_outcomes(passed=2)
    (pytester.path / "maps" / "a.dsl").unlink()
    (pytester.path / "maps" / "c.dsl").write_text(MAPS)
    inner("-k", "not c.dsl").stdout.fnmatch_lines(["  tests/golden/a.initializer.h"])


def test_sources_that_must_be_refused(inner: Inner, pytester: pytest.Pytester) -> None:
    """Their messages are compared, and there must be an error among them."""
    (pytester.path / "bad.dsl").write_text("map m: arry<__u32, __u64>[4];\n")
    pytester.makepyfile(MARKED.format('"*.dsl", refused=True'))
    result = inner()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["+error[[]map-kind]:*", "+ --> bad.dsl:1:8", "maps.dsl compiles,*"]
    )
    inner("--bpfgen-update").assert_outcomes(failed=2)
    assert "bad.dsl:1:8" in (pytester.path / "bad.diagnostics").read_text()
    inner("-k", "bad").assert_outcomes(passed=1, deselected=1)


def test_an_update_takes_no_errors_over(inner: Inner, pytester: pytest.Pytester) -> None:
    """A source that should compile and doesn't is an error, and its golden files stay."""
    pytester.makepyfile(MARKED.format('"*.dsl"'))
    made(pytester, "maps.h")
    (pytester.path / "maps.dsl").write_text("map m: arry<__u32, __u64>[4];\n")
    result = inner("--bpfgen-update")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["maps.dsl doesn't compile:", "error[[]map-kind]*"])
    assert not (pytester.path / "maps.diagnostics").exists()
    assert "max_entries, 4" in (pytester.path / "maps.h").read_text()


def test_without_a_clang(
    inner: Inner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was compared isn't verified: that is a skip which names clang, or what was asked for."""
    pytester.makepyfile(MARKED.format('"maps.dsl"'))
    made(pytester, "maps.h")
    monkeypatch.setenv("BPFGEN_CLANG", "/no/clang")
    result = inner("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*maps.dsl: error[[]tool-missing]:*clang*"])
    inner("--bpfgen-verify=always").assert_outcomes(failed=1)
    inner("--bpfgen-verify=never").assert_outcomes(passed=1)
    (pytester.path / "maps.h").write_text("old\n")
    inner().assert_outcomes(failed=1)
    made_by_hand = MARKED.format('"maps.dsl", verify=False, emit="json"')
    pytester.makepyfile(made_by_hand)
    inner("--bpfgen-update")
    inner("--bpfgen-verify=always").assert_outcomes(passed=1)
    pytester.makepyfile(MARKED.format('"maps.dsl", emit="object"'))
    inner().assert_outcomes(skipped=1)


def test_objects_on_a_machine_without_a_clang(
    inner: Inner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made all the same, with nothing said of that; but for those that take a clang."""
    forms = '"*.dsl", emit=("header", "object", "json")'
    (pytester.path / "old.dsl").write_text(f"legacy {MAPS}")
    pytester.makepyfile(MARKED.format(forms))
    inner("--bpfgen-update")
    inner().assert_outcomes(passed=2)
    monkeypatch.delenv("BPFGEN_CLANG")
    monkeypatch.setenv("PATH", str(pytester.path))
    monkeypatch.setitem(sys.modules, "ziglang", None)  # there is no package of that name
    pytester.makepyfile(MARKED.format(f"{forms}, verify=False"))
    result = inner("-rs")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*old.dsl: error[[]tool-missing]:*legacy*"])
    (pytester.path / "maps.inspect").write_text("other\n")
    inner().assert_outcomes(failed=1, skipped=1)
    inner("--bpfgen-verify=always").assert_outcomes(failed=2)


def test_a_difference_of_verification(
    inner: Inner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clang that makes something else of the header fails the test, though the text is right."""
    pytester.makepyfile(MARKED.format('"maps.dsl"'))
    made(pytester, "maps.h")
    clang = pytester.path / "clang"
    clang.write_text(f'#!/bin/sh\nexec {tools.clang_program()} -D__u64=int "$@"\n')
    clang.chmod(0o755)
    monkeypatch.setenv("BPFGEN_CLANG", str(clang))
    inner().assert_outcomes(failed=1)
    inner("--bpfgen-verify=never").assert_outcomes(passed=1)


def test_by_name_and_by_hand(inner: Inner, pytester: pytest.Pytester) -> None:
    """Without patterns the call names the source; texts of the test's own are compared too."""
    pytester.makepyfile(
        """
        import pytest

        def test_named(bpfgen_golden):
            assert bpfgen_golden.source is None
            bpfgen_golden("maps.dsl", emit="json")

        def test_own_text(bpfgen_golden):
            bpfgen_golden.compare("own.txt", "now\\n")
            bpfgen_golden.compare("absent.txt", "")

        def test_unnamed(bpfgen_golden):
            bpfgen_golden()
        """
    )
    made(pytester, "maps.json")
    (pytester.path / "own.txt").write_text("then\n")
    result = inner()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["-then", "+now", "*bpfgen_golden() needs a source*"])


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ('"none/*.dsl"', "*the pattern 'none/[*].dsl' of the marker `bpfgen` finds nothing*"),
        ('"*.dsl", emmit="json"', "*the marker `bpfgen` has no argument 'emmit'*"),
        ('"*.dsl", emit="jsn"', "*emit='jsn'*header, json,*object*"),
        ('"absent.dsl"', "*cannot read `absent.dsl`: no such file or directory*"),
    ],
)
def test_markers_that_make_no_sense(
    inner: Inner, pytester: pytest.Pytester, marker: str, said: str
) -> None:
    """They are errors that say what is wrong, never tests that hold nothing."""
    pytester.makepyfile(MARKED.format(marker))
    result = inner()
    assert result.ret not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    result.stdout.fnmatch_lines([said])


@pytest.mark.slow
def test_it_costs_nothing_where_it_is_not_used(inner: Inner, pytester: pytest.Pytester) -> None:
    """A run without golden files loads the package's empty front and the plugin, no more."""
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            loaded = {name for name in sys.modules if name.partition(".")[0] == "bpfgen"}
            records = {"bpfgen.record", "bpfgen.record_initializers"}
            assert loaded == {"bpfgen", *records, "bpfgen.pytest_plugin"}
        """
    )
    inner(quick=False).assert_outcomes(passed=1)


def test_marker_and_options_are_told(inner: Inner) -> None:
    """`pytest --markers` and `--help` say what there is."""
    inner("--markers").stdout.fnmatch_lines(["@pytest.mark.bpfgen(*patterns, base=DIR*"])
    inner("--help").stdout.fnmatch_lines(["golden files of bpfgen:", "*--bpfgen-update*"])


@pytest.mark.parametrize("name", [name for name in BACKENDS if name != "json"])
def test_an_output_of_any_language_is_known_as_ours(name: str) -> None:
    """The first line says so, whatever a comment looks like; a JSON file can't say it."""
    compilation = compile(Source("maps.dsl", MAPS))
    files = emit_files(compilation, form=name)
    assert all(GENERATED.match(file.data[:100]) for file in files)
    for other in (b"/* from bpfgen */", b"// Code generated by cmd/cgo", b"int x;"):
        assert not GENERATED.match(other)
