"""VS Code's extension: its grammar in VS Code's own engine, its files, its program.

The engine is vscode-textmate with vscode-oniguruma, under node.
"""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from bpfgen.compiler import compile
from bpfgen.files import SUFFIXES
from bpfgen.highlighting.roles import ROLES
from bpfgen.highlighting.textmate import SCOPE, scope_of
from bpfgen.text.diagnostics import ERROR
from bpfgen.text.source import Source
from tests.highlighting.comparison import differences
from tests.highlighting.detected import DETECTED
from tests.highlighting.texts import BROKEN, texts
from tests.tools import CHECKOUT, require, require_library

EXTENSION = CHECKOUT / "share/vscode"
MANIFEST: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text())
ROLE_OF = {scope_of(name): name for name in ROLES}


def run(script: str, *words: str, given: object = None) -> Any:
    """Return what *script* of tests/highlighting writes, JSON from JSON."""
    done = subprocess.run(
        [require("node"), str(CHECKOUT / "tests/highlighting" / script), *words],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def roles_of(programs: list[str]) -> list[list[str]]:
    """Return the role of each character of each text, by its innermost scope."""
    grammar = EXTENSION / MANIFEST["contributes"]["grammars"][0]["path"]
    modules = require_library("vscode-textmate")
    answers = []
    for text, tokens in zip(
        programs, run("tokens.js", str(grammar), str(modules), given=programs), strict=True
    ):
        # Offsets are those of UTF-16.
        units = [""] * (len(text) + sum(ord(character) > 0xFFFF for character in text))
        for start, end, scopes in tokens:
            for at in range(start, min(end, len(units))):
                units[at] = ROLE_OF[scopes[-1]] if scopes else ""
        roles, at = [], 0
        for character in text:
            roles.append(units[at])
            at += 1 + (ord(character) > 0xFFFF)
        answers.append(roles)
    return answers


def test_each_token_has_the_scope_of_its_meaning() -> None:
    """In every text, to the character; the witness is lark's parse of the grammar."""
    programs = texts()
    for (name, text), roles in zip(
        programs.items(), roles_of(list(programs.values())), strict=True
    ):
        assert differences(text, roles) == [], name


def test_what_is_open_ends_where_the_next_item_surely_begins() -> None:
    """A text that is being typed has the colours of its other lines."""
    programs = list(BROKEN.values())
    for (text, word), roles in zip(programs, roles_of([text for text, _ in programs]), strict=True):
        (found,) = re.finditer(rf"\b{word}\b", text)
        assert roles[found.start()] == "map", text


def test_the_manifest_is_of_these_files() -> None:
    """What it names is there; it claims the suffix that is ours alone, and locks what it needs."""
    contributes = MANIFEST["contributes"]
    (language,) = contributes["languages"]
    assert language["extensions"] == [one for one in SUFFIXES if one != ".dsl"]
    named = [MANIFEST["main"], language["configuration"], contributes["grammars"][0]["path"]]
    named += [snippets["path"] for snippets in contributes["snippets"]]
    assert all((EXTENSION / path).is_file() for path in named)
    assert contributes["grammars"][0]["scopeName"] == SCOPE
    lock = json.loads((EXTENSION / "package-lock.json").read_text())
    assert lock["packages"][""]["dependencies"] == MANIFEST["dependencies"]
    assert all("resolved" not in package for package in lock["packages"].values())


def test_the_settings_are_those_of_the_server() -> None:
    """Each setting that the server knows is one of the extension's, with the same default."""
    from bpfgen.editor.client import SECTION, Settings, settings_of

    properties = MANIFEST["contributes"]["configuration"]["properties"]
    given = {name.removeprefix(f"{SECTION}."): one["default"] for name, one in properties.items()}
    assert settings_of(given, Settings()) == Settings()
    for name, value in given.items():
        if isinstance(value, bool) and name != "recognizeDsl":
            assert settings_of({name: not value}, Settings()) != Settings(), name


@pytest.mark.parametrize("path", sorted((EXTENSION / "snippets").iterdir()), ids=lambda p: p.name)
def test_snippets_are_programs(path: Any) -> None:
    """With what they begin with in their places they parse, as lark has the grammar, and compile.

    Whoever takes that of an import names a file, of an allowance a code.
    """
    from tests.highlighting.meanings import meanings

    for name, snippet in json.loads(path.read_text()).items():
        text = "\n".join(snippet["body"])
        while "${" in text:
            text = re.sub(r"\$\{\d+:([^${}]*)\}", r"\1", text)
        text = re.sub(r"\$\d", "", text)
        assert meanings(text), name
        if name in {"import", "allowance"}:
            continue
        said = compile(Source("maps.bpfmap", f"{text}\nconst LAST = 1;\n")).diagnostics
        assert [one.message for one in said if one.severity == ERROR] == [], name


@pytest.mark.parametrize(
    ("line", "is_more", "is_less"),
    [
        ("struct s {", True, False),
        ("map m: hash<", True, False),
        ("map m: hash<  // (see below)", True, False),
        ("    struct {  // }", True, False),
        ("    __u32 a;  // (see", False, False),
        ("    /* { */", False, False),
        ("    __u32 a[2];", False, False),
        ("const A = 4 / (2 +", True, False),
        (">[4];", False, True),
        ("};", False, True),
    ],
)
def test_how_the_next_line_is_indented(line: str, *, is_more: bool, is_less: bool) -> None:
    """What VS Code asks a line: whether the next one goes further in, and whether it goes back."""
    configuration = json.loads((EXTENSION / "language-configuration.json").read_text())
    rules = configuration["indentationRules"]
    assert (re.search(rules["increaseIndentPattern"], line) is not None) == is_more
    assert (re.search(rules["decreaseIndentPattern"], line) is not None) == is_less


def test_the_extension_starts_the_server_for_its_files_alone() -> None:
    """Its program, with what it is given by VS Code and by the client's library acted out."""
    story = run("extension_story.js", str(EXTENSION), given=DETECTED)
    for (text, is_ours), language in zip(DETECTED, story["languages"], strict=True):
        assert language == ("bpfmap" if is_ours else "plaintext"), text
    assert story["started"] == [
        {
            "command": "/opt/bpfgen",
            "args": ["lsp", "--no-config"],
            "selector": [{"scheme": "file", "language": "bpfmap"}],
            "settings": {"inlayHints": True, "clang": True, "trustProject": True},
        }
    ]
    assert story["untrusted"] == 0
    assert story["restarted"] == 2
    assert story["stopped"] == 2
    assert "pip install 'bpfgen[lsp]'" in story["message"]
