"""Names to what they mean, for one file: its own declarations first, then the providers.

The functions beside it ask here and never look into the scope's entries for a value. Each
use of a declaration of the same file is noted as an edge, for the order of the output. A name that
nobody declares is reported once; for who repairs it, at each of its places.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    BOOL,
    Composite,
    Constant,
    Enum,
    Named,
    Typedef,
    underlying,
)
from bpfgen.model.maps import Template
from bpfgen.record import TYPE_CHECKING
from bpfgen.resolve.scope import (
    UNDER_WAY,
    UNKNOWN,
    Scope,
    announced_kind,
)
from bpfgen.text.diagnostics import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import ParamSpec, TypeVar

    from bpfgen.ctype.types import Expression, Type
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.resolve.definitions import Definitions
    from bpfgen.resolve.provider import BuiltIn, Provider
    from bpfgen.resolve.references import References
    from bpfgen.resolve.scope import Entry
    from bpfgen.syntax.tree import (
        AttributeNode,
        CompositeNode,
        ExpressionNode,
        File,
        Token,
        TypeNode,
    )
    from bpfgen.text.diagnostics import Report

    P = ParamSpec("P")
    T = TypeVar("T")

LEVELS_ON_A_STACK = 35
"""How many levels are resolved on one stack; each takes some ten frames."""


class Lookup:
    """Who declares what, as one file sees it; :class:`bpfgen.resolve.file.Resolver` completes it.

    Attributes:
        providers: Where foreign names come from, asked in order, before the prelude.
        origin: The origin of the constants that the file declares.
        since: The kernel that has what the file declares; None for the user's own.
        edges: Item -> the items that it needs before it.
        foreign_types: What the providers were asked for and had.
        definitions: What replaces the value of a `const`, or None.
        references: Where uses of names are noted, or None where nobody wants to know.
        keep_repeated: A name that nobody declares is reported wherever an edit repairs it.
    """

    def __init__(
        self, tree: File, report: Report, providers: list[Provider], prelude: BuiltIn | None
    ) -> None:
        self.tree = tree
        self.report = report
        self.providers = providers
        self.prelude = prelude
        self.scope = Scope(report)
        self.origin = "declared"
        self.since: KernelVersion | None = None
        self.definitions: Definitions | None = None
        self.relax_compat = False
        self.references: References | None = None
        self.keep_repeated = False
        self.edges: dict[int, dict[int, None]] = {}
        self.foreign_types: dict[tuple[str, str], Type] = {}
        self._known_typedefs: dict[str, Type] = {}
        self._untagged: dict[int, Type] = {}  # by the identity of their nodes
        self._under_way: list[Entry] = []
        self._item = -1
        self._level = 0
        self._complained: dict[str, tuple[str, int]] = {}

    def entry_value(self, entry: Entry) -> object:
        """Return what *entry* comes to, resolving it if need be; None or Unknown after an error."""
        raise NotImplementedError

    def expression(self, node: ExpressionNode) -> Expression | None:
        """Return what *node* comes to, or None after an error."""
        raise NotImplementedError

    def type_node(self, node: TypeNode) -> Type:
        """Return the type that *node* writes."""
        raise NotImplementedError

    def composite(self, node: CompositeNode, trailing: Sequence[AttributeNode]) -> Type:
        """Return the struct or union without a tag whose body *node* is."""
        raise NotImplementedError

    def entry_type(self, entry: Entry) -> Type:
        """Return the type that *entry* declares."""
        value = self.entry_value(entry)
        return UNKNOWN if value is None else value  # type: ignore[return-value]

    def nested(self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
        """Return what *function* does; it resolves a level of what may be nested 200 deep."""
        self._level += 1
        try:
            if self._level % LEVELS_ON_A_STACK:
                return function(*arguments, **named)
            from bpfgen.resolve.stack import on_a_fresh_stack

            return on_a_fresh_stack(function, *arguments, **named)
        finally:
            self._level -= 1

    def _use(self, entry: Entry, name: Token | None = None) -> None:
        """Note that the item being resolved needs that of *entry* before it; *name* says so."""
        if self.references is not None and name is not None:
            self.references.note(name.span, entry)
        if entry.item != self._item and self._item >= 0:
            self.edges.setdefault(self._item, {})[entry.item] = None

    def named_type(self, name: Token, *, by_value: bool, weak: bool = False) -> Type:
        """Return the typedef *name*, or else the struct, union or enum with that tag.

        *by_value* and *weak* as in :meth:`tagged_type`.
        """
        text = name.text
        known = self._known_typedefs.get(text)
        if known is not None:
            return known if by_value else by_name(known)
        entry = self.scope.ordinary.get(text)
        if entry is not None and entry.kind == "typedef":
            self._use(entry, name)
            self._warn_of_hidden_tag(name, entry)
            if not by_value:
                self._check_declared_before(name, entry)
                return Named("typedef", text)
            type_ = self.entry_type(entry)
            self._use_completed(type_)
            return type_
        foreign = self._foreign("typedef", name)
        if foreign is not None:
            self._warn_of_hidden_tag(name, foreign)
            if self.references is None:  # each use is noted there
                self._known_typedefs[text] = foreign
            return foreign if by_value else by_name(foreign)
        if text == "bool":  # the macro of <stdbool.h>, where nobody has a typedef
            return BOOL
        kind = self._kind_of_tag(text, self.all_providers())
        kind = kind or announced_kind(text, self.tree.items)
        if kind is None:
            return self._no_such_type(name)
        return self.tagged_type(kind, name, by_value=by_value, weak=weak)

    def _kind_of_tag(self, tag: str, providers: Iterable[Provider]) -> str | None:
        """Return `struct`, `union` or `enum`, as which *tag* is defined; None if it isn't.

        It is the file's own, or one of *providers* has it.
        """
        entry = self.scope.tags.get(tag)
        if entry is not None:
            return None if entry.kind == "template" else entry.kind
        kinds = ("struct", "union", "enum")
        found = (k for p in providers for k in kinds if p.find_type(k, tag) is not None)
        return next(found, None)

    def _warn_of_hidden_tag(self, name: Token, typedef: Entry | Type) -> None:
        """Warn, once, where *name* is that *typedef*, and there is a tag of that name, too."""
        if not self.is_new_complaint(f"typedef {name.text}"):
            return
        kind = self._kind_of_tag(name.text, self.providers)
        if kind is not None:
            from bpfgen.resolve.hidden_tags import warn_of_hidden_tag

            warn_of_hidden_tag(self.report, name, typedef, kind, self.scope.tags.get(name.text))

    def _check_declared_before(self, name: Token, entry: Entry) -> None:
        """Report a typedef that is used inside its own declaration, where C doesn't know it yet."""
        if entry.item != self._item:
            return
        itself = bool(self._under_way) and self._under_way[-1] is entry
        if itself or name.span.start < entry.span.start:
            self.report.error(
                "recursive-type",
                f"the typedef `{name.text}` is used in its own declaration",
                name.span,
                labels=(Label(entry.span, "declared here"),),
                notes=("C knows a typedef from the end of its declarator on",),
                help="give the struct a tag, and use that",
            )

    def _use_completed(self, type: Type) -> None:
        """Note that a typedef is used by value: C needs the struct that it names to be complete."""
        bare = underlying(type)
        if isinstance(bare, Composite) and bare.tag is not None:
            entry = self.scope.tags.get(bare.tag)
            if entry is not None:
                self._use(entry)

    def type_if_any(self, name: Token) -> Type | None:
        """Return the type *name* where it stands among constants; silent if it is none."""
        text = name.text
        entry = self.scope.ordinary.get(text)
        if entry is not None and entry.kind != "typedef":
            return None
        if entry is None and text != "bool" and self._foreign("typedef", name) is None:
            providers = self.all_providers()
            kind = self._kind_of_tag(text, providers)
            if kind is None or any(provider.find_constant(text) for provider in providers):
                return None
        return self.named_type(name, by_value=True)

    def tagged_type(self, kind: str, tag: Token, *, by_value: bool, weak: bool = False) -> Type:
        """Return `kind tag`: the definition if *by_value*, else its name.

        *weak*: it may stay undefined, and C needs it no earlier.
        """
        entry = self.scope.tags.get(tag.text)
        if entry is not None:
            if entry.kind != kind:
                from bpfgen.resolve.unknown_names import report_tag_kind

                report_tag_kind(self.report, kind, tag, entry)
                return UNKNOWN
            if self.references is not None:
                self.references.note(tag.span, entry)
            if not weak and (by_value or kind == "enum"):
                self._use(entry)
            if not by_value:
                return Named(kind, tag.text)
            if weak and entry.state == UNDER_WAY:
                return Named(kind, tag.text)
            return self.entry_type(entry)
        if not by_value:
            if self.references is not None:
                self._note_pointee(kind, tag)
            return Named(kind, tag.text)
        foreign = self._foreign(kind, tag)
        if foreign is not None:
            return foreign
        if weak:
            return Named(kind, tag.text)
        return self._no_such_type(tag, kind)

    def _note_pointee(self, kind: str, tag: Token) -> None:
        """Note whose type a pointer points to; it needn't be anybody's."""
        for provider in self.all_providers():
            if provider.find_type(kind, tag.text):
                self._note_foreign(tag, kind, provider)
                return

    def _note_foreign(self, name: Token, kind: str, provider: Provider) -> None:
        if self.references is not None:
            self.references.note_foreign(name, kind, provider)

    def _foreign(self, kind: str, name: Token) -> Type | None:
        """Return a type that the file doesn't declare itself, or None."""
        found = self.use_foreign(kind, name.text)
        if found is None:
            return None
        type_, provider = found
        self._note_foreign(name, kind, provider)
        return type_

    def use_foreign(self, kind: str, name: str) -> tuple[Type, Provider] | None:
        """Return a type that the file doesn't declare itself, and who does; note its use."""
        for provider in self.providers:
            type_ = provider.find_type(kind, name)
            if type_ is not None:
                self.foreign_types[kind, name] = type_
                return type_, provider
        if self.prelude is not None:
            type_ = self.prelude.use_type(kind, name)
            if type_ is not None:
                return type_, self.prelude
        return None

    def _no_such_type(self, name: Token, kind: str = "") -> Type:
        if name.text not in self.tree.lost_names and self.is_unknown(name, kind or "type"):
            from bpfgen.resolve.unknown_names import report_unknown_type

            report_unknown_type(
                self.report, self.tree, self.scope, self.all_providers(), name, kind
            )
        return UNKNOWN

    def report_incomplete(self, name: Token, type: Named) -> None:
        """Report that the typedef *name*, of *type*, is held by value, and that has no definition.

        Once for each name, and not where the definition is under way: then it holds itself.
        """
        entry = self.scope.tags.get(type.name)
        if entry is None and self.is_new_complaint(f"incomplete {name.text}"):
            from bpfgen.resolve.unknown_names import report_incomplete

            what = f"`{name.text}` is `{type.kind} {type.name}`, which"
            report_incomplete(self.report, self.tree, name, what)

    def all_providers(self) -> list[Provider]:
        """Return the providers and the prelude, if there is one."""
        return [*self.providers, self.prelude] if self.prelude is not None else self.providers

    def constant(self, name: Token) -> Constant | None:
        """Return the constant or enumerator *name*; None after an error."""
        text = name.text
        entry = self.scope.ordinary.get(text)
        if entry is not None:
            if entry.kind not in ("const", "enumerator"):
                self.report.error(
                    "not-a-constant",
                    f"`{text}` is a {entry.kind}, and a constant is wanted here",
                    name.span,
                    labels=(Label(entry.span, "declared here"),),
                )
                return None
            self._use(entry, name)
            if entry.kind == "enumerator" and entry.value is not None:
                return entry.value  # type: ignore[no-any-return]
            value = self.entry_value(entry)
            return value if isinstance(value, Constant) else None
        for provider in self.providers:
            constant = provider.find_constant(text)
            if constant is not None:
                self._note_foreign(name, "constant", provider)
                return constant
        if self.prelude is not None:
            constant = self.prelude.use_constant(text)
            if constant is not None:
                self._note_foreign(name, "constant", self.prelude)
                return constant
        if text not in self.tree.lost_names and self.is_unknown(name, "constant"):
            from bpfgen.resolve.unknown_names import report_unknown_constant

            report_unknown_constant(self.report, self.tree, self.scope, self.all_providers(), name)
        return None

    def is_new_complaint(self, name: str) -> bool:
        """Return whether nobody complained yet that *name* is nowhere, and note that it is done."""
        if name in self._complained:
            return False
        self._complained[name] = "", 0
        return True

    def is_unknown(self, name: Token, kind: str) -> bool:
        """Return whether nobody complained yet that there is no *kind* called *name*; note it.

        What was said of it is said again of this place where that is wanted and an edit repairs it.
        """
        diagnostics = self.report.diagnostics
        first = self._complained.get(name.text)
        if first is None:
            self._complained[name.text] = kind, len(diagnostics)
            return True
        if self.keep_repeated and first[0] == kind:
            from bpfgen.resolve.unknown_names import said_again

            self.report.extend(said_again(diagnostics[first[1] :][:1], name))
        return False

    def template(self, name: Token) -> Template | None:
        """Return the template *name*, or None; silent."""
        entry = self.scope.tags.get(name.text)
        if entry is not None and entry.kind == "template":
            self._use(entry, name)
            value = self.entry_value(entry)
            return value if isinstance(value, Template) else None
        for provider in self.providers:
            template = provider.find_template(name.text)
            if template is not None:
                self._note_foreign(name, "template", provider)
                return template
        return None

    def is_template(self, name: str) -> bool:
        """Return whether *name* is a template, well-formed or not."""
        entry = self.scope.tags.get(name)
        if entry is not None:
            return entry.kind == "template"
        return any(provider.find_template(name) is not None for provider in self.providers)

    def slot_target(self, name: Token) -> object:
        """Return the map or program *name* for a slot; None if there is none or it is broken."""
        entry = self.scope.ordinary.get(name.text)
        if entry is not None:
            self._use(entry, name)
            return self.entry_value(entry)
        for provider in self.providers:
            map_ = provider.find_map(name.text)
            if map_ is not None:
                self._note_foreign(name, "map", provider)
                return map_
        return None


def by_name(type: Type) -> Type:
    """Return the type that a foreign name stands for, as it is behind a pointer.

    A header may have a macro for the name, so that it needn't be a typedef.
    """
    if isinstance(type, Typedef):
        return Named("typedef", type.name)
    if isinstance(type, (Composite, Enum)) and type.tag is not None:
        return Named("enum" if isinstance(type, Enum) else type.kind, type.tag)
    return type
