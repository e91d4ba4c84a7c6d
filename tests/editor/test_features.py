"""Each feature through the protocol: that it is there, and where its answers point.

What the features say is tested with them, in modules of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from bpfgen.editor.change_answers import ChangeAnswers
from bpfgen.editor.client import Client
from bpfgen.editor.server import _guarded
from bpfgen.editor.table_text import plain_text
from bpfgen.editor.workspace import Workspace

if TYPE_CHECKING:
    from tests.editor.client import Editor

COMMON = "struct flow { __u32 source; __u32 target; };\n"
MAPS = """\
import "common.dsl";

/* \N{HONEYBEE} */ map flows: hash<flow, __u64>[64];
map  last: array<__u32,flow>[1];
"""


@pytest.fixture(autouse=True)
def _files(editor: Editor) -> None:
    """Open a file which imports one on disk."""
    (editor.directory / "common.dsl").write_text(COMMON, encoding="utf-8")
    editor.open("maps.dsl", MAPS)


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


def test_a_name_that_an_importer_has_is_refused(editor: Editor) -> None:
    """A file that isn't open, and doesn't have the old name, has the new one."""
    (editor.directory / "more.dsl").write_text(
        'import "common.dsl";\nstruct stream { int a; };\nmap more: hash<stream, int>[64];\n',
        encoding="utf-8",
    )
    editor.save("maps.dsl")
    at = editor.at("maps.dsl", 2, 26)
    with pytest.raises(JsonRpcException, match="stream"):
        editor.request(types.TEXT_DOCUMENT_RENAME, types.RenameParams(**at, new_name="stream"))
    assert editor.request(types.TEXT_DOCUMENT_RENAME, types.RenameParams(**at, new_name="streams"))


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


def test_what_can_not_be_formatted_says_why(editor: Editor) -> None:
    """A line end that is none, which no diagnostic has, is said when formatting is asked for."""
    options = types.FormattingOptions(tab_size=8, insert_spaces=False)
    editor.rewrite("maps.dsl", "// a\rconst A = 1;\n")
    with pytest.raises(JsonRpcException, match="1: a carriage return alone") as caught:
        editor.request(
            types.TEXT_DOCUMENT_FORMATTING,
            types.DocumentFormattingParams(identifier(editor), options),
        )
    assert caught.value.code == types.LSPErrorCodes.RequestFailed.value


def test_a_mistake_of_the_formatter_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its guard finds a comment lost, or it fails in any other way, the client can say so."""
    workspace = Workspace()
    workspace.open("file:///maps.dsl", "// comment\nconst  A = 1;\n", 1)
    answers = ChangeAnswers(workspace, Client(), lambda *_: [])
    params = types.DocumentFormattingParams(
        types.TextDocumentIdentifier("file:///maps.dsl"),
        types.FormattingOptions(tab_size=4, insert_spaces=True),
    )
    assert _guarded("", answers.format, params)
    for lost in (lambda *_: "", None):  # the one loses a comment, the other can't be called
        monkeypatch.setattr("bpfgen.syntax.formatting.layout.written", lost)
        with pytest.raises(JsonRpcException, match=r"^bpfgen itself is wrong: "):
            _guarded("", answers.format, params)


def test_a_client_without_markdown_gets_text(editor: Editor) -> None:
    """What is a block of code there, or bold, has no marks; code in a sentence has its own."""
    place = types.Position(2, MAPS.splitlines()[2].index("hash") + 1)
    params = types.HoverParams(identifier(editor), place)
    shown = editor.request(types.TEXT_DOCUMENT_HOVER, params).contents
    assert shown.kind == types.MarkupKind.PlainText
    assert shown.value.startswith("hash<KEY, VALUE>[MAX_ENTRIES]\n\n")
    assert "`BPF_MAP_TYPE_HASH`, since Linux" in shown.value
    assert "```" not in shown.value
    assert plain_text("```c\nint *a;\n```\n\n**No.** `a`, **b**\n\n**A map.**") == (
        "int *a;\n\n**No.** `a`, **b**\n\nA map."
    )


def test_a_byte_order_mark_stays(editor: Editor) -> None:
    """In a text that is formatted, and in one that is already."""
    options = types.FormattingOptions(tab_size=8, insert_spaces=False)
    params = types.DocumentFormattingParams(identifier(editor), options)
    for before, after in (
        ("map  m: ringbuf[4096];\n", "map m: ringbuf[4096];\n"),
        ("\n\n// C.\nmap m: ringbuf[4096];", "// C.\nmap m: ringbuf[4096];\n"),
        ("map m: ringbuf[4096];\n", "map m: ringbuf[4096];\n"),
    ):
        editor.rewrite("maps.dsl", f"\ufeff{before}")
        edits = editor.request(types.TEXT_DOCUMENT_FORMATTING, params)
        assert applied(f"\ufeff{before}", edits) == f"\ufeff{after}"
        editor.type("maps.dsl", "\n", (0, 1))
        edits = editor.request(types.TEXT_DOCUMENT_FORMATTING, params)
        assert applied(f"\ufeff\n{before}", edits) == f"\ufeff{after}"
    assert not edits or edits[0].range.start == types.Position(0, 1)


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


def test_completion_in_a_broken_line(editor: Editor) -> None:
    """It replaces what is there of the word; more is told when somebody looks at it."""
    editor.type("maps.dsl", "map third: ha\n", (4, 0))
    params = types.CompletionParams(**editor.at("maps.dsl", 4, 13))
    offered = editor.request(types.TEXT_DOCUMENT_COMPLETION, params)
    (item,) = [one for one in offered.items if one.label == "hash"]
    assert item.kind == types.CompletionItemKind.Class
    assert item.text_edit.range == place(4, 11, 2)
    assert "$" not in item.text_edit.new_text
    resolved = editor.request(types.COMPLETION_ITEM_RESOLVE, item)
    assert resolved.documentation.kind == types.MarkupKind.PlainText
    editor.type("maps.dsl", "<__u32, fl", (4, 13))
    params = types.CompletionParams(**editor.at("maps.dsl", 4, 23))
    offered = editor.request(types.TEXT_DOCUMENT_COMPLETION, params)
    assert "flow" in [one.label for one in offered.items]


def test_hover_and_signature(editor: Editor) -> None:
    """What stands at a place, and what is wanted there."""
    found = editor.request(
        types.TEXT_DOCUMENT_HOVER, types.HoverParams(**editor.at("maps.dsl", 2, 26))
    )
    assert found.range == place(2, 25, 4)
    assert "target" in found.contents.value
    found = editor.request(
        types.TEXT_DOCUMENT_SIGNATURE_HELP,
        types.SignatureHelpParams(**editor.at("maps.dsl", 3, 17)),
    )
    assert found.signatures[0].label.startswith("array<")
    assert found.active_parameter == 0


def test_hints_are_shown_to_who_wants_them(editor: Editor) -> None:
    """They are off until a setting says otherwise."""
    params = types.InlayHintParams(identifier(editor), place(0, 0, 1000))
    params.range.end.line = 9
    assert editor.request(types.TEXT_DOCUMENT_INLAY_HINT, params) is None
    settings = types.DidChangeConfigurationParams({"bpfgen": {"inlayHints": True}})
    editor.client.workspace_did_change_configuration(settings)
    hints = editor.request(types.TEXT_DOCUMENT_INLAY_HINT, params)
    assert {hint.position.line for hint in hints} == {2, 3}
