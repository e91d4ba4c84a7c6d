"""Model -> the bytes of its object. The last of the room."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.model.model import Model


def assemble(model: Model, byteorder: str) -> bytes:
    """Return the object of *model*, which has no errors and of which nothing is refused.

    Args:
        model: Whose maps it has.
        byteorder: `little` or `big`.
    """
    raise NotImplementedError
