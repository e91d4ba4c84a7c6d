"""What a user of an editor can set, as the client sends it.

Beside the server. What is no setting, or has a value that makes no sense, is passed over: an editor
sends what it likes.
"""

from __future__ import annotations

from bpfgen.record import Record, replace

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
