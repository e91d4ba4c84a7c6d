"""`bpfgen lsp` with a client that types: what it says, when, and of what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from tests.editor.client import CAPABILITIES, Editor
from tests.tools import require_clang

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = "map counters: array<__u32, __u64>[64];\n"
WRONG = "map counters: array<__u64, __u64>[64];\n"


def test_what_is_typed_is_checked(editor: Editor) -> None:
    """A mistake is reported where it stands, and gone when it is mended."""
    editor.open("maps.bpfmap", RIGHT)
    assert editor.codes("maps.bpfmap") == []
    editor.type("maps.bpfmap", "64", (0, 23), (0, 25))
    (said,) = editor.diagnostics("maps.bpfmap")
    assert said.code == "map-key-size"
    assert said.source == "bpfgen"
    assert said.severity == types.DiagnosticSeverity.Error
    assert said.range == types.Range(types.Position(0, 20), types.Position(0, 25))
    assert "help: " in said.message
    editor.type("maps.bpfmap", "32", (0, 23), (0, 25))
    assert editor.codes("maps.bpfmap") == []


def test_the_text_of_the_editor_counts(editor: Editor) -> None:
    """What an import says is what the editor has of it, saved or not; who imports it is told."""
    (editor.directory / "common.dsl").write_text("struct key { __u32 x; };\n", encoding="utf-8")
    editor.open("maps.dsl", 'import "common.dsl";\nmap m: hash<key, __u32>[4];\n')
    assert editor.codes("maps.dsl") == []
    editor.open("common.dsl", "struct kex { __u32 x; };\n")
    editor.codes("maps.dsl", "unknown-type")
    editor.rewrite("common.dsl", "struct key { __u32 x; };\n")
    editor.codes("maps.dsl")
    editor.rewrite("common.dsl", "struct key { __u32 x };\n")
    (said,) = editor.diagnostics("maps.dsl", lambda said: any("common" in s.message for s in said))
    assert said.range.start.line == 0
    assert said.related_information
    assert said.related_information[0].location.uri == editor.uri("common.dsl")
    editor.close("common.dsl")
    editor.codes("maps.dsl")


def test_a_file_that_appears_is_found(editor: Editor) -> None:
    """An import that was missing is looked for when something was saved."""
    editor.open("maps.dsl", 'import "common.dsl";\nmap m: hash<key, __u32>[4];\n')
    editor.codes("maps.dsl", "import")
    (editor.directory / "common.dsl").write_text("struct key { __u32 x; };\n", encoding="utf-8")
    editor.save("maps.dsl")
    editor.diagnostics("maps.dsl", lambda said: not said)


def test_a_project_says_what_holds(editor: Editor) -> None:
    """The nearest pyproject.toml counts, as it is when something was saved."""
    project = editor.directory / "pyproject.toml"
    project.write_text('[tool.bpfgen]\nkernel = "4.4"\n', encoding="utf-8")
    editor.open("maps.dsl", "map m: ringbuf[4096];\n")
    editor.diagnostics("maps.dsl", lambda said: "4.4" in "".join(one.message for one in said))
    project.write_text('[tool.bpfgen]\nkernel = "four"\n', encoding="utf-8")
    editor.save("maps.dsl")
    said = editor.diagnostics("maps.dsl", lambda said: "pyproject" in str(said))
    # What it said before holds until it is mended.
    assert [one.code for one in said] == ["configuration", "kernel-version"]


def test_a_project_that_is_being_typed_says_what_it_said(editor: Editor) -> None:
    """While something is wrong with its file, that alone is reported."""
    project = editor.directory / "pyproject.toml"
    table = '[tool.bpfgen]\ninclude-directories = ["common"]\n'
    project.write_text(table, encoding="utf-8")
    (editor.directory / "common").mkdir()
    key = editor.directory / "common" / "key.dsl"
    key.write_text("struct key { __u32 x; };\n", encoding="utf-8")
    editor.open("maps.dsl", 'import "key.dsl";\nmap m: hash<key, __u32>[4];\n')
    assert editor.codes("maps.dsl") == []
    for wrong in (f"{table}kernel =\n", f'{table}kernel = "four"\n'):
        project.write_text(wrong, encoding="utf-8")
        editor.save("maps.dsl")
        editor.codes("maps.dsl", "configuration")
    project.write_text(table, encoding="utf-8")
    editor.save("maps.dsl")
    editor.diagnostics("maps.dsl", lambda said: not said)


def test_a_client_without_trees_gets_declarations_in_a_row(tmp_path: Path) -> None:
    """Each says what it is in."""
    with Editor(tmp_path, capabilities=types.ClientCapabilities()) as editor:
        editor.open("maps.dsl", "struct key { __u32 x; };\nmap m: hash<key, __u32>[4];\n")
        document = types.TextDocumentIdentifier(editor.uri("maps.dsl"))
        params = types.DocumentSymbolParams(document)
        found = editor.request(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, params)
        assert all(isinstance(one, types.SymbolInformation) for one in found)
        assert [(one.name, one.container_name) for one in found] == [
            ("key", None),
            ("x", "key"),
            ("m", None),
        ]


@pytest.mark.parametrize("units", ["utf-8", "utf-16", "utf-32"])
def test_places_are_in_the_units_that_were_agreed_on(tmp_path: Path, units: str) -> None:
    """A character that is four bytes or two units long stands before a mistake, and a form feed."""
    kind = types.PositionEncodingKind(units)
    general = types.GeneralClientCapabilities(position_encodings=[kind])
    capabilities = types.ClientCapabilities(
        general=general, text_document=CAPABILITIES.text_document
    )
    width = len("\N{HONEYBEE}".encode(f"{units}-le" if units != "utf-8" else units))
    width //= {"utf-8": 1, "utf-16": 2, "utf-32": 4}[units]
    with Editor(tmp_path, capabilities=capabilities, options={"clang": False}) as editor:
        assert editor.answer.capabilities.position_encoding == kind
        editor.open("maps.dsl", f"\f\n/* \N{HONEYBEE} */ {WRONG}")
        (said,) = editor.diagnostics("maps.dsl")
        assert said.range.start == types.Position(1, 7 + width + 20)
        editor.type("maps.dsl", "\N{HONEYBEE}", (1, 3), (1, 3 + width))
        editor.type("maps.dsl", "32", (1, 7 + width + 23), (1, 7 + width + 25))
        assert editor.codes("maps.dsl") == []


def test_what_clang_says_comes_later(tmp_path: Path) -> None:
    """Headers are asked beside; then clang compiles what has no errors."""
    require_clang()
    (tmp_path / "own.h").write_text(
        "#pragma once\nstruct key { int x; };\n#define __u64 struct key\n", encoding="utf-8"
    )
    with Editor(tmp_path) as editor:
        editor.open("maps.dsl", 'include "own.h";\nmap m: hash<struct key, int>[NUMBER];\n')
        (said,) = editor.diagnostics("maps.dsl", bool)
        assert "NUMBER" in said.message
        (tmp_path / "own.h").write_text(
            "#pragma once\n#define NUMBER 4\nstruct key { int x; };\n", encoding="utf-8"
        )
        editor.save("maps.dsl")
        assert editor.diagnostics("maps.dsl", lambda said: not said) == []


def test_what_only_clang_sees_is_reported_where_it_stands(tmp_path: Path) -> None:
    """A macro of a header breaks a member: it goes with the text that it was said of."""
    require_clang()
    (tmp_path / "own.h").write_text("#pragma once\n#define bytes (\n", encoding="utf-8")
    text = 'include "own.h";\nstruct flow { __u64 bytes; };\nmap m: array<__u32, flow>[4];\n'
    with Editor(tmp_path) as editor:
        editor.open("maps.dsl", text)
        said = editor.diagnostics("maps.dsl", bool)
        assert 1 in {one.range.start.line for one in said}
        document = types.TextDocumentIdentifier(editor.uri("maps.dsl"))
        context = types.CodeActionContext(said)
        params = types.CodeActionParams(document, said[0].range, context)
        editor.request(types.TEXT_DOCUMENT_CODE_ACTION, params)
        editor.type("maps.dsl", "octets", (1, 20), (1, 25))
        editor.diagnostics("maps.dsl", lambda said: not said)
    assert editor.errors == ""


def test_headers_that_no_name_is_asked_of_are_read(tmp_path: Path) -> None:
    """One that isn't there, one without a guard, and one that clang finds to clash."""
    require_clang()
    (tmp_path / "own.h").write_text("struct own { int a; };\n", encoding="utf-8")
    a_map = "map m: array<__u32, __u32>[4];\n"
    with Editor(tmp_path) as editor:
        editor.open("missing.dsl", f'include "missing.h";\n{a_map}')
        (said,) = editor.diagnostics("missing.dsl", bool)
        assert said.code == "include"
        assert "'missing.h' file not found" in said.message
        editor.open("unguarded.dsl", f'include "own.h";\n{a_map}')
        editor.codes("unguarded.dsl", "include-guard")
        editor.open("clash.dsl", f'include "own.h";\nstruct own {{ long b; }};\n{a_map}')
        editor.diagnostics("clash.dsl", lambda said: "clang" in {one.code for one in said})
    assert editor.errors == ""


def test_another_directory_is_opened(editor: Editor) -> None:
    """Its sources belong to the project from then on."""
    added = editor.directory.parent.parent / "added%20"
    added.mkdir()
    (added / "more.bpfmap").write_text("map another_one: array<__u32, int>[1];\n", encoding="utf-8")
    editor.open("maps.dsl", RIGHT)
    query = types.WorkspaceSymbolParams("another_one")
    assert not editor.request(types.WORKSPACE_SYMBOL, query)
    folder = types.WorkspaceFolder(added.as_uri(), "added")
    event = types.WorkspaceFoldersChangeEvent(added=[folder], removed=[])
    params = types.DidChangeWorkspaceFoldersParams(event)
    editor.client.workspace_did_change_workspace_folders(params)
    (found,) = editor.request(types.WORKSPACE_SYMBOL, query)
    assert found.location.uri == (added / "more.bpfmap").as_uri()
    event = types.WorkspaceFoldersChangeEvent(added=[], removed=[folder])
    params = types.DidChangeWorkspaceFoldersParams(event)
    editor.client.workspace_did_change_workspace_folders(params)
    assert not editor.request(types.WORKSPACE_SYMBOL, query)
