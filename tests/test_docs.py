"""What the documents show is true: their examples compile, or fail as they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bpfgen.cli import main
from bpfgen.commands.share import with_rules
from bpfgen.model.maps import ATTRIBUTES, MAP_KINDS
from tests.tools import CHECKOUT, clang_program, newest_clang, require_clang, require_file

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = (
    "README.md",
    "docs/language.md",
    "docs/formatting.md",
    "docs/import.md",
    "docs/breaking.md",
)
FENCE = re.compile(r"^```dsl(?P<words>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """One fenced block: what its fence says, and the program."""

    document: str
    line: int
    words: dict[str, str]
    text: str


def _examples() -> list[Example]:
    found = []
    for document in DOCUMENTS:
        text = (CHECKOUT / document).read_text()
        for block in FENCE.finditer(text):
            pairs = (word.partition("=") for word in block["words"].split())
            words = {key: value for key, _, value in pairs}
            line = text.count("\n", 0, block.start()) + 2
            found.append(Example(document, line, words, block["text"]))
    return found


EXAMPLES = _examples()


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda e: f"{e.document.split('/')[-1].removesuffix('.md')}-{e.line}"
)
def test_the_example_does_what_the_text_says(example: Example, tmp_path: Path) -> None:
    """An example compiles without a word, or has exactly the errors that its fence names."""
    if "clang" in example.words:
        require_clang()
    for other in EXAMPLES:
        if other.document == example.document and "file" in other.words:
            (tmp_path / other.words["file"]).write_text(other.text)
    source = tmp_path / example.words.get("file", "example.dsl")
    source.write_text(example.text)

    expected = set(filter(None, example.words.get("error", "").split(",")))
    is_object = newest_clang() and not expected and "variants" not in example.words
    outputs = ["example.o" if is_object else "example.h"]
    command = [sys.executable, "-m", "bpfgen", source.name, "-o", *outputs]
    done = subprocess.run(
        [*command, "--diagnostics", "json"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(CHECKOUT), "PATH": os.environ.get("PATH", os.defpath)},
        check=False,
        capture_output=True,
        text=True,
    )
    said = [json.loads(line) for line in (done.stdout + done.stderr).splitlines()]
    codes = {entry["code"] for entry in said if entry["severity"] != "note"}
    if not newest_clang():
        codes -= {"unverified"}
    assert codes == expected, done.stdout + done.stderr
    assert done.returncode == (1 if expected else 0)
    assert (tmp_path / outputs[0]).exists() == (not expected)


def test_the_readme_shows_the_quickstart_sample() -> None:
    """The program on README's first screen is samples/quickstart.dsl, to the letter."""
    first = next(example for example in EXAMPLES if example.document == "README.md")
    assert first.text == (CHECKOUT / "samples" / "quickstart.dsl").read_text()


