"""Each feature through the protocol: that it is there, and where its answers point.

What the features say is tested with them, in modules of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from tests.editor.client import Editor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMON = "struct flow { __u32 source; __u32 target; };\n"
MAPS = """\
import "common.dsl";

/* \N{HONEYBEE} */ map flows: hash<flow, __u64>[64];
map  last: array<__u32,flow>[1];
"""


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    """An editor with a file open, and one on disk which it imports."""
    (tmp_path / "common.dsl").write_text(COMMON, encoding="utf-8")
    with Editor(tmp_path, options={"clang": False}) as editor:
        editor.open("maps.dsl", MAPS)
        yield editor
    assert editor.status == 0
    assert not editor.shown


def place(line: int, character: int, length: int = 0) -> types.Range:
    """Return the range of *length* characters at a position."""
    return types.Range(types.Position(line, character), types.Position(line, character + length))


def identifier(editor: Editor, name: str = "maps.dsl") -> types.TextDocumentIdentifier:
    """Return what names the file *name*."""
    return types.TextDocumentIdentifier(editor.uri(name))


def applied(text: str, edits: list[types.TextEdit]) -> str:
    """Return *text* after *edits*, by lines and units of UTF-16, with nothing of ours."""
    lines = [line.encode("utf-16-le") for line in text.splitlines(keepends=True)]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    data = b"".join(lines)

    def offset(position: types.Position) -> int:
        return starts[position.line] + 2 * position.character

    for edit in sorted(edits, key=lambda edit: offset(edit.range.start), reverse=True):
        data = (
            data[: offset(edit.range.start)]
            + edit.new_text.encode("utf-16-le")
            + data[offset(edit.range.end) :]
        )
    return data.decode("utf-16-le")


def test_a_definition_in_another_file(editor: Editor) -> None:
    """It is found from a use, and has the URI of the file."""
    at = editor.at("maps.dsl", 2, 26)
    (found,) = editor.request(types.TEXT_DOCUMENT_DEFINITION, types.DefinitionParams(**at))
    assert found == types.Location(editor.uri("common.dsl"), place(0, 7, 4))
    at = editor.at("maps.dsl", 2, 15)
    found = editor.request(types.TEXT_DOCUMENT_TYPE_DEFINITION, types.DefinitionParams(**at))
    assert editor.uri("common.dsl") in {one.uri for one in found}


def test_uses_in_files_that_are_not_open(editor: Editor) -> None:
    """From a declaration they are found in what imports it, open or not."""
    (editor.directory / "more.bpfmap").write_text(
        'import "common.dsl";\nmap more: hash<flow, __u64>[64];\n', encoding="utf-8"
    )
    editor.save("maps.dsl")
    editor.open("common.dsl", COMMON)
    params = types.ReferenceParams(
        **editor.at("common.dsl", 0, 8), context=types.ReferenceContext(include_declaration=True)
    )
    found = editor.request(types.TEXT_DOCUMENT_REFERENCES, params)
    assert {(one.uri.rpartition("/")[2], one.range.start.line) for one in found} == {
        ("common.dsl", 0),
        ("maps.dsl", 2),
        ("maps.dsl", 3),
        ("more.bpfmap", 1),
    }


def test_a_name_changes_everywhere(editor: Editor) -> None:
    """The edits lead to texts that mean the same; what can't be is refused in words."""
    at = editor.at("maps.dsl", 2, 26)
    assert editor.request(
        types.TEXT_DOCUMENT_PREPARE_RENAME, types.PrepareRenameParams(**at)
    ) == place(2, 25, 4)
    edit = editor.request(types.TEXT_DOCUMENT_RENAME, types.RenameParams(**at, new_name="stream"))
    after = applied(MAPS, edit.changes[editor.uri("maps.dsl")])
    assert after == MAPS.replace("<flow", "<stream").replace(",flow", ",stream")
    common = applied(COMMON, edit.changes[editor.uri("common.dsl")])
    assert common == COMMON.replace("flow", "stream")
    with pytest.raises(JsonRpcException, match="`2fast`"):
        editor.request(types.TEXT_DOCUMENT_RENAME, types.RenameParams(**at, new_name="2fast"))


