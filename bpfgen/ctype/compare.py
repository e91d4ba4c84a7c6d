"""Two types, as one: what was declared held against what a compiler made of it.

The declared type comes from the source, the emitted one from BTF; both are made of the vocabulary
of :mod:`bpfgen.ctype.types`. Equal is what BTF can't tell apart, and nothing else:

* A struct, union, enum or typedef is compared member by member where it is held by value, and by
  name behind a pointer and in a function's prototype.
* Unnamed bit-fields leave no member, `[]` has 0 elements, parameters have no names, alignment and
  `packed` show in sizes and offsets alone, `preserve_access_index` not at all.
* clang writes type tags outermost, then `const`, `volatile`, `restrict`, whatever their order in C.
* A type of the kernel's own (the prelude's) comes from the headers of some kernel, whose members
  are that kernel's affair: such a struct is compared by kind, tag and size, such a typedef by name
  and by the integer it comes to. `_Bool` may be vmlinux.h's typedef `bool`.
* An integer has one type whatever the order of its words; whether a plain `char` is signed is the
  compiler's affair. An integer of another language is any of the same size and sign.
* Enums: see :mod:`bpfgen.ctype.compare_values`; clang 14 has neither signed nor 64-bit ones.

All of it was tried with clang 14, 16, 19 and 22 in both byte orders, which emit the same BTF but
for enums and for tags that clang 14 loses. The walk keeps its own stack, and a pair of composites
is compared once.
"""

from __future__ import annotations

from bpfgen.ctype.compare_values import enum_differences, number_differences
from bpfgen.ctype.describe import (
    called_member,
    counted,
    described,
    is_address_space,
    modifier_word,
    width_in_words,
)
from bpfgen.ctype.difference import ELEMENT, TARGET, Difference, Pair, is_called, part_of
from bpfgen.ctype.identity import (
    QUALIFIERS,
    align_names,
    canonical,
    changed_tags,
    is_foreign_integer,
    is_same_integer,
    name_of,
    same_values,
    tag_of,
    without_modifiers,
)
from bpfgen.ctype.types import (
    MODIFIERS,
    Array,
    Composite,
    Const,
    Enum,
    Float,
    FuncProto,
    Int,
    Named,
    Pointer,
    Restrict,
    Typedef,
    TypeTag,
    Unknown,
    Void,
    Volatile,
    underlying,
)
from bpfgen.record import TYPE_CHECKING, assert_never, replace
from bpfgen.text.diagnostics import Subject

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from typing import TypeAlias

    from bpfgen.ctype.difference import Path
    from bpfgen.ctype.types import Attributes, Member, Type
    from bpfgen.text.source import Span

    Name: TypeAlias = tuple[str, str]

_LOST_TAG = "clang 14 loses the tags of a pointer to a struct that it knows: use a newer one"

_BOOL = "`typedef _Bool bool;` in the source makes the typedef of vmlinux.h of its `bool`"


