"""Slotted value classes for every stage of the pipeline, without the import cost of dataclasses.

`import dataclasses` brings in `inspect` (some 15 ms), which is more than a whole header run of a
small file should spend. A :class:`Record` is declared like a dataclass and type checkers see it as
one (PEP 681); it has `__slots__`, `__init__`, `__eq__`, `__repr__` and `__match_args__`, no more.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Annotated, Any, TypeVar, dataclass_transform
    from typing import assert_never as assert_never  # noqa: PLC0414 -- exported

    Member = TypeVar("Member")
    R = TypeVar("R", bound="Record | MutableRecord")
    Uncompared = Annotated[Member, "left out of equality, hash and repr"]
else:

    def assert_never(value: object) -> None:
        """Stand in for :func:`typing.assert_never`: a type checker shows that this is unreachable.

        Raises:
            AssertionError: A case was added and a type checker wasn't asked.
        """
        raise AssertionError(f"unexpected {type(value).__name__}: {value!r}")

    def dataclass_transform(**_options: object) -> object:
        """Stand in for :func:`typing.dataclass_transform`, which exists for type checkers only."""
        return lambda decorated: decorated


class _RecordType(type):
    """Turns the annotations of a class body into slots and an `__init__` in the same order."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /
    ) -> _RecordType:
        annotations = namespace.get("__annotations__", {})
        own = tuple(annotations)
        uncompared: set[str] = set()
        defaults: dict[str, Any] = {}
        members: tuple[str, ...] = ()
        for base in bases:
            members += getattr(base, "__match_args__", ())
            defaults.update(getattr(base, "_defaults", {}))
            uncompared.update(getattr(base, "_uncompared", ()))
        members += own
        uncompared.update(name for name in own if annotations[name].startswith("Uncompared["))
        defaults.update({member: namespace.pop(member) for member in own if member in namespace})
        namespace["__slots__"] = own
        namespace["__match_args__"] = members
        namespace["_defaults"] = defaults
        namespace["_uncompared"] = frozenset(uncompared)
        namespace["_compared"] = tuple(name for name in members if name not in uncompared)
        made = super().__new__(mcls, name, bases, namespace)
        if members and "__init__" not in namespace:
            _initialize_when_called(made, members, defaults)
        return made


def _initialize_when_called(
    record: _RecordType, members: tuple[str, ...], defaults: dict[str, Any]
) -> None:
    """Give *record* an `__init__` that puts the real one in its place when it is first called.

    Compiling one takes longer than making the class, and most runs need a third of them.
    """

    def __init__(self: object, *arguments: object, **named: object) -> None:  # noqa: N807 -- it is one
        initializer = _initializer(members, defaults)
        type.__setattr__(record, "__init__", initializer)
        initializer(self, *arguments, **named)

    type.__setattr__(record, "__init__", __init__)


def _initializer(members: tuple[str, ...], defaults: dict[str, Any]) -> Any:
    """Return an `__init__` that assigns each of *members*; those in *defaults* may be left out."""
    parameters = ", ".join(
        f"{member}=_defaults[{member!r}]" if member in defaults else member for member in members
    )
    body = "; ".join(f"self.{member} = {member}" for member in members)
    scope: dict[str, Any] = {"_defaults": defaults}
    exec(f"def __init__(self, {parameters}): {body}", scope)  # noqa: S102 -- only names of our own class bodies reach it
    return scope["__init__"]


class _Compared(metaclass=_RecordType):
    """What records of both sorts do: equality, hash and repr by their compared members."""

    if TYPE_CHECKING:
        __match_args__: tuple[str, ...]
        _compared: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, member) == getattr(other, member) for member in self._compared)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, member) for member in self._compared))

    def __repr__(self) -> str:
        shown = ", ".join(f"{member}={getattr(self, member)!r}" for member in self._compared)
        return f"{type(self).__name__}({shown})"


@dataclass_transform()
class Record(_Compared):
    """A value with named members; two are equal when all their compared members are.

    Members come from the annotations of the class body, in order, with their defaults. One that is
    declared as `Uncompared[...]` is left out of equality, hash and repr: where a thing stands in a
    text doesn't make it another thing.

    A record stays as it is: type checkers refuse an assignment to a member, and :func:`replace`
    makes another one. It isn't refused at run time, since that would make every record slower.
    """


@dataclass_transform()
class MutableRecord(_Compared):
    """A record that one stage fills in step by step, and hands on to nobody until it is whole."""


def replace(record: R, /, **changes: object) -> R:
    """Return a copy of *record* with other values for the members that *changes* names.

    Raises:
        TypeError: There is no such member.
    """
    values = {member: getattr(record, member) for member in record.__match_args__}
    return type(record)(**values | changes)
