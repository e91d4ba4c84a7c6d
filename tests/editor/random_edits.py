"""What somebody might do to a text in an editor, at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from random import Random

TYPED = (
    "\n",
    "\r\n",
    "\f",
    "\t",
    "{",
    "}",
    ";",
    "<",
    ">",
    "[",
    "]",
    "(",
    ")",
    ":",
    ",",
    "|",
    "=",
    '"',
    "'",
    "/*",
    "*/",
    "//",
    "/// ",
    "// bpfgen: allow ",
    "#if 1\n",
    "map ",
    "map m: hash<__u32, __u64>[4];\n",
    "struct ",
    "struct pair { __u32 a; __u32 b; };\n",
    "enum {A, B};",
    "const N = 4;\n",
    "template T = ",
    'import "common.dsl";\n',
    'import "',
    "include <",
    "target kernel >= 5.4;\n",
    "when (A) {\n",
    "} else {\n",
    "sizeof(",
    "BPF_F_",
    "0x",
    "9" * 30,
    "flow",
    "\N{HONEYBEE}",
    "\N{LATIN SMALL LETTER E WITH ACUTE}",
    "\0",
)
"""Whole and half things, in whatever place."""


class Buffer:
    """One text, and how the protocol speaks of places in it; with nothing of the server's."""

    def __init__(self, text: str) -> None:
        self.text = text

    def position(self, offset: int) -> types.Position:
        """Return the position of *offset*, in units of UTF-16."""
        before = (
            self.text[:offset].replace("\r\n", "\n\0").replace("\r", "\n").replace("\n\0", "\r\n")
        )
        line = before.count("\n")
        start = before.rfind("\n") + 1
        return types.Position(line, len(self.text[start:offset].encode("utf-16-le")) // 2)

    def change(self, random: Random) -> types.TextDocumentContentChangeEvent:
        """Change it somewhere, and return how."""
        kind = random.randrange(12)
        if kind == 0:
            lines = self.text.splitlines(keepends=True)
            random.shuffle(lines)
            self.text = "".join(lines)
            return types.TextDocumentContentChangeWholeDocument(self.text)
        start = self._offset(random)
        end = start
        if kind < 6:
            end = min(len(self.text), start + random.choice((1, 1, 2, 5, 30, 200)))
        if self.text[end - 1 : end + 1] == "\r\n":
            end += 1  # a client can't name the place between the two
        typed = random.choice(TYPED) if kind != 1 else ""
        if kind == 11 and self.text:
            at = self._offset(random)
            typed = self.text[at : at + 60]
        change = types.TextDocumentContentChangePartial(
            types.Range(self.position(start), self.position(end)), typed
        )
        self.text = self.text[:start] + typed + self.text[end:]
        return change

    def place(self, random: Random) -> types.Position:
        """Return a position in it, or a little outside of it."""
        if random.random() < 0.05:
            return types.Position(random.randrange(500), random.randrange(500))
        return self.position(self._offset(random))

    def range(self, random: Random) -> types.Range:
        """Return a range of it."""
        one, other = sorted((self._offset(random), self._offset(random)))
        return types.Range(self.position(one), self.position(other))

    def _offset(self, random: Random) -> int:
        offset = random.randint(0, len(self.text))
        return offset - (self.text[max(offset - 1, 0) : offset + 1] == "\r\n")


def requests(uri: str, buffer: Buffer, random: Random) -> list[tuple[str, object]]:
    """Return one request of each kind for the document *uri*, which says *buffer*."""
    document = types.TextDocumentIdentifier(uri)
    place = buffer.place(random)
    options = types.FormattingOptions(tab_size=4, insert_spaces=True)
    only = random.choice((None, [types.CodeActionKind.QuickFix], [types.CodeActionKind.Source]))
    context = types.CodeActionContext([], only=only)
    return [
        (types.TEXT_DOCUMENT_COMPLETION, types.CompletionParams(document, place)),
        (types.TEXT_DOCUMENT_HOVER, types.HoverParams(document, place)),
        (types.TEXT_DOCUMENT_SIGNATURE_HELP, types.SignatureHelpParams(document, place)),
        (
            types.TEXT_DOCUMENT_INLAY_HINT,
            types.InlayHintParams(document, buffer.range(random)),
        ),
        (types.TEXT_DOCUMENT_DEFINITION, types.DefinitionParams(document, place)),
        (types.TEXT_DOCUMENT_TYPE_DEFINITION, types.TypeDefinitionParams(document, place)),
        (
            types.TEXT_DOCUMENT_REFERENCES,
            types.ReferenceParams(
                types.ReferenceContext(include_declaration=True), document, place
            ),
        ),
        (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, types.DocumentHighlightParams(document, place)),
        (types.TEXT_DOCUMENT_PREPARE_RENAME, types.PrepareRenameParams(document, place)),
        (types.TEXT_DOCUMENT_RENAME, types.RenameParams(document, place, "renamed")),
        (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, types.DocumentSymbolParams(document)),
        (types.WORKSPACE_SYMBOL, types.WorkspaceSymbolParams("a")),
        (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, types.SemanticTokensParams(document)),
        (
            types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
            types.SemanticTokensRangeParams(document, buffer.range(random)),
        ),
        (types.TEXT_DOCUMENT_FOLDING_RANGE, types.FoldingRangeParams(document)),
        (
            types.TEXT_DOCUMENT_SELECTION_RANGE,
            types.SelectionRangeParams(document, [place, buffer.place(random)]),
        ),
        (types.TEXT_DOCUMENT_FORMATTING, types.DocumentFormattingParams(document, options)),
        (
            types.TEXT_DOCUMENT_RANGE_FORMATTING,
            types.DocumentRangeFormattingParams(document, buffer.range(random), options),
        ),
        (
            types.TEXT_DOCUMENT_CODE_ACTION,
            types.CodeActionParams(document, buffer.range(random), context),
        ),
    ]
