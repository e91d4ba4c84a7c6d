"""The conditions of a file and of all that it imports, while they are compiled for one case.

A case is what each listed macro is. For each of them the file is compiled as if it had no `when`:
what isn't there is cut out of the tree before names are looked up. Loaded where a file has `when`.
"""

from __future__ import annotations

from bpfgen.conditions.cases import Branch, cut, outside, read_branches
from bpfgen.conditions.macros import macro_flags
from bpfgen.conditions.words import ConditionError, Word
from bpfgen.ctype.constants import promote
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.declared_elsewhere import at_the_top
from bpfgen.resolve.file import Resolver
from bpfgen.resolve.scope import Scope, check_word
from bpfgen.syntax.tree import ExpressionNode, ImportItem, IncludeItem, Token
from bpfgen.text.diagnostics import Edit, Label, Report
from bpfgen.text.source import Span
from bpfgen.text.spelling import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bpfgen.ctype.types import Constant
    from bpfgen.resolve.definitions import Definitions
    from bpfgen.resolve.provider import Provider
    from bpfgen.syntax.tree import File
    from bpfgen.text.diagnostics import Diagnostic

    Macros = dict[str, int | None]
    Elsewhere = Callable[[File], list[Provider]]
    """What the imports of a tree declare, or its C headers."""


class ConditionalFile(Record):
    """A file with `when` in it, in whatever case.

    Attributes:
        tree: All of it.
        mistakes: What was said of its text.
        branches: In the order of the text.
        numbers: The constants that its conditions ask for.
    """

    tree: File
    mistakes: list[Diagnostic]
    branches: tuple[Branch, ...]
    numbers: dict[str, tuple[int, bool]]


class Cases:
    """What is known of the conditions, for all cases; and which case is being compiled.

    Attributes:
        macros: What each macro is in this case; one that isn't here isn't defined.
        given: What `-D` and `-U` say that macros are.
        files: The files with conditions that were met, by their names.
        listed: The macros that they list, in the order of the text.
        report: Mistakes in conditions, which are those of every case.
    """

    def __init__(self, definitions: Definitions | None, undefined: Sequence[str]) -> None:
        values = {} if definitions is None else definitions.values
        self._defined = {name: (e.value, not promote(e.type).signed) for name, e in values.items()}
        self._undefined = frozenset(undefined)
        self.given: Macros = {name: value for name, (value, _unsigned) in self._defined.items()}
        self.given.update(dict.fromkeys(undefined))
        self.macros: Macros = {}
        self.files: dict[str, ConditionalFile] = {}
        self.listed: dict[str, None] = {}
        self.report = Report()

    def flags(self) -> list[str]:
        """Return what tells a compiler what the macros are in this case."""
        macros = {**self.given, **self.macros}
        return macro_flags(tuple((name, macros.get(name)) for name in self.listed))

    def active(
        self,
        tree: File,
        mistakes: list[Diagnostic],
        definitions: Definitions | None,
        imports: Elsewhere,
        headers: Elsewhere,
    ) -> File:
        """Return what is there of *tree* in this case.

        Args:
            mistakes: What was said of its text.
            definitions: Notes which `-D` is of use.
            imports: Compiles what a tree imports, for a constant that a condition asks for.
            headers: Asks the C headers of a tree, likewise.
        """
        name = tree.source.name
        names = _Names(self, tree, definitions, imports, headers)
        file = self.files.get(name)
        if file is None:
            _check_macros(tree, self.report)
            branches = read_branches(tree, names.meaning, self.report)
            file = ConditionalFile(tree, mistakes, branches, names.numbers)
            self.files[name] = file
            for branch in branches:
                for condition, _wanted in branch.guard or ():
                    self.listed.update(dict.fromkeys(condition.macros))
        else:
            names.check_again(file.numbers, self.report)
        return cut(tree, file.branches, {**self.given, **self.macros})


