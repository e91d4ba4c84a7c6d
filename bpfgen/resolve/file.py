"""Tree to model: names, constants, types and maps of one file.

A declaration is resolved when something needs it, and at the latest in its turn, so a file may
declare things in any order. Three ideas carry the rest:

Where a name is looked up is a chain. First the file itself, then the files it imports, then the C
headers it includes, then the prelude. Each link but the first is a *provider*; this module knows
nothing of compilers or files.

What needs what is noted on the way: while a declaration is being resolved, each use of another one
of the same file is an edge. From the edges comes the order of the output, since C wants things
declared before they are used (:mod:`bpfgen.resolve.order`).

An error is reported where it is and leaves an `Unknown` type or no value behind; whatever meets
one of those says nothing more.
"""

from __future__ import annotations

from bpfgen.ctype.types import (
    Composite,
    Constant,
    Enum,
    FuncProto,
    Named,
    Typedef,
    Unknown,
)
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import (
    VMLINUX,
    ConstantDeclaration,
    Include,
    Model,
    ProgramDeclaration,
    TypeDeclaration,
)
from bpfgen.record import TYPE_CHECKING, assert_never
from bpfgen.resolve.bodies import composite_body, enum_body, typedef, typedef_attributes
from bpfgen.resolve.declaration_attributes import (
    TYPEDEF,
    attributes_beside,
    attributes_within,
    check_stray_attributes,
    declaration_attributes,
)
from bpfgen.resolve.expressions import resolve_expression
from bpfgen.resolve.lookup import Lookup
from bpfgen.resolve.maps import resolve_map, resolve_template
from bpfgen.resolve.order import in_c_order
from bpfgen.resolve.scope import (
    DONE,
    UNDER_WAY,
    UNKNOWN,
    ProgramNode,
    TypedefNode,
    declares_nothing,
)
from bpfgen.resolve.types import declare
from bpfgen.syntax.tree import (
    CompositeNode,
    ConstItem,
    DeclarationItem,
    EnumeratorNode,
    EnumNode,
    ImportItem,
    IncludeItem,
    MapItem,
    TargetItem,
    TemplateItem,
)
from bpfgen.text.source import NESTING_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bpfgen.ctype.types import Expression, Type
    from bpfgen.model.model import Aim, Declaration, Import
    from bpfgen.resolve.definitions import Definitions
    from bpfgen.resolve.provider import BuiltIn, Provider
    from bpfgen.resolve.references import References
    from bpfgen.resolve.scope import Entry
    from bpfgen.syntax.tree import AttributeNode, Base, ExpressionNode, File, Item, TypeNode
    from bpfgen.text.diagnostics import Report


def resolve(  # noqa: PLR0913 -- the tree, and all that decides what it means
    tree: File,
    report: Report,
    prelude: BuiltIn,
    *,
    imports: Sequence[Import] = (),
    providers: Sequence[Provider] = (),
    definitions: Definitions | None = None,
    relax_compat: bool = False,
    references: References | None = None,
    keep_repeated: bool = False,
) -> Model:
    """Return the model of *tree*; what is wrong in it is reported.

    Args:
        prelude: The names that every file has.
        imports: The imported files' models, as the model will name them.
        providers: Where foreign names come from, asked in order; the prelude is asked last.
        definitions: `-D NAME=VALUE`: what replaces the value of a `const`.
        relax_compat: Unknown attributes of maps are left out with a warning.
        references: Where each use of a name is noted, for who wants to know.
        keep_repeated: A name that nobody declares is reported wherever an edit repairs it.
    """
    resolver = Resolver(tree, report, [*providers], prelude)
    resolver.definitions = definitions
    resolver.relax_compat = relax_compat
    resolver.references = references
    resolver.keep_repeated = keep_repeated
    return resolver.run(imports)


