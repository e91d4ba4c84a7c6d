"""What keys, values and records are made of: each member once, however many maps hold it.

The walk goes through typedefs, arrays and nested structs, not through pointers: what one points to
is elsewhere.
"""

from __future__ import annotations

from bpfgen.ctype.types import MODIFIERS, Array, Composite, Typedef
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.rules.maps.bpf_attr import map_name, subject_of
from bpfgen.rules.maps.definitions import shapes
from bpfgen.text.diagnostics import Diagnostic, Edit, Label, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.ctype.types import Member, Type
    from bpfgen.model.maps import Map, Template, TypeArgument
    from bpfgen.model.model import Model
    from bpfgen.text.source import Span

KEY = "key"
VALUE = "value"
RECORD = "record"


class Leaf(Record):
    """One member that bytes of a key, value or record belong to, or such a type itself.

    Attributes:
        type: Its type without arrays, typedefs, qualifiers and tags.
        typedefs: The names of the typedefs around it, the outermost first.
        member: None where the key, value or record has this type itself.
        owner: The struct or union whose member it is, or None.
        role: `key`, `value` or `record`.
        argument: Where the first map or template that holds it names its key, value or record.
        declared: That map or template.
    """

    type: Type
    typedefs: tuple[str, ...]
    member: Member | None
    owner: Composite | None
    role: str
    argument: TypeArgument
    declared: Map | Template

    @property
    def map(self) -> str | None:
        """The name of that map, None for a template."""
        return map_name(self.declared)

    @property
    def subject(self) -> Subject:
        """What a diagnostic about it is about."""
        if self.member is None or self.owner is None:
            return subject_of(self.declared, self.role)
        return Subject(self.owner.kind, self.owner.tag or "", self.member.name or "")

    @property
    def name(self) -> str:
        """What it is called: the member in backticks, or `the key`."""
        if self.member is None:
            return f"the {self.role}"
        return f"`{self.member.name}`" if self.member.name else "an unnamed member"

    def diagnostic(  # noqa: PLR0913 -- the members of a Diagnostic, by name
        self,
        code: str,
        message: str,
        *,
        notes: tuple[str, ...],
        help: str,
        severity: str,
        label: str = "",
        edits: tuple[Edit, ...] = (),
    ) -> Diagnostic:
        """Return a diagnostic at the member if the map's file declares it, else at the map."""
        at_map = self.argument.span
        span: Span | None = self.member.span if self.member is not None else at_map
        labels: tuple[Label, ...] = ()
        if span is None:
            span = at_map
        elif at_map is not None and span is not at_map:
            if span.source.name == at_map.source.name:
                labels = (Label(at_map, f"a {self.role}"),)
            else:
                span, labels = at_map, (Label(span, "declared here"),)
        return Diagnostic(
            code,
            message,
            span,
            label,
            labels,
            notes,
            help,
            severity,
            self.map,
            self.subject,
            edits,
            changes_meaning=bool(edits),
        )

    def with_type(self, words: str, instead: str) -> tuple[Edit, ...]:
        """Return the edits that give it the type *instead* of the C words *words*.

        Nothing where it has that type by another name, or shares it with a member beside it.
        """
        # Only a mistake pays for these imports.
        from bpfgen.text.statements import end_of_statement, word_before

        at_map = self.argument.span
        written = r"\s+".join(words.split())
        if words.endswith("long"):
            written += r"(?:\s+int)?"
        if self.member is None:
            if at_map is None or " ".join(at_map.text.split()) != words:
                return ()
            return (Edit(at_map, instead),)
        name = self.member.span
        if name is None or self.typedefs or end_of_statement(name) is None:
            return ()
        place = word_before(name, written)
        return () if place is None else (Edit(place, instead),)


def _any(_type: Type) -> bool:
    return True


def leaves(model: Model, is_wanted: Callable[[Type], bool] = _any) -> Iterator[Leaf]:
    """Yield what the keys, values and records of *model* consist of, each member once a role.

    A type that *is_wanted* denies is passed over before anything is made of them.
    """
    visited: set[tuple[bool, int]] = set()  # by identity
    for shape, declared in shapes(model):
        for role, argument in ((KEY, shape.key), (VALUE, shape.value), (RECORD, shape.record)):
            if argument is None:
                continue
            is_key = role == KEY
            whole, typedefs = stripped(argument.type)
            if not isinstance(whole, Composite):
                if (is_key, id(argument.type)) not in visited:
                    visited.add((is_key, id(argument.type)))
                    if is_wanted(whole):
                        yield Leaf(whole, typedefs, None, None, role, argument, declared)
                continue
            pending = [whole]
            while pending:
                composite = pending.pop()
                if (is_key, id(composite)) in visited:
                    continue
                visited.add((is_key, id(composite)))
                for member in composite.members:
                    inner, typedefs = stripped(member.type)
                    if isinstance(inner, Composite):
                        pending.append(inner)
                    elif is_wanted(inner):
                        yield Leaf(inner, typedefs, member, composite, role, argument, declared)


def stripped(type_: Type) -> tuple[Type, tuple[str, ...]]:
    """Return *type_* without arrays, typedefs, qualifiers and tags, and the typedefs' names."""
    typedefs: tuple[str, ...] = ()
    while True:
        if isinstance(type_, Typedef):
            typedefs = (*typedefs, type_.name)
            type_ = type_.underlying
        elif isinstance(type_, Array):
            type_ = type_.element
        elif isinstance(type_, MODIFIERS):
            type_ = type_.underlying
        else:
            return type_, typedefs