class Comparison:
    """Compares the types of one model with those of one object."""

    __slots__ = (
        *("_differences", "_flavors", "_kernel", "_old_enums", "_pending", "_seen"),
        *("_types", "_unfolded", "_verb"),
    )

    def __init__(
        self,
        types: Mapping[Name, Type] | None = None,
        kernel: frozenset[Name] = frozenset(),
        *,
        old_enums: bool = False,
        unfolded: Container[str] = (),
        flavors: bool = False,
        verb: str = "emitted",
    ) -> None:
        """Prepare a comparison.

        Args:
            types: The definitions behind what is only named, by (kind, name).
            kernel: The (kind, name) of the types whose members are the kernel's affair.
            old_enums: The object's BTF has neither signed nor 64-bit enums, as clang 14 writes it.
            unfolded: Typedefs of the object for which the source has what they stand for.
            flavors: A type `v___2` may be the object's `v`, as :func:`is_called` says.
            verb: What was done with the other side, for messages: "declared and not emitted".
        """
        self._verb = verb
        self._flavors = flavors
        self._unfolded = unfolded
        self._types = types or {}
        self._kernel = kernel
        self._old_enums = old_enums
        self._seen: dict[tuple[int, int], tuple[Type, Type]] = {}
        self._differences: list[Difference] = []
        self._pending: list[Pair] = []

    def differences(
        self,
        declared: Type,
        emitted: Type,
        subject: str,
        span: Span | None = None,
        place: Subject | None = None,
    ) -> list[Difference]:
        """Return all differences, in the order of the declaration; none if the types are the same.

        *subject* says what they are the type of: "the key of map `flows`"; *place* by name. What
        is wrong in a struct is reported once, however many things hold it.
        """
        self._differences = []
        self._pending = [Pair(declared, emitted, subject, None, span, place=place)]
        while self._pending:
            pair = self._pending.pop()
            at = len(self._pending)
            self._compare(pair)
            # The first of what is below goes on top, so that the order is the declaration's.
            self._pending[at:] = self._pending[at:][::-1]
        return self._differences

    def _tell(  # noqa: PLR0913 -- the members of a Difference, by name
        self,
        pair: Pair,
        message: str,
        *,
        at: Span | None = None,
        forward: bool = False,
        help: str = "",
        place: Subject | None = None,
        names: tuple[str, str] | None = None,
    ) -> None:
        span = at or pair.span
        self._add(Difference(message, forward, pair.path, span, help, place or pair.place, names))

    def _add(self, difference: Difference) -> None:
        if not self._differences or not self._differences[-1].says_the_same(difference):
            self._differences.append(difference)

    def _tell_types(self, pair: Pair) -> None:
        top = pair.top or (pair.declared, pair.emitted)
        declared, emitted = described(top[0]), described(top[1])
        if declared == emitted:
            declared, emitted = described(pair.declared), described(pair.emitted)
        message = f"{pair.subject} is declared as `{declared}` and {self._verb} as `{emitted}`"
        own, other = name_of(pair.declared), name_of(pair.emitted)
        is_renamed = own is not None and other is not None and own[0] == other[0]
        names = (own[1], other[1]) if is_renamed and own and other and own[1] != other[1] else None
        own_bool = isinstance(pair.declared, Int) and pair.declared.bool
        help = _BOOL if own_bool and other == ("typedef", "bool") else ""
        self._tell(pair, message, names=names, help=help)

    def _descend(
        self, pair: Pair, types: tuple[Type, Type], step: int, *, by_name: bool = False
    ) -> None:
        by_name = by_name or pair.by_name
        path = (pair.path, step)
        self._pending.append(
            Pair(*types, pair.subject, path, pair.span, by_name, top=pair.top, place=pair.place)
        )

    def _compare(self, pair: Pair) -> None:
        """Compare the outermost parts of *pair*, and put what is below them on the stack."""
        declared, emitted, path = self._modifiers(pair)
        while isinstance(emitted, Typedef) and emitted.name in self._unfolded:
            emitted, path = emitted.underlying, (path, TARGET)
        if isinstance(declared, Unknown):
            return
        if is_foreign_integer(emitted):
            bare = underlying(declared)
            if isinstance(bare, Int) and same_values(bare, emitted):
                return
        top = pair.top or (pair.declared, pair.emitted)
        below = replace(pair, declared=declared, emitted=emitted, path=path, top=top)
        names = name_of(declared), name_of(emitted)
        if pair.by_name and names[0] is not None and names[0][1]:
            if not is_called(*names, flavors=self._flavors):
                self._tell_types(below)
        elif isinstance(declared, Named):
            whole = self._types.get((declared.kind, declared.name))
            if whole is not None and not isinstance(whole, Named):
                self._pending.append(
                    Pair(whole, emitted, pair.subject, path, pair.span, place=pair.place)
                )
            elif not is_called(*names, flavors=self._flavors):
                self._tell_types(below)
        elif (
            isinstance(emitted, Named)
            and emitted.forward
            and is_called(*names, flavors=self._flavors)
        ):
            self._tell(
                below,
                f"`{described(declared)}` is declared with a body and {self._verb} as a forward "
                f"declaration ({pair.subject})",
                forward=True,
                place=Subject(*names[0]) if names[0] is not None else None,
            )
        elif isinstance(declared, (Composite, Enum)):
            if pair.is_nameless and declared.tag is None:
                # -fms-extensions makes a member of a struct that is called: nobody can say its name
                # there, and what is in it is what counts.
                emitted = underlying(emitted)
                names = names[0], None if name_of(emitted) is None else names[0]
            if isinstance(emitted, (Composite, Enum)) and is_called(*names, flavors=self._flavors):
                self._tagged(below, declared, emitted)
            else:
                self._tell_types(below)
        elif type(declared) is type(emitted):
            self._untagged(below)
        else:
            self._tell_types(below)

    def _untagged(self, pair: Pair) -> None:
        """Compare two types of one class, which is none that has a tag."""
        declared, emitted = pair.declared, pair.emitted
        match declared:
            case Int() | Float():
                assert isinstance(emitted, (Int, Float))
                if canonical(declared.name) != canonical(emitted.name):
                    self._tell_types(pair)
                else:
                    for difference in number_differences(pair, declared, emitted, self._verb):
                        self._add(difference)
            case Pointer():
                assert isinstance(emitted, Pointer)
                self._descend(pair, (declared.pointee, emitted.pointee), TARGET, by_name=True)
            case Array():
                assert isinstance(emitted, Array)
                if declared.length != emitted.length:
                    self._tell(
                        pair,
                        f"{pair.subject} is declared with {counted(declared.length, 'element')} "
                        f"and {self._verb} with {emitted.length}",
                    )
                self._descend(pair, (declared.element, emitted.element), ELEMENT)
            case Typedef():
                assert isinstance(emitted, Typedef)
                self._typedef(pair, declared, emitted)
            case FuncProto():
                assert isinstance(emitted, FuncProto)
                self._function(pair, declared, emitted)
            case Void():
                pass
            case Composite() | Enum() | Named() | Unknown():
                raise AssertionError(pair)  # it has a tag
            case Const() | Volatile() | Restrict() | TypeTag():
                raise AssertionError(pair)  # it was taken off
            case _:
                assert_never(declared)

    def _modifiers(self, pair: Pair) -> tuple[Type, Type, Path]:
        """Compare qualifiers and type tags; return the types below them and the path there."""
        tags, qualifiers, declared = without_modifiers(pair.declared)
        emitted, path = pair.emitted, pair.path
        written: list[str] = []
        while isinstance(emitted, MODIFIERS):
            written.append(modifier_word(emitted))
            emitted, path = emitted.underlying, (path, TARGET)
        # clang leaves address spaces out.
        tags = [tag for tag in tags if tag in written or not is_address_space(tag)]
        if written == [*tags, *qualifiers] or isinstance(declared, Unknown):
            return declared, emitted, path
        lost = [word for word in tags if word not in written]
        added = [word for word in written if word not in tags and word not in QUALIFIERS]
        for word in lost:
            self._tell(
                pair,
                f"{pair.subject} is declared with `{word}` and {self._verb} without it",
                help=_LOST_TAG if self._old_enums else "",
            )
        for word in added:
            self._tell(pair, f"{pair.subject} is {self._verb} with `{word}`, which isn't declared")
        if [word for word in written if word in QUALIFIERS] != qualifiers:
            self._tell_types(pair)
        elif not lost and not added:
            self._tell(
                pair,
                f"{pair.subject} is declared with `{' '.join((*tags, *qualifiers))}` and "
                f"{self._verb} with `{' '.join(written)}`, in another order",
            )
        return declared, emitted, path

    def _typedef(self, pair: Pair, declared: Typedef, emitted: Typedef) -> None:
        names = ("typedef", declared.name), ("typedef", emitted.name)
        if not is_called(*names, flavors=self._flavors):
            self._tell_types(pair)
            return
        subject = f"`{declared.name}` ({pair.subject})"
        place = Subject("typedef", declared.name)
        if ("typedef", declared.name) in self._kernel:
            own, other = underlying(declared), underlying(emitted)
            if isinstance(own, Int) and isinstance(other, Int):
                if not is_same_integer(own, other):
                    sides = f"`{described(own)}` and {self._verb} as `{described(other)}`"
                    self._tell(pair, f"{subject} is declared as {sides}", place=place)
                return
        self._pending.append(
            Pair(
                declared.underlying,
                emitted.underlying,
                pair.subject if pair.typedef else subject,
                (pair.path, TARGET),
                pair.span,
                typedef=declared.name,
                place=pair.place if pair.typedef else place,
            )
        )

    def _function(self, pair: Pair, declared: FuncProto, emitted: FuncProto) -> None:
        same_length = len(declared.parameters) == len(emitted.parameters)
        if not same_length or declared.variadic != emitted.variadic:
            self._tell_types(pair)
            return
        self._descend(pair, (declared.returns, emitted.returns), TARGET, by_name=True)
        for index, parameters in enumerate(
            zip(declared.parameters, emitted.parameters, strict=True)
        ):
            own, other = parameters
            self._descend(pair, (own.type, other.type), index, by_name=True)

    def _tagged(self, pair: Pair, declared: Composite | Enum, emitted: Composite | Enum) -> None:
        """Compare two structs, unions or enums of one kind and tag."""
        # The very two: an equal pair elsewhere is compared as quickly as it is looked up.
        key = (id(declared), id(emitted))
        if key in self._seen:
            return
        self._seen[key] = (declared, emitted)
        if declared.tag is not None:
            label = f"`{described(declared)}`"
            pair = replace(pair, place=Subject(*tag_of(declared)))
        elif pair.typedef:
            label = f"`{pair.typedef}`"
        else:
            label = f"the {tag_of(declared)[0]} of {pair.subject}"
        if declared.size != emitted.size:
            self._tell(
                pair,
                f"{label} is declared with {counted(declared.size, 'byte')} and {self._verb} with "
                f"{emitted.size}",
            )
        if declared.tag is not None and tag_of(declared) in self._kernel:
            return
        self._decl_tags(pair, label, declared.attributes, emitted.attributes)
        if isinstance(declared, Enum) and isinstance(emitted, Enum):
            is_cut = self._old_enums or isinstance(declared.base, Typedef)
            for difference in enum_differences(
                pair, label, declared, emitted, is_cut=is_cut, verb=self._verb
            ):
                self._add(difference)
        elif isinstance(declared, Composite) and isinstance(emitted, Composite):
            self._members(pair, label, declared, emitted)

    def _decl_tags(
        self, pair: Pair, label: str, declared: Attributes | None, emitted: Attributes | None
    ) -> None:
        for sides in changed_tags(declared, emitted, self._verb):
            self._tell(pair, f"{label} is {sides}")

    def _members(self, pair: Pair, label: str, declared: Composite, emitted: Composite) -> None:
        """Compare the members, by name where they are not the same ones in the same order."""
        members = [m for m in declared.members if m.name is not None or not m.is_bitfield]
        names = [member.name for member in members]
        aligned = align_names(names, [member.name for member in emitted.members])
        last = -1
        for own, other in aligned:
            if own is None:
                what = called_member(emitted.members[other or 0], label)
                self._tell(pair, f"{what} is {self._verb} and not declared")
                continue
            member = members[own]
            what = called_member(member, label)
            part = part_of(pair.place, "member", member.name or "")
            if other is None:
                self._tell(
                    pair, f"{what} is declared and not {self._verb}", at=member.span, place=part
                )
                continue
            counterpart = emitted.members[other]
            span = member.span or pair.span
            place = Pair(
                *(member.type, counterpart.type, what, (pair.path, other), span),
                place=part,
                is_nameless=member.name is None and counterpart.name is None,
            )
            if counterpart.name != member.name:
                renamed = (member.name or "", counterpart.name or "")
                self._tell(place, f"{what} is {self._verb} as `{renamed[1]}`", names=renamed)
            elif other < last:
                self._tell(place, f"{what} is {self._verb} in another order of members")
            last = max(last, other)
            self._placed(place, member, counterpart)
            self._decl_tags(place, what, member.attributes, counterpart.attributes)
            self._pending.append(place)

    def _placed(self, place: Pair, member: Member, counterpart: Member) -> None:
        """Compare offset and width of a member."""
        if counterpart.bit_offset != member.bit_offset:
            self._tell(
                place,
                f"{place.subject} is declared at bit {member.bit_offset} and {self._verb} at bit "
                f"{counterpart.bit_offset}",
            )
        if counterpart.bitfield_size != member.bitfield_size:
            widths = (width_in_words(member), width_in_words(counterpart))
            self._tell(
                place, f"{place.subject} is declared {widths[0]} and {self._verb} {widths[1]}"
            )
