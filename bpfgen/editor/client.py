"""What the client can do, and what its user has set: known from its first message on.

Beside the answers, which ask it. An editor sends what it likes as settings: what is none, or has a
value that makes no sense, is passed over.
"""

from __future__ import annotations

from lsprotocol import types

from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from typing import Any

SECTION = "bpfgen"
"""What the settings are called, all together."""


class Settings(Record):
    """What can be set.

    Attributes:
        inlay_hints: `inlayHints`: offsets, padding and memory are shown in the text.
        clang: `clang`: once nothing was typed for a moment, clang is asked what it makes of it all.
    """

    inlay_hints: bool = False
    clang: bool = True


_MEMBERS = {"inlayHints": "inlay_hints", "clang": "clang"}
"""What the client calls them."""


def settings_of(value: object, before: Settings) -> Settings:
    """Return the settings in *value*, by themselves or below `bpfgen`; others stay as *before*."""
    inside = _own(value)
    given = {
        member: inside[name] for name, member in _MEMBERS.items() if type(inside.get(name)) is bool
    }
    return replace(before, **given)


def _own(value: object) -> dict[Any, Any]:
    """Return what of *value* is for us: what is below `bpfgen`, else all of it."""
    inside = value.get(SECTION, value) if isinstance(value, dict) else None
    return inside if isinstance(inside, dict) else {}


class Client:
    """The client of a server.

    Attributes:
        settings: What its user has set.
        trusts_project: `trustProject`: the programs that a project names are run. Only options of
            the first message say so: an editor may read its settings in the project.
        has_related: It shows places that are related to a diagnostic.
        has_versions: It takes changes of texts with the versions that they are of.
        has_settings: It can be asked for settings.
        has_watchers: It can be asked to watch files.
        has_snippets: It fills in the places of a completion.
        has_insertion: It lets its user choose whether a completion replaces the rest of a word.
        has_markdown: It shows Markdown.
        has_hierarchy: It shows what a text declares as a tree.
        has_label_offsets: It takes a parameter as a part of the label.
        refreshes: What it can be asked to ask for again.
    """

    __slots__ = (
        "has_hierarchy",
        "has_insertion",
        "has_label_offsets",
        "has_markdown",
        "has_related",
        "has_settings",
        "has_snippets",
        "has_versions",
        "has_watchers",
        "refreshes",
        "settings",
        "trusts_project",
    )

    def __init__(self) -> None:
        self.settings = Settings()
        self.trusts_project = False
        self.has_related = self.has_versions = False
        self.has_settings = self.has_watchers = False
        self.has_snippets = self.has_insertion = False
        self.has_markdown = self.has_label_offsets = False
        self.has_hierarchy = False
        self.refreshes: tuple[str, ...] = ()

    def take(self, params: types.InitializeParams) -> None:
        """Note what *params* say."""
        options = params.initialization_options
        self.settings = settings_of(options, self.settings)
        self.trusts_project = _own(options).get("trustProject") is True
        text, workspace = params.capabilities.text_document, params.capabilities.workspace
        if text is not None:
            self._take_text(text)
        if workspace is not None:
            self._take_workspace(workspace)

    def _take_text(self, text: types.TextDocumentClientCapabilities) -> None:
        publish = text.publish_diagnostics
        self.has_related = publish is not None and bool(publish.related_information)
        item = None if text.completion is None else text.completion.completion_item
        if item is not None:
            self.has_snippets = bool(item.snippet_support)
            self.has_insertion = bool(item.insert_replace_support)
        formats = () if text.hover is None else text.hover.content_format or ()
        self.has_markdown = types.MarkupKind.Markdown in formats
        symbols = text.document_symbol
        self.has_hierarchy = symbols is not None and bool(
            symbols.hierarchical_document_symbol_support
        )
        called = None if text.signature_help is None else text.signature_help.signature_information
        parameter = None if called is None else called.parameter_information
        self.has_label_offsets = parameter is not None and bool(parameter.label_offset_support)

    def _take_workspace(self, workspace: types.WorkspaceClientCapabilities) -> None:
        changes = workspace.workspace_edit
        self.has_versions = changes is not None and bool(changes.document_changes)
        self.has_settings = bool(workspace.configuration)
        watched = workspace.did_change_watched_files
        self.has_watchers = watched is not None and bool(watched.dynamic_registration)
        tokens, hints = workspace.semantic_tokens, workspace.inlay_hint
        if tokens is not None and tokens.refresh_support:
            self.refreshes += (types.WORKSPACE_SEMANTIC_TOKENS_REFRESH,)
        if hints is not None and hints.refresh_support:
            self.refreshes += (types.WORKSPACE_INLAY_HINT_REFRESH,)