class _Names:
    """What the names in the conditions of one file mean."""

    def __init__(
        self,
        cases: Cases,
        tree: File,
        definitions: Definitions | None,
        imports: Elsewhere,
        headers: Elsewhere,
    ) -> None:
        self.numbers: dict[str, tuple[int, bool]] = {}
        self._cases = cases
        self._tree = tree
        self._definitions = definitions
        self._imports = imports
        self._headers = headers
        self._listed = {name.text for name in tree.macros}
        for name in self._listed:
            self._use(name)

    def meaning(self, word: Word, *, in_defined: bool) -> tuple[int, bool] | None:
        """Return the number that the name *word* stands for; None for a listed macro.

        Raises:
            ConditionError: It is neither, or can't decide about anything.
        """
        name = word.text
        if name in self._listed:
            return None
        defined = self._cases._defined.get(name)  # noqa: SLF001 -- of this module
        if defined is not None:
            self._use(name)
            return (1, False) if in_defined else defined
        if name in self._cases._undefined:  # noqa: SLF001 -- of this module
            return 0, False
        if name in self.numbers and not in_defined:
            return self.numbers[name]
        constant = self._constant(name, word)
        if constant is None:
            raise self._unlisted(word)
        if in_defined:
            raise ConditionError(
                f"`{name}` is a constant, and always defined", word.start, word.end
            )
        number = constant.value, not promote(constant.type).signed
        self.numbers[name] = number
        return number

    def check_again(self, numbers: dict[str, tuple[int, bool]], report: Report) -> None:
        """Report a constant among *numbers* that is another number in this case."""
        if not any(isinstance(item, (IncludeItem, ImportItem)) for item in self._tree.items):
            return
        for name, number in numbers.items():
            constant = self._constant(name, None)
            if constant is None or (constant.value, not promote(constant.type).signed) != number:
                where = next(
                    token.span
                    for when in self._tree.whens
                    for branch in when.branches
                    if branch.condition is not None
                    for token in branch.condition.parts
                    if token.text == name
                )
                error = self._circular(Word(name, where.start, where.end))
                if not any(where == known.span for known in report):
                    report.error("condition", error.message, where, help=error.help)

    def _use(self, name: str) -> None:
        if self._definitions is not None:
            self._definitions.use(name)

    def _constant(self, name: str, word: Word | None) -> Constant | None:
        """Return the constant or enumerator *name*, as far as it depends on no condition.

        Raises:
            ConditionError: It does depend on one.
        """
        file = self._tree
        always = outside(file, self._branches())
        scope = Scope(Report())
        scope.collect(always.items)
        prelude = Prelude.shared()
        imports = self._imports(always)
        is_here = name in scope.ordinary or any(p.find_constant(name) for p in imports)
        if not (is_here or prelude.find_constant(name)):
            if word is not None and self._is_conditional(name):
                raise self._circular(word)
            return None
        providers = imports
        constant = self._resolved(always, name, providers)
        if constant is None and any(isinstance(item, IncludeItem) for item in always.items):
            providers = [*imports, *self._headers(always)]
            constant = self._resolved(always, name, providers)
        if constant is None and word is not None:
            raise self._circular(word)
        return constant

    def _resolved(self, tree: File, name: str, providers: list[Provider]) -> Constant | None:
        """Return what the constant *name* of *tree* comes to, or None after an error."""
        report = Report()
        resolver = Resolver(tree, report, providers, Prelude.shared())
        resolver.definitions = self._definitions
        resolver.scope.collect(tree.items)
        span = Span(tree.source, 0, 0)
        expression = resolver.expression(ExpressionNode((Token("NAME", name, span),), span))
        if expression is None:
            return None
        return resolver.constant(Token("NAME", name, span))

    def _branches(self) -> tuple[Branch, ...]:
        """Return every branch, whatever its condition says."""
        return tuple(
            Branch(branch.span.start, branch.span.end, None, branch.span)
            for when in self._tree.whens
            for branch in when.branches
        )

    def _is_conditional(self, name: str) -> bool:
        """Return whether some branch declares *name*."""
        scope = Scope(Report())
        scope.collect(self._tree.items)
        return name in scope.ordinary

    def _circular(self, word: Word) -> ConditionError:
        return ConditionError(
            f"`{word.text}` depends on a condition itself, so no condition can ask for it",
            word.start,
            word.end,
            "ask for what decides about it",
        )

    def _unlisted(self, word: Word) -> ConditionError:
        scope = Scope(Report())
        scope.collect(self._tree.items)
        constants = [n for n, e in scope.ordinary.items() if e.kind in ("const", "enumerator")]
        near = closest(word.text, [*self._listed, *constants])
        span = Span(self._tree.source, word.start, word.end)
        message = f"`{word.text}` is neither a constant nor a macro that this file lists"
        if near:
            advice = f"did you mean `{near}`?"
            return ConditionError(message, word.start, word.end, advice, (Edit(span, near),))
        listed = self._tree.macros
        if listed:
            after = listed[-1].span
            at = Span(after.source, after.end, after.end)
            edits: tuple[Edit, ...] = (Edit(at, f", {word.text}"),)
        else:
            edits = at_the_top(self._tree, f"macro {word.text};")
        return ConditionError(
            message,
            word.start,
            word.end,
            f"list it, `macro {word.text};`, or decide it with -D {word.text}=VALUE"
            f" or -U {word.text}",
            edits,
            changes_meaning=True,
        )


_PREPROCESSORS = ("defined", "KERNEL_VERSION", "__has_include", "__has_embed", "__has_c_attribute")
"""What a condition has a meaning for, so that no macro is called so."""


def _check_macros(tree: File, report: Report) -> None:
    """Report the macros that *tree* lists and that can't be macros of its programs."""
    scope = Scope(Report())
    scope.collect(tree.items)
    for name in tree.macros:
        entry = scope.ordinary.get(name.text) or scope.tags.get(name.text)
        if name.text in _PREPROCESSORS:
            report.error("condition", f"no macro can be called `{name.text}`", name.span)
        elif entry is not None:
            report.error(
                "duplicate-name",
                f"`{name.text}` is listed as a macro, and a declaration has the name as well",
                entry.span,
                labels=(Label(name.span, "listed here"),),
                notes=("C would put the value of the macro in its place",),
                help="rename the declaration, or take the name off the list",
            )
        else:
            check_word(name, report)
