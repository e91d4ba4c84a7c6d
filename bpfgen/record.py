"""Slotted value classes for every stage of the pipeline, without the import cost of dataclasses.

`import dataclasses` brings in `inspect` (some 15 ms), which is more than a whole header run of a
small file should spend. A :class:`Record` is declared like a dataclass and type checkers see it as
one (PEP 681); it has `__slots__`, `__init__`, `__eq__`, `__repr__` and `__match_args__`, no more.
"""

from __future__ import annotations

from bpfgen.record_initializers import INITIALIZERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Annotated, Any, TypeAlias, TypeVar, dataclass_transform
    from typing import assert_never as assert_never  # noqa: PLC0414 -- exported

    Member = TypeVar("Member")
    R = TypeVar("R", bound="Record | MutableRecord")
    _Reader: TypeAlias = Callable[[object], tuple[Any, ...]]
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
    """Turns the annotations of a class body into slots and an `__init__` in the same order.

    What it makes is a class like any other, whose type is `type`: of those alone `isinstance` and
    `case` know without looking for an `__instancecheck__` what isn't one, in a third of the time.
    So `Record` and `MutableRecord` are the only classes of this type, and no bases of what is
    derived from them; whoever derives from another record names one of the two as well.
    """

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /) -> type:
        if bases == (_Compared,):
            return super().__new__(mcls, name, bases, namespace)
        bases = tuple([base for base in bases if type(base) is not mcls]) or (_Compared,)
        annotations = namespace.get("__annotations__", {})
        own = tuple(annotations)
        defaults: dict[str, Any] = {}
        members: tuple[str, ...] = ()
        is_plain = _OWN.isdisjoint(namespace)
        for base in bases:
            members += getattr(base, "__match_args__", ())
            defaults.update(getattr(base, "_defaults", ()))
            is_plain = is_plain and base in _PLAIN
        members += own
        for member in own:
            if member in namespace:
                defaults[member] = namespace.pop(member)
        namespace["__slots__"] = own
        namespace["__match_args__"] = members
        namespace["_defaults"] = defaults
        namespace["_annotations"] = annotations
        if members and "__init__" not in namespace:
            namespace["__init__"] = _initializer(members, defaults)
        record = type(name, bases, namespace)
        if is_plain:
            _PLAIN[record] = None
        return record

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _Compared)


def _initializer(members: tuple[str, ...], defaults: dict[str, Any]) -> Any:
    """Return an `__init__` that assigns each of *members*; those in *defaults* may be left out.

    It is one of :data:`INITIALIZERS` under other names: compiling text for each class would be a
    tenth of what a small run takes.
    """
    required = len(members) - len(defaults)
    for member in members[:required]:
        if member in defaults:
            raise TypeError(f"`{member}` has a default, and a member after it has none")
    if len(members) <= len(INITIALIZERS):
        code = INITIALIZERS[len(members) - 1].__code__
    else:
        code = _compiled(members)
    code = code.replace(
        co_name="__init__", co_qualname="__init__", co_varnames=("self", *members), co_names=members
    )
    return _FUNCTION(code, {}, None, tuple(map(defaults.get, members[required:])))


def _compiled(members: tuple[str, ...]) -> Any:
    """Return the code of an `__init__` for more members than :data:`INITIALIZERS` has any for."""
    body = "; ".join(f"self.{member} = {member}" for member in members)
    scope: dict[str, Any] = {}
    exec(f"def __init__(self, {', '.join(members)}): {body}", scope)  # noqa: S102 -- only names of our own class bodies reach it
    return scope["__init__"].__code__


_FUNCTION: Any = type(_initializer)
"""The class of functions, without an import of `types`."""


def _compared_members(record: Any) -> tuple[str, ...]:
    """Return the members of a class of records that equality, hash and repr look at."""
    uncompared = {
        member
        for base in record.__mro__
        for member, annotation in base.__dict__.get("_annotations", {}).items()
        if annotation.startswith("Uncompared[")
    }
    return tuple(member for member in record.__match_args__ if member not in uncompared)


def _reader(record: type) -> _Reader:
    """Return a function that returns the values of the compared members of a record.

    Made when it is first asked for: most classes are never compared.
    """
    reader = _PLAIN.get(record)
    if reader is None:
        reader = _reader_of(_compared_members(record))
        if record in _PLAIN:
            _PLAIN[record] = reader
    return reader


def _reader_of(members: tuple[str, ...]) -> _Reader:
    from _operator import attrgetter  # nothing that only defines records pays for it

    if len(members) > 1:
        return attrgetter(*members)
    if members:
        # An attrgetter of one name returns no tuple; of two, it does.
        read = attrgetter(members[0], members[0])
        return lambda record: read(record)[:1]
    return lambda _record: ()


