"""What a change does: the label that a mutation gives."""

from __future__ import annotations

from typing import NamedTuple


class What(NamedTuple):
    """One change.

    Attributes:
        name: That of the mutation: `member-inserted`.
        subject: Of what: the name of a type, a constant or a map in OLD.
        detail: Which member, enumerator or attribute; or both values.
    """

    name: str
    subject: str
    detail: str = ""
