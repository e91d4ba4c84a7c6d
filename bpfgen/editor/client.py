"""What the client can do, and what its user has set: known from its first message on.

Beside the answers, which ask it. An editor sends what it likes as settings: what is none, or has a
value that makes no sense, is passed over.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from lsprotocol import types

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
    if not isinstance(value, dict):
        return before
    inside = value.get(SECTION, value)
    if not isinstance(inside, dict):
        return before
    given = {
        member: inside[name] for name, member in _MEMBERS.items() if type(inside.get(name)) is bool
    }
    return replace(before, **given)


class Client:
    """The client of a server.

    Attributes:
        settings: What its user has set.
        has_related: It shows places that are related to a diagnostic.
        has_versions: It takes changes of texts with the versions that they are of.
        has_settings: It can be asked for settings.
        has_watchers: It can be asked to watch files.
    """

    __slots__ = ("has_related", "has_settings", "has_versions", "has_watchers", "settings")

    def __init__(self) -> None:
        self.settings = Settings()
        self.has_related = self.has_versions = False
        self.has_settings = self.has_watchers = False

    def take(self, params: types.InitializeParams) -> None:
        """Note what *params* say."""
        self.settings = settings_of(params.initialization_options, self.settings)
        text, workspace = params.capabilities.text_document, params.capabilities.workspace
        publish = None if text is None else text.publish_diagnostics
        self.has_related = publish is not None and bool(publish.related_information)
        if workspace is None:
            return
        changes = workspace.workspace_edit
        self.has_versions = changes is not None and bool(changes.document_changes)
        self.has_settings = bool(workspace.configuration)
        watched = workspace.did_change_watched_files
        self.has_watchers = watched is not None and bool(watched.dynamic_registration)
