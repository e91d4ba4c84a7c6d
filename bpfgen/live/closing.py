"""What is closed at the end of a `with` block, and what there is one of."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import NoReturn, Self, SupportsIndex


class Uncopied:
    """The base of what holds something of the kernel's, which a copy would close a second time."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or pickled: `copy` and `pickle` both ask here."""
        raise TypeError(f"a {type(self).__name__} can't be copied or pickled: open the map again")


class Closing(Uncopied):
    """The base of all that holds descriptors or memory of the kernel's."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back what is held; to do so twice is harmless."""
        raise NotImplementedError
