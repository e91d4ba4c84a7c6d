"""`// bpfgen: allow-break CODE because …`: what a change may break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.changes.categories import Asked
from bpfgen.comparison import compared_files
from bpfgen.compiler import Options, compile
from bpfgen.sources import LANGUAGE, Opened
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bpfgen.comparison import Found
    from tests.changes.conftest import Outcome

OLD = """\
struct value {
    __u64 packets;
    __u64 bytes;
};
map flows: hash<__u32, value>[1024] {
    pinning = by_name;
};
map rest: array<__u32, __u64>[1] { pinning = by_name; };
"""
ALLOW = "// bpfgen: allow-break {} because nobody has it"
OFFSET = ALLOW.format("break-layout-gone")
ENTRIES = ALLOW.format("break-pin-max-entries")
GONE = ALLOW.format("break-pin-gone")


def opened(text: str, name: str = "t.dsl") -> Opened:
    """Return *text* as an opened source of the language."""
    compilation = compile(Source(name, text), Options(is_ruled=False))
    assert not compilation.failed, compilation.diagnostics
    return Opened(LANGUAGE, compilation, compilation.diagnostics)


def found(old: str, new: str) -> Found:
    """Return what *new* breaks of *old*."""
    (one,) = compared_files([(opened(old), opened(new))], Asked())
    return one


def said(old: str, new: str) -> tuple[list[str], list[str], list[str]]:
    """Return the codes of what breaks and of what is allowed, and the warnings."""
    one = found(old, new)
    return (
        [finding.code for finding in one.findings],
        [finding.code for finding in one.allowed],
        [warning.message for warning in one.warnings],
    )


ENTRIES_CHANGED = OLD.replace("[1024]", "[2048]")
MAP = "map flows: hash<__u32, value>[2048] {"
FLOWS = OLD[OLD.index("map flows") : OLD.index("map rest")]
WITHOUT_MAP = OLD.replace(FLOWS, "")
CODE = "break-pin-max-entries"


@pytest.mark.parametrize(
    "new",
    [
        ENTRIES_CHANGED.replace(MAP, f"{ENTRIES}\n{MAP}"),
        ENTRIES_CHANGED.replace(MAP, f"{MAP} {ENTRIES}"),
        ENTRIES_CHANGED.replace(MAP, f"{ENTRIES}\n/// Flows.\n{MAP}"),
    ],
)
def test_on_a_declaration(new: str) -> None:
    """Above a declaration, or on its first line, for the whole of it."""
    assert said(OLD, ENTRIES_CHANGED) == ([CODE], [], [])
    assert said(OLD, new) == ([], [CODE], [])
    assert found(OLD, new).allowed[0].allowed == "nobody has it"


@pytest.mark.parametrize(
    "new",
    [
        # Of another declaration.
        ENTRIES_CHANGED.replace("map rest", f"{ENTRIES}\nmap rest"),
        ENTRIES_CHANGED.replace("struct value", f"{ENTRIES}\nstruct value"),
        ENTRIES_CHANGED.replace("    pinning", f"    {ENTRIES}\n    pinning", 1),
        # Of another rule.
        ENTRIES_CHANGED.replace(MAP, f"{GONE}\n{MAP}"),
    ],
)
def test_elsewhere(new: str) -> None:
    """It holds in its place and for its code alone, and what allows nothing is a warning."""
    codes, allowed, warnings = said(OLD, new)
    assert (codes, allowed) == ([CODE], [])
    (warning,) = warnings
    assert warning.startswith("nothing here needs `break-pin-")


@pytest.mark.parametrize(
    "new", [f"{WITHOUT_MAP}{GONE}\n", WITHOUT_MAP.replace("struct", f"{GONE}\nstruct", 1)]
)
def test_what_is_gone(new: str) -> None:
    """A map that is gone is allowed by a comment outside declarations, wherever it is."""
    assert said(OLD, WITHOUT_MAP) == (["break-pin-gone"], [], [])
    assert said(OLD, new) == ([], ["break-pin-gone"], [])


def test_what_is_gone_and_inside() -> None:
    """A comment in another declaration isn't about a map that is gone."""
    new = WITHOUT_MAP.replace("    __u64 bytes", f"    {GONE}\n    __u64 bytes")
    assert said(OLD, new)[:2] == (["break-pin-gone"], [])


@pytest.mark.parametrize("place", ["above", "where it was"])
def test_a_member_that_is_gone(place: str) -> None:
    """What is gone of a declaration that is still there is allowed above it, or anywhere in it."""
    new = OLD.replace("    __u64 bytes;\n", "")
    codes = ["break-pin-value-size", "break-layout-gone"]
    assert said(OLD, new)[0] == codes
    if place == "above":
        new = f"{OFFSET}\n{new}"
    else:
        new = new.replace("    __u64 packets", f"    {OFFSET}\n\n    __u64 packets")
    assert said(OLD, new) == (codes[:1], codes[1:], [])