def test_the_readme_shows_what_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    """The C on README's first screen is a piece of the generated header, to the letter."""
    sample = CHECKOUT / "samples" / "quickstart.dsl"
    assert main([str(sample), "--emit", "header", "-o", "-", "--no-verify"]) == 0
    readme = (CHECKOUT / "README.md").read_text()
    shown = re.search(r"^```c\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert shown
    assert shown[1] in capsys.readouterr().out


def test_the_page_shows_what_conditions_come_out_as(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The C with `#if` in docs/language.md is a piece of the header of the example above it."""
    example = next(one for one in EXAMPLES if "variants" in one.words)
    source = tmp_path / "maps.dsl"
    source.write_text(example.text)
    assert main([str(source), "--emit", "header", "-o", "-", "--no-verify"]) == 0
    page = (CHECKOUT / "docs" / "language.md").read_text()
    shown = re.search(r"^```c\n(#if .*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown
    assert shown[1] in capsys.readouterr().out


def test_the_page_of_what_breaks_is_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its tables are those of the rules, its first example comes out so, its TOML is understood."""
    page = (CHECKOUT / "docs" / "breaking.md").read_text()
    assert with_rules(page) == page
    monkeypatch.chdir(tmp_path)
    body = "struct traffic {{\n    __u64 {};\n    __u64 {};\n}};\n"
    map = "map flows: hash<__be32, traffic>[1024];\n"
    (tmp_path / "old.dsl").write_text(body.format("bytes", "packets") + map)
    (tmp_path / "new.dsl").write_text(body.format("packets", "bytes") + map)
    (toml,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(toml)
    assert main(["breaking", "old.dsl", "new.dsl", "--color", "never"]) == 1
    shown = capfd.readouterr()
    finding, summary = shown.err.removesuffix("1 error\n"), shown.out
    assert f"```\n{finding}{summary}```\n" in page


def test_the_python_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The blocks of docs/python.md run in order, and print what stands in the blocks below them."""
    require_clang()
    page = (CHECKOUT / "docs" / "python.md").read_text()
    names: dict[str, object] = {}
    for language, text in re.findall(r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        if language == "python":
            assert capsys.readouterr().out == ""
            exec(compile(text, "docs/python.md", "exec"), names)  # noqa: S102 -- our own document
        else:
            assert capsys.readouterr().out == text


def test_the_language_page_names_all_that_is_built_in() -> None:
    """Every map kind and every name of the prelude stands in docs/language.md, ranges apart."""
    page = (CHECKOUT / "docs" / "language.md").read_text()
    words = set(re.findall(r"\w+", page))
    assert set(MAP_KINDS) <= words
    assert set(ATTRIBUTES) - {"type", "values"} <= words
    for name in ("bpf", "limits"):
        text = (CHECKOUT / "bpfgen" / "providers" / "prelude" / f"{name}.dsl").read_text()
        declared = re.findall(r"^(?:struct|const|enum \{) (\w+)", text, re.MULTILINE)
        assert set(declared) <= words


def test_the_program_of_the_readme_compiles_as_it_stands(tmp_path: Path) -> None:
    """The C that includes the header, and the command below it, with a clang by that name."""
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    require_file("/usr/include/linux/bpf.h", "linux-libc-dev")
    text = (CHECKOUT / "README.md").read_text()
    program, command = re.findall(
        r"```c\n(#include <linux/bpf\.h>\n.*?)```\n\n```\n(clang .*?)\n```", text, re.DOTALL
    )[0]
    (tmp_path / "prog.bpf.c").write_text(program)
    words = ["samples/quickstart.dsl", "--no-verify", "-o", f"{tmp_path}/quickstart.h"]
    assert main([str(CHECKOUT / words[0]), *words[1:]]) == 0
    (tmp_path / "clang").symlink_to(clang_program())
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(command, shell=True, cwd=tmp_path, env={"PATH": path}, check=True)  # noqa: S602 -- it is the README's
    assert (tmp_path / "prog.bpf.o").stat().st_size


def test_what_maps_cost_is_what_size_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example of docs/running.md, with the machine and the kernel that it names."""
    monkeypatch.chdir(CHECKOUT)
    text = (CHECKOUT / "docs" / "running.md").read_text()
    block = re.search(r"^```\n\$ bpfgen (size [^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    assert main(block[1].split()) == 0
    assert capsys.readouterr().out == block[2]


LINK = re.compile(r"\]\((?P<path>[^)#: ]*)(?:#(?P<anchor>[^) ]*))?\)")
"""A link to a page or a heading here: no address of the web."""


def _anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of *text* that something stands under."""
    body = re.sub(r"^```.*?^```$", "code", text, flags=re.MULTILINE | re.DOTALL)
    parts = re.split(r"^#+ +(.+)$", body, flags=re.MULTILINE)
    headings = [heading.strip() for heading in parts[1::2]]
    anchors = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
    empty = not parts[-1].strip()  # what only has headings below it isn't
    return set(anchors[: len(anchors) - empty])


@pytest.mark.parametrize(
    "page",
    [*CHECKOUT.glob("*.md"), *sorted(CHECKOUT.glob("docs/*.md"))],
    ids=lambda page: str(page.relative_to(CHECKOUT)),
)
def test_links_lead_somewhere(page: Path) -> None:
    """The page that is linked to is there, and so is the heading, with a text."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    wrong = []
    for link in LINK.finditer(text):
        target = page.parent / link["path"] if link["path"] else page
        is_there = target.exists()
        if is_there and link["anchor"]:
            is_there = link["anchor"] in _anchors(target.read_text())
        wrong += [] if is_there else [link[0]]
    assert wrong == []