def test_what_a_text_declares(editor: Editor) -> None:
    """The outline of a file, and the search in all."""
    found = editor.request(
        types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, types.DocumentSymbolParams(identifier(editor))
    )
    assert [one.name for one in found][-2:] == ["flows", "last"]
    assert found[-2].selection_range == place(2, 13, 5)
    (found,) = editor.request(types.WORKSPACE_SYMBOL, types.WorkspaceSymbolParams("flow"))[:1]
    assert found.location.uri == editor.uri("common.dsl")


def test_words_have_meanings(editor: Editor) -> None:
    """Tokens count from one another, in the units of the client."""
    assert editor.answer.capabilities.semantic_tokens_provider is not None
    legend = editor.answer.capabilities.semantic_tokens_provider.legend
    numbers = editor.request(
        types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, types.SemanticTokensParams(identifier(editor))
    ).data
    lines = MAPS.splitlines()
    found: list[tuple[str, str]] = []
    line = character = 0
    for at in range(0, len(numbers), 5):
        down, right, length, kind, _modifiers = numbers[at : at + 5]
        line, character = line + down, right + (0 if down else character)
        units = lines[line].encode("utf-16-le")[2 * character : 2 * (character + length)]
        found.append((units.decode("utf-16-le"), legend.token_types[kind]))
    assert ("flow", "struct") in found
    assert ("flows", "variable") in found
    assert ("hash", "class") in found
    params = types.SemanticTokensRangeParams(identifier(editor), place(2, 0, 50))
    part = editor.request(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, params).data
    assert 0 < len(part) < len(numbers)


def test_a_text_is_formatted(editor: Editor) -> None:
    """Edits bring it into its form; a range alone changes nothing outside of it."""
    options = types.FormattingOptions(tab_size=8, insert_spaces=False)
    edits = editor.request(
        types.TEXT_DOCUMENT_FORMATTING,
        types.DocumentFormattingParams(identifier(editor), options),
    )
    assert applied(MAPS, edits).endswith("\nmap last: array<__u32, flow>[1];\n")
    params = types.DocumentRangeFormattingParams(identifier(editor), place(2, 0, 40), options)
    assert not editor.request(types.TEXT_DOCUMENT_RANGE_FORMATTING, params)
    editor.type("maps.dsl", "map", (3, 3))
    assert not editor.request(
        types.TEXT_DOCUMENT_FORMATTING,
        types.DocumentFormattingParams(identifier(editor), options),
    )


def test_a_fix_is_offered_and_works(editor: Editor) -> None:
    """The edits of a diagnostic, as they come and all at once."""
    wrong = MAPS.replace("last:", "last=")
    editor.rewrite("maps.dsl", wrong)
    (said,) = editor.diagnostics("maps.dsl", bool)
    for kind in (types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll):
        context = types.CodeActionContext([said], only=[kind])
        actions = editor.request(
            types.TEXT_DOCUMENT_CODE_ACTION,
            types.CodeActionParams(identifier(editor), said.range, context),
        )
        assert actions[0].kind == kind
        fixed = applied(wrong, actions[0].edit.changes[editor.uri("maps.dsl")])
        assert fixed == MAPS
    editor.rewrite("maps.dsl", MAPS)
    assert editor.codes("maps.dsl") == []


def test_folds_highlights_and_selections(editor: Editor) -> None:
    """They are there, in the lines and characters of the client."""
    editor.rewrite("maps.dsl", "struct a {\n\tint x;\n\tint y;\n};\nmap m: array<__u32, a>[1];\n")
    (fold,) = editor.request(
        types.TEXT_DOCUMENT_FOLDING_RANGE, types.FoldingRangeParams(identifier(editor))
    )
    assert (fold.start_line, fold.end_line) == (0, 2)
    found = editor.request(
        types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT,
        types.DocumentHighlightParams(**editor.at("maps.dsl", 0, 7)),
    )
    assert [one.range for one in found] == [place(0, 7, 1), place(4, 20, 1)]
    (around,) = editor.request(
        types.TEXT_DOCUMENT_SELECTION_RANGE,
        types.SelectionRangeParams(identifier(editor), [types.Position(1, 6)]),
    )
    assert around.range == place(1, 5, 1)
    assert around.parent.range.start == types.Position(1, 1)


def test_nothing_is_known_of_what_is_not_open(editor: Editor) -> None:
    """No answer, and no error."""
    nowhere = types.TextDocumentIdentifier("file:///nowhere")
    params = types.DefinitionParams(nowhere, types.Position(99, 99))
    assert editor.request(types.TEXT_DOCUMENT_DEFINITION, params) is None