def test_old_has_it() -> None:
    """A comment speaks of one change: what OLD has as well allows nothing, and isn't in the way."""
    commented = ENTRIES_CHANGED.replace(MAP, f"{ENTRIES}\n{MAP}")
    assert said(commented, commented) == ([], [], [])
    codes, allowed, warnings = said(commented, commented.replace("[2048]", "[4096]"))
    assert (codes, allowed) == ([CODE], [])
    (warning,) = warnings
    assert warning == f"OLD has this comment, too: it allowed another `{CODE}`, and not this one"
    again = commented.replace("[2048]", "[4096]").replace("nobody", "still nobody")
    assert said(commented, again) == ([], [CODE], [])


def test_unknown_codes() -> None:
    """A misspelt code is a warning with the right one; so is one of a compiler's diagnostic."""
    one = found(OLD, ENTRIES_CHANGED + ALLOW.format("break-pin-max-entry"))
    assert [w.help for w in one.warnings] == ["did you mean `break-pin-max-entries`?"]
    one = found(OLD, OLD + ALLOW.format("key-padding"))
    assert [w.help for w in one.warnings] == [
        "write `// bpfgen: allow key-padding because nobody has it`"
    ]


def test_compiling_ignores_it() -> None:
    """It is no allowance of a diagnostic; `allow` with such a code says what to write."""
    assert compile(Source("t.dsl", f"{ENTRIES}\n{OLD}")).diagnostics == []
    assert compile(Source("t.dsl", OLD + ALLOW.format("nonsense"))).diagnostics == []
    wrong = f"// bpfgen: allow {CODE} because of this\nmap rest: array<__u32, __u64>[1];\n"
    (warning,) = compile(Source("t.dsl", wrong)).diagnostics
    assert warning.help == f"write `// bpfgen: allow-break {CODE} because of this`"
    (error,) = compile(Source("t.dsl", f"// bpfgen: allow-break {CODE}\n{OLD}")).diagnostics
    assert (error.code, error.help) == (
        "allowance",
        f"write `// bpfgen: allow-break {CODE} because REASON`",
    )


def test_in_a_branch() -> None:
    """Of a source with conditions every branch has its own."""
    old = (
        "macro A;\nwhen (A) {\nmap m: array<int, int>[1] { pinning = by_name; };\n} else {\n"
        "map m: array<int, int>[2] { pinning = by_name; };\n}\nmap n: array<int, int>[1];\n"
    )
    new = old.replace("[1] {", "[3] {").replace("[2]", "[4]")
    assert said(old, new)[0] == [CODE, CODE]
    one = found(
        old, new.replace("map m: array<int, int>[4]", f"{ENTRIES}\nmap m: array<int, int>[4]")
    )
    assert [finding.where for finding in one.findings] == ["`A` holds"]
    assert [finding.where for finding in one.allowed] == ["`!A` holds"]


def test_imported(tmp_path: Path) -> None:
    """What an imported file allows of its types is allowed to each file that imports it."""
    types = OLD[: OLD.index("map flows")]
    maps = OLD[OLD.index("map flows") :]

    def written(folder: str, text: str) -> Opened:
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "types.dsl").write_text(text, encoding="utf-8")
        return opened(f'import "types.dsl";\n{maps}', str(tmp_path / folder / "maps.dsl"))

    changed = types.replace("__u64 bytes", "__u64 reserved")
    old, new = written("old", types), written("new", changed)
    (one,) = compared_files([(old, new)], Asked())
    assert [finding.code for finding in one.findings] == ["break-layout-gone"]
    (one,) = compared_files([(old, written("new", f"{OFFSET}\n{changed}"))], Asked())
    assert (one.findings, one.warnings) == ((), ())
    assert [finding.code for finding in one.allowed] == ["break-layout-gone"]


def test_the_command(bpfgen: Callable[..., Outcome], tmp_path: Path) -> None:
    """What is allowed breaks nothing, and is counted."""
    (tmp_path / "old.dsl").write_text(OLD, encoding="utf-8")
    text = ENTRIES_CHANGED.replace(MAP, f"{ENTRIES}\n{MAP}")
    (tmp_path / "new.dsl").write_text(text, encoding="utf-8")
    ran = bpfgen("breaking", "old.dsl", "new.dsl")
    assert (ran.status, ran.errors) == (0, "")
    assert "1 allowed" in ran.output
    assert (
        '"because": "nobody has it"'
        in bpfgen("breaking", "old.dsl", "new.dsl", "--format", "json").output
    )