class Resolver(Lookup):
    """Resolves one file: hands a thing to the module that knows it, keeps what it came to."""

    # The file.

    def run(self, imports: Iterable[Import]) -> Model:
        """Return the model of the whole file."""
        tree = self.tree
        self.scope.collect(tree.items)
        if self.references is not None:
            self.references.enter(tree.source.name, self.scope)
        self._check_clashes()
        declarations: dict[int, list[Declaration]] = {}
        includes: list[Include] = []
        targets: list[TargetItem] = []
        for number, item in enumerate(tree.items):
            self._item = number
            if isinstance(item, IncludeItem):
                path = VMLINUX if item.is_kernel else item.path
                includes.append(Include(path, item.span, item.is_kernel))
            elif isinstance(item, TargetItem):
                targets.append(item)
            elif not isinstance(item, ImportItem):
                declarations[number] = list(self._item_declarations(item, number))
        self._item = -1
        order, cut = in_c_order(sorted(declarations), self.edges)
        if cut and not self.report.failed:
            self._no_order(*cut[0])
        ordered = [declaration for number in order for declaration in declarations[number]]
        types: dict[tuple[str, str], Type] = dict(self.foreign_types)
        for tag, entry in self.scope.tags.items():
            if entry.state == DONE and isinstance(entry.value, (Composite, Enum)):
                types[entry.kind, tag] = entry.value
        for name, entry in self.scope.ordinary.items():
            if entry.kind == "typedef" and isinstance(entry.value, Typedef):
                types["typedef", name] = entry.value
        prelude = self.prelude
        return Model(
            tree.source.name,
            tree.doc,
            self._targets(targets),
            tuple(includes),
            tuple(imports),
            tuple(ordered),
            prelude.used_types() if prelude else (),
            prelude.used_constants() if prelude else (),
            types,
        )

    def _check_clashes(self) -> None:
        """Report what the file declares although somebody visible with it declares it, too."""
        for provider in self.all_providers():
            for names, tag in ((self.scope.tags, True), (self.scope.ordinary, False)):
                for name, entry in names.items():
                    owner = provider.declares(name, tag=tag)
                    if not owner:
                        continue
                    notes: tuple[str, ...] = ()
                    if entry.kind == "map":
                        notes = ("an imported map is extern here: its own file alone defines it",)
                    self.report.error(
                        "duplicate-name",
                        f"`{name}` is declared by {owner}",
                        entry.span,
                        notes=notes,
                        help="leave this declaration out, or rename it",
                    )

    def _targets(self, items: list[TargetItem]) -> dict[str, Aim]:
        """Return what the file aims at."""
        if not items:
            return {}
        # Only a file that aims at something pays for this import.
        from bpfgen.resolve.targets import resolved_targets

        return resolved_targets(items, self.report)

    def _item_declarations(self, item: Item, number: int) -> Iterable[Declaration]:
        """Yield what *item* declares, resolved."""
        if isinstance(item, ConstItem):
            entry = self.scope.ordinary.get(item.name.text)
            if entry is not None and entry.node is item:
                constant = self.entry_value(entry)
                if isinstance(constant, Constant):
                    yield ConstantDeclaration(constant, item.doc, item.span)
        elif isinstance(item, DeclarationItem):
            yield from self._declaration(item, number)
        elif isinstance(item, TemplateItem):
            entry = self.scope.tags.get(item.name.text)
            if entry is not None and entry.node is item:
                template = self.entry_value(entry)
                if isinstance(template, Template):
                    yield template
        elif isinstance(item, MapItem):
            entry = self.scope.ordinary.get(item.name.text)
            if entry is not None and entry.node is item:
                map_ = self.entry_value(entry)
                if isinstance(map_, Map):
                    yield map_
        elif not isinstance(item, (IncludeItem, ImportItem, TargetItem)):
            assert_never(item)

    def _declaration(self, item: DeclarationItem, number: int) -> Iterable[Declaration]:
        """Yield the types and programs of one C declaration; nested tags come out first."""
        entries = self.scope.item_entries.get(number, [])
        base = item.specifiers.base
        # Nested bodies are entered after the one that holds them, and C wants them before it.
        for entry in reversed(entries):
            if entry.kind in ("struct", "union", "enum"):
                value = self.entry_type(entry)
                if entry.node is not base and isinstance(value, (Composite, Enum)):
                    yield TypeDeclaration(value, span=entry.span)
        if declares_nothing(item):
            from bpfgen.resolve.stray import report_stray

            report_stray(self, item)
            return
        defines = self._outer_type(base, entries)
        typedefs, tags = self._typedefs(entries)
        for entry in entries:
            if entry.kind == "program":
                program = self.entry_value(entry)
                if isinstance(program, ProgramDeclaration):
                    yield program
        if isinstance(defines, Unknown):
            return
        if isinstance(base, CompositeNode) and base.members is None and not item.declarators:
            if base.tag is not None and item.storage != "broken":
                forward = Named(base.kind, base.tag.text)
                yield TypeDeclaration(None, (), forward, (), item.doc, item.span)
            return
        if defines is not None or typedefs:
            yield TypeDeclaration(
                defines if isinstance(defines, (Composite, Enum)) else None,
                tuple(typedefs),
                None,
                tuple(tags),
                item.doc,
                item.span,
            )

    def _outer_type(self, base: Base, entries: list[Entry]) -> Type | None:
        """Return the type whose body *base* is, with or without a tag; None where it is no body."""
        outer = next((entry for entry in entries if entry.node is base), None)
        if outer is None and isinstance(base, EnumNode) and base.enumerators is not None:
            outer = self.scope.enums.get(id(base))
        return self.entry_type(outer) if outer is not None else None

    def _typedefs(self, entries: list[Entry]) -> tuple[list[Typedef], list[tuple[str, ...]]]:
        """Return the typedefs among *entries*, and the declaration tags of each."""
        typedefs: list[Typedef] = []
        tags: list[tuple[str, ...]] = []
        for entry in entries:
            if isinstance(entry.node, TypedefNode):
                type_ = self.entry_type(entry)
                if isinstance(type_, Typedef):
                    typedefs.append(type_)
                    nodes = [a for a in typedef_attributes(entry.node) if a.name == "btf_decl_tag"]
                    attributes = declaration_attributes(self, nodes, TYPEDEF)
                    tags.append(attributes.decl_tags if attributes else ())
        return typedefs, tags

    # What the other modules ask for.

    def expression(self, node: ExpressionNode) -> Expression | None:
        """Return what *node* comes to, or None after an error."""
        return resolve_expression(self, node)

    def type_node(self, node: TypeNode) -> Type:
        """Return the type that *node* writes."""
        check_stray_attributes(self, attributes_beside(node.specifiers))
        check_stray_attributes(self, attributes_within(node.declarator))
        return self.nested(declare, self, node.specifiers, node.declarator)

    def composite(self, node: CompositeNode, trailing: Sequence[AttributeNode]) -> Type:
        """Return the struct or union without a tag whose body *node* is.

        For all that one declaration declares (`struct { … } a, *b;`) it is the same.
        """
        made = self._untagged.get(id(node))
        if made is None:
            made = self.nested(composite_body, self, node, trailing)
            self._untagged[id(node)] = made
        return made

    # Entries.

    def entry_value(self, entry: Entry) -> object:
        """Return what *entry* comes to, resolving it if need be; None or Unknown after an error."""
        if entry.state == DONE:
            return self._nested(entry)
        if entry.state == UNDER_WAY:
            from bpfgen.resolve.recursion import report_cycle

            report_cycle(self.report, self._under_way[self._under_way.index(entry) :])
            return UNKNOWN if entry.kind in ("struct", "union", "enum", "typedef") else None
        if len(self._under_way) >= NESTING_LIMIT:
            self._too_deep(entry)
            return UNKNOWN if entry.kind in ("struct", "union", "enum", "typedef") else None
        entry.state = UNDER_WAY
        outer_item = self._item
        self._item = entry.item
        self._under_way.append(entry)
        try:
            entry.value = self.nested(self._resolve_entry, entry)
        finally:
            self._under_way.pop()
            self._item = outer_item
        entry.state = DONE
        return self._nested(entry)

    def _nested(self, entry: Entry) -> object:
        """Return the value of *entry*, which is done, unless that nests types too deep."""
        if self._under_way and entry.kind in ("struct", "union", "typedef", "template"):
            outer = self._under_way[-1]
            outer.depth = max(outer.depth, entry.depth + 1)
            if outer.depth > NESTING_LIMIT:
                self._too_deep(outer)
                return UNKNOWN
        return entry.value

    def _no_order(self, item: int, need: int) -> None:
        """Report that two items need each other; one that declares nothing is needed by none."""
        first, second = (self.scope.item_entries.get(number, [None])[0] for number in (need, item))
        if first is not None and second is not None:
            from bpfgen.resolve.recursion import report_no_order

            report_no_order(self.report, first, second)

    def _too_deep(self, entry: Entry) -> None:
        if self.is_new_complaint("nesting"):
            from bpfgen.resolve.recursion import report_too_deep

            report_too_deep(self.report, entry)

    def _resolve_entry(self, entry: Entry) -> object:
        node = entry.node
        if isinstance(node, CompositeNode):
            return composite_body(self, node, entry.trailing, self._item_doc(entry))
        if isinstance(node, EnumNode):
            return enum_body(self, node, entry.trailing)
        if isinstance(node, TypedefNode):
            assert entry.name is not None
            return typedef(self, node, entry.name)
        if isinstance(node, ConstItem):
            return self._constant_value(node)
        if isinstance(node, EnumeratorNode):
            assert entry.owner is not None
            self.entry_value(entry.owner)
            return entry.value
        if isinstance(node, ProgramNode):
            return self._program(entry, node)
        if isinstance(node, TemplateItem):
            return resolve_template(self, node)
        if isinstance(node, MapItem):
            return resolve_map(self, node)
        assert_never(node)

    def _item_doc(self, entry: Entry) -> str:
        item = self.tree.items[entry.item]
        return item.doc if isinstance(item, DeclarationItem) else ""

    def _constant_value(self, node: ConstItem) -> Constant | None:
        expression = None
        if self.definitions is not None:
            expression = self.definitions.use(node.name.text)
        if expression is None:
            expression = self.expression(node.value)
        if expression is None:
            return None
        return Constant(
            node.name.text,
            expression.value,
            expression.type,
            self.origin,
            expression,
            is_macro=True,
            since=self.since,
            doc=node.doc,
            span=node.name.span,
        )

    def _program(self, entry: Entry, node: ProgramNode) -> ProgramDeclaration | None:
        type_ = declare(self, node.specifiers, node.declarator, named=True)
        if not isinstance(type_, FuncProto):
            return None
        check_stray_attributes(self, attributes_beside(node.specifiers))
        check_stray_attributes(self, attributes_within(node.declarator))
        return ProgramDeclaration(entry.span.text, type_, self._item_doc(entry), entry.span)
