"""What a build decides about a declaration of C, and the source of it doesn't.

Used by :mod:`taken` in the import of C. A source keeps the conditions that all cases were read of;
of the others it has what one build makes of them, and another build may make something else.
"""

from __future__ import annotations

from bpfgen.importer.from_c.conditionals import Conditionals, not_defined
from bpfgen.importer.from_c.macros import read_define
from bpfgen.importer.from_c.open_macros import OpenMacros, names_in
from bpfgen.importer.items import Undecided
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.compiler import Options
    from bpfgen.importer.from_c.conditionals import Branch, Conditional
    from bpfgen.importer.from_c.macros import Macro
    from bpfgen.importer.from_c.view import Views


class BuildsChoices:
    """What builds may decide otherwise in the file that *views* are of.

    The *options* are those of the command: what they define, or say isn't defined, is decided.
    """

    def __init__(self, views: Views, options: Options) -> None:
        self._unit = views.all[0].unit
        self._conditionals = Conditionals(self._unit.raw)
        self._open = OpenMacros(self._unit, self._conditionals, (), options.undefined)
        is_kept = views.branches is not None
        self._kept = views.kept if is_kept else frozenset()
        self._macros = {name for row in views.assignments if is_kept for name, _value in row}
        self._asked: dict[int, tuple[Undecided, ...]] = {}

    def of(self, first: int, last: int) -> tuple[Undecided, ...]:
        """Return what a build decides about the declaration on the lines *first* to *last*.

        That is conditions around it and in it, those of the macros that it uses, and of what those
        conditions ask for.
        """
        if not self._conditionals.all:
            return ()
        numbers: set[int] = {number for number, _branch in self._conditionals.around(first)}
        numbers.update(
            one.number
            for one in self._conditionals.all
            if one.branches and first <= one.branches[0].place <= last
        )
        names: set[str] = set()
        for place in range(first, last + 1):
            names.update(self._names_on(place))
        seen: set[str] = set()
        asked: set[int] = set()
        while True:
            for number in numbers - asked:
                for branch in self._conditionals.all[number].branches:
                    names.update(names_in(branch.condition))
            asked |= numbers
            fresh = names - seen
            if not fresh:
                break
            seen |= fresh
            for name in fresh:
                for place in self._conditionals.defined.get(name, ()):
                    names.update(self._names_on(place))
                    numbers.update(self._around_definition(name, place))
        return tuple(each for number in sorted(numbers) for each in self._asked_in(number))

    def _names_on(self, place: int) -> list[str]:
        """Return the names on the line *place*; of a directive, those of what it defines."""
        line = self._unit.raw[place]
        macro = self._macro_at(place)
        if macro is not None:
            return names_in(macro.body)
        return [] if line.directive is not None else names_in(line.code)

    def _macro_at(self, place: int) -> Macro | None:
        directive = self._unit.raw[place].directive
        is_definition = directive is not None and directive[0] == "define"
        return read_define(directive[1]) if directive is not None and is_definition else None

    def _around_definition(self, name: str, place: int) -> Iterator[int]:
        """Yield the conditionals around what defines the macro *name*, or undefines it."""
        is_gone = self._macro_at(place) is None
        for number, at in self._conditionals.around(place):
            # `#ifdef N`, `#undef N`: whoever has given it, it isn't defined after that.
            if not (is_gone and names_in(self._branch(number, at).condition) == [name]):
                yield number

    def _branch(self, number: int, at: int) -> Branch:
        return self._conditionals.all[number].branches[at]

    def _asked_in(self, number: int) -> tuple[Undecided, ...]:
        """Return what the conditional *number* asks a build for, if the source doesn't ask it."""
        if number not in self._asked:
            self._asked[number] = tuple(self._found(self._conditionals.all[number]))
        return self._asked[number]

    def _found(self, conditional: Conditional) -> Iterator[Undecided]:
        for branch in conditional.branches:
            for name in names_in(branch.condition):
                if not self._open.is_asked_at(name, branch.place):
                    continue
                is_default = not_defined(branch) == name and len(conditional.branches) == 1
                if is_default and self._is_said(branch, name):
                    continue
                if conditional.number in self._kept and name in self._macros:
                    continue
                where = self._unit.where(branch.place)
                directive = f"#{branch.word} {' '.join(branch.condition.split())}"
                is_default = is_default and self._open.has_default(name)
                yield Undecided(directive, name, where, is_default)

    def _is_said(self, branch: Branch, name: str) -> bool:
        """Whether nothing depends on who defines *name*, which *branch* does where nobody has.

        The source asks for it, or it is no number and no type that a build would give: a guard, a
        macro with arguments, an attribute.
        """
        places = self._conditionals.defined.get(name, ())
        inside = [place for place in places if branch.place < place < branch.after]
        if not inside:
            return False
        macros = [self._macro_at(place) for place in inside]
        return name in self._macros or all(
            macro is not None
            and (macro.parameters is not None or not macro.body or "__attribute__" in macro.body)
            for macro in macros
        )
