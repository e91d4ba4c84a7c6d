"""Edits where other files have to do with it: imports, headers, mistakes of an imported file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.text.edits import applied
from bpfgen.text.source import Source
from tests.editor.texts import Texts

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.compiler import Compilation


def _compiled(text: str, texts: Texts, *directories: str) -> Compilation:
    options = Options(opener=texts, include_directories=directories)
    return compile(Source("maps.dsl", text), options)


def test_an_import_twice_goes_with_its_line() -> None:
    """The second one; a comment beside it stays."""
    texts = Texts({"common.dsl": "struct s { __u64 a; };\n"})
    text = 'import "common.dsl";\nimport "common.dsl"; // again\nmap m: hash<__u32, s>[8];\n'
    (said,) = _compiled(text, texts).diagnostics
    assert said.code == "import"
    assert applied(text, said.edits) == (
        'import "common.dsl";\n// again\nmap m: hash<__u32, s>[8];\n'
    )
    assert not said.changes_meaning


@pytest.mark.parametrize("written", ["common", "common.bpfmap", "lib/../common"])
def test_an_import_gets_its_suffix(written: str) -> None:
    """The one that a file has."""
    there = f"{written.removesuffix('.bpfmap')}.dsl"
    texts = Texts({there: "struct s { __u64 a; };\n"})
    text = f'import /* ours */ "{written}";\nmap m: hash<__u32, s>[8];\n'
    said = next(one for one in _compiled(text, texts).diagnostics if one.code == "import")
    assert applied(text, said.edits) == text.replace(f'"{written}"', f'"{there}"')
    assert not said.changes_meaning


def test_a_misspelt_import_is_a_file_beside_it(tmp_path: Path) -> None:
    """One whose name is nearly the same; what isn't of the language is none."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "common.dsl").write_text("struct s { __u64 a; };\n")
    (tmp_path / "lib" / "comon.txt").write_text("")
    text = 'import "lib/comon.dsl";\nmap m: hash<__u32, s>[8];\n'
    (said,) = compile(Source(str(tmp_path / "maps.dsl"), text)).diagnostics
    after = applied(text, said.edits)
    assert after == text.replace("comon", "common")
    assert not compile(Source(str(tmp_path / "maps.dsl"), after)).diagnostics


def test_what_an_import_imports_is_imported() -> None:
    """By the path that it has from here; after the imports and includes that are there."""
    texts = Texts(
        {
            "lib/all.dsl": 'import "sub/types.dsl";\nmap n: hash<__u32, deep>[8];\n',
            "lib/sub/types.dsl": "struct deep { __u64 a; };\n",
        }
    )
    text = 'import "lib/all.dsl";  // ours\n\nmap m: hash<__u32, deep>[8];\n'
    (said,) = _compiled(text, texts).diagnostics
    assert said.code == "unknown-type"
    after = applied(text, said.edits)
    assert after == (
        'import "lib/all.dsl";  // ours\nimport "lib/sub/types.dsl";\n\n'
        "map m: hash<__u32, deep>[8];\n"
    )
    assert not _compiled(after, texts).diagnostics


def test_what_an_import_found_along_the_way_is_imported_so() -> None:
    """Of what was found with `-I`, the path is the same everywhere."""
    texts = Texts(
        {
            "lib/all.dsl": 'import "types.dsl";\nmap n: hash<__u32, deep>[8];\n',
            "share/types.dsl": "const DEEP = 4;\nstruct deep { __u64 a; };\n",
        }
    )
    text = 'import "lib/all.dsl";\nmap m: hash<__u32, __u64>[DEEP];\n'
    (said,) = _compiled(text, texts, "share").diagnostics
    assert said.code == "unknown-constant"
    after = applied(text, said.edits)
    assert after == (
        'import "lib/all.dsl";\nimport "types.dsl";\nmap m: hash<__u32, __u64>[DEEP];\n'
    )
    assert not _compiled(after, texts, "share").diagnostics


def test_an_import_in_a_branch_is_no_place_for_another() -> None:
    """What the file needs in any case doesn't go there."""
    texts = Texts({"common.dsl": "struct s { __u64 a; };\n"})
    text = 'macro A;\nwhen (A) { import "common.dsl"; }\nmap m: array<__u32, struct ethhdr>[1];\n'
    (said,) = (one for one in _compiled(text, texts).diagnostics if one.code == "unknown-type")
    assert applied(text, said.edits) == f"include <linux/if_ether.h>;\n{text}"


def test_padding_is_mended_where_the_struct_is() -> None:
    """The file that is imported has it, and the edit is of that."""
    common = "struct key {\n    __u64 id;\n    __u8 proto;\n};\n"
    texts = Texts({"common.dsl": common})
    text = 'import "common.dsl";\nmap m: hash<__u32, __u64>[8];\nmap k: hash<key, __u64>[8];\n'
    (said,) = _compiled(text, texts).diagnostics
    assert said.code == "key-padding"
    assert {edit.span.source.name for edit in said.edits} == {"common.dsl"}
    assert applied(common, said.edits) == (
        "struct key {\n    __u64 id;\n    __u8 proto;\n    __u8 pad[7];\n};\n"
    )


def test_a_struct_of_the_prelude_stays() -> None:
    """Nobody can change it: there are no edits of its text."""
    text = "map m: hash<struct bpf_cpumap_val, struct bpf_perf_event_value>[8];\n"
    for said in compile(Source("maps.dsl", text)).diagnostics:
        assert all(edit.span.source.name == "maps.dsl" for edit in said.edits)