_OWN = frozenset(("__eq__", "__hash__", "__repr__"))
"""The methods that a class of records may have of its own."""

_FEW = 256
"""Records and tuples that equality goes through before it keeps in mind which it has seen."""


class _Compared:
    """What records of both sorts do: equality, hash and repr by their compared members."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        if "__slots__" not in cls.__dict__:
            raise TypeError(f"`{cls.__name__}` doesn't name `Record` among what it derives from")

    if TYPE_CHECKING:
        __match_args__: tuple[str, ...]

    @property
    def _compared(self) -> tuple[str, ...]:
        return _compared_members(type(self))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self):
            return NotImplemented
        # A stack of its own: types nest deeper than Python has frames for.
        pending: list[tuple[Any, Any]] = []
        # A type that is held twice is compared once, or the work would double with each level of
        # such types. What is small pays nothing for it.
        known: set[tuple[int, int]] = set()
        steps = 0
        read = _reader(type(self))
        ours, theirs = read(self), read(other)
        while True:
            steps += 1
            for our, their in zip(ours, theirs, strict=True):
                if our is their:
                    continue
                kind = our.__class__
                if kind is their.__class__ and (kind is tuple or kind in _PLAIN):
                    if kind is tuple and len(our) != len(their):
                        return False
                    if steps > _FEW:
                        pair = id(our), id(their)
                        if pair in known:
                            continue
                        known.add(pair)
                    pending.append((our, their))
                elif our != their:
                    return False
            if not pending:
                return True
            our, their = pending.pop()
            if our.__class__ is tuple:
                ours, theirs = our, their
            else:
                read = _PLAIN[our.__class__] or _reader(our.__class__)
                ours, theirs = read(our), read(their)

    def __hash__(self) -> int:
        flat: list[Any] = []
        pending: list[tuple[Any, ...]] = [_reader(type(self))(self)]
        while pending:
            for value in pending.pop():
                kind = value.__class__
                if kind is tuple:
                    flat.append(len(value))
                    pending.append(value)
                elif kind in _PLAIN:
                    flat.append(kind)
                    pending.append((_PLAIN[kind] or _reader(kind))(value))
                else:
                    flat.append(value)
        return hash(tuple(flat))

    def __repr__(self) -> str:
        pieces: list[str] = []
        # What is left to write, the next one last: text before a value, and whether there is one.
        pending = _parts(self)
        while pending:
            text, value, is_value = pending.pop()
            pieces.append(text)
            if type(value) is tuple or type(value) in _PLAIN:
                pending += _parts(value)
            elif is_value:
                pieces.append(repr(value))
        return "".join(pieces)


def _parts(value: Any) -> list[tuple[str, Any, bool]]:
    """Return what the repr of a record or tuple consists of, the last first."""
    if type(value) is tuple:
        parts = [(", " if index else "(", item, True) for index, item in enumerate(value)]
        end = {0: "()", 1: ",)"}.get(len(value), ")")
    else:
        parts = [
            (f"{', ' if index else ''}{name}=", getattr(value, name), True)
            for index, name in enumerate(value._compared)  # noqa: SLF001 -- a record's
        ]
        parts.insert(0, (f"{type(value).__name__}(", None, False))
        end = ")"
    return [(end, None, False), *reversed(parts)]


_PLAIN: dict[type, _Reader | None] = {_Compared: None}
"""The classes of records that have none of these of their own, and what reads their members."""


@dataclass_transform(frozen_default=True)
class Record(_Compared, metaclass=_RecordType):
    """A value with named members; two are equal when all their compared members are.

    Members come from the annotations of the class body, in order, with their defaults. One that is
    declared as `Uncompared[...]` is left out of equality, hash and repr: where a thing stands in a
    text doesn't make it another thing.

    A record stays as it is: type checkers refuse an assignment to a member, and :func:`replace`
    makes another one. It isn't refused at run time, since that would make every record slower.
    """

    __slots__ = ()


@dataclass_transform()
class MutableRecord(_Compared, metaclass=_RecordType):
    """A record that one stage fills in step by step, and hands on to nobody until it is whole."""

    __slots__ = ()


def replace(record: R, /, **changes: object) -> R:
    """Return a copy of *record* with other values for the members that *changes* names.

    Raises:
        TypeError: There is no such member.
    """
    values = {member: getattr(record, member) for member in record.__match_args__}
    return type(record)(**values | changes)
