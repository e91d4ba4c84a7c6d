"""Tree to model: names, constants, types and maps of one file.

A declaration is resolved when something needs it, and at the latest in its turn, so a file may
declare things in any order. Three ideas carry the rest:

Where a name is looked up is a chain. First the file itself, then the files it imports, then the C
headers it includes, then the prelude. Each link but the first is a *provider*; this module knows
nothing of compilers or files.

What needs what is noted on the way: while a declaration is being resolved, each use of another one
of the same file is an edge. From the edges comes the order of the output, since C wants things
declared before they are used (:mod:`bpfgen.model.order`).

An error is reported where it is and leaves an `Unknown` type or no value behind; whatever meets
one of those says nothing more.
"""

from __future__ import annotations

from bpfgen.diagnostics import Label
from bpfgen.model.kernel import parse_version
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import (
    ConstantDeclaration,
    Include,
    Model,
    ProgramDeclaration,
    TypeDeclaration,
)
from bpfgen.model.order import in_c_order
from bpfgen.model.resolve_expressions import resolve_expression
from bpfgen.model.resolve_maps import resolve_map, resolve_template
from bpfgen.model.resolve_types import (
    UNKNOWN,
    composite_body,
    declaration_attributes,
    declare,
    enum_body,
    typedef,
)
from bpfgen.model.scope import C_KEYWORDS, DONE, UNDER_WAY, Entry, Scope
from bpfgen.model.types import (
    Composite,
    Constant,
    Enum,
    FuncProto,
    Named,
    Typedef,
    Unknown,
    underlying,
)
from bpfgen.record import TYPE_CHECKING
from bpfgen.syntax.tree import (
    CompositeNode,
    ConstItem,
    DeclarationItem,
    EnumNode,
    ImportItem,
    IncludeItem,
    MapItem,
    TargetItem,
    TemplateItem,
    Token,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bpfgen.diagnostics import Report
    from bpfgen.model.kernel import KernelVersion
    from bpfgen.model.model import Declaration, Import
    from bpfgen.model.prelude import Prelude
    from bpfgen.model.scope import Provider
    from bpfgen.model.types import Expression, Type
    from bpfgen.syntax.tree import ExpressionNode, File, Item, TypeNode

DEEPEST_TYPE = 200
"""How many types may be nested by value; a limit, so that no later stage can run out of stack."""


def resolve(
    tree: File,
    report: Report,
    *,
    imports: Sequence[Import] = (),
    providers: Sequence[Provider] = (),
    definitions: Mapping[str, Expression] | None = None,
    relax_compat: bool = False,
) -> Model:
    """Return the model of *tree*; what is wrong in it is reported.

    Args:
        imports: The imported files' models, as the model will name them.
        providers: Where foreign names come from, asked in order; the prelude is asked last.
        definitions: `-D NAME=VALUE`: what replaces the value of a `const`.
        relax_compat: Unknown attributes of maps are left out with a warning.
    """
    from bpfgen.model.prelude import Prelude

    prelude = Prelude.shared()
    resolver = Resolver(tree, report, [*providers], prelude)
    resolver.definitions = dict(definitions or {})
    resolver.relax_compat = relax_compat
    return resolver.run(imports)


class Resolver:
    """The state of resolving one file; the functions of resolve_*.py work on it."""

    def __init__(
        self, tree: File, report: Report, providers: list[Provider], prelude: Prelude | None
    ) -> None:
        self.tree = tree
        self.report = report
        self.providers = providers
        self.prelude = prelude
        self.scope = Scope(report)
        self.origin = "declared"
        self.since: KernelVersion | None = None
        self.definitions: dict[str, Expression] = {}
        self.relax_compat = False
        self.edges: dict[int, dict[int, None]] = {}
        self.foreign_types: dict[tuple[str, str], Type] = {}
        self._under_way: list[Entry] = []
        self._item = -1
        self._complained: set[str] = set()

    # The file.

    def run(self, imports: Iterable[Import]) -> Model:
        """Return the model of the whole file."""
        tree = self.tree
        self.scope.collect(tree.items)
        self._check_clashes()
        declarations: dict[int, list[Declaration]] = {}
        includes: list[Include] = []
        target: KernelVersion | None = None
        for number, item in enumerate(tree.items):
            self._item = number
            if isinstance(item, IncludeItem):
                includes.append(Include(item.path, item.span))
            elif isinstance(item, TargetItem):
                target = self._target(item) or target
            elif not isinstance(item, ImportItem):
                declarations[number] = list(self._item_declarations(item, number))
        self._item = -1
        for name, expression in self.definitions.items():
            self._check_definition(name, expression)
        ordered = [
            declaration
            for number in in_c_order(sorted(declarations), self.edges)
            for declaration in declarations[number]
        ]
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
            target,
            tuple(includes),
            tuple(imports),
            tuple(ordered),
            prelude.used_types() if prelude else (),
            prelude.used_constants() if prelude else (),
            types,
        )

    def _check_clashes(self) -> None:
        """Report what the file declares although somebody visible with it declares it, too."""
        for provider in self._all_providers():
            for names, tag in ((self.scope.tags, True), (self.scope.ordinary, False)):
                for name, entry in names.items():
                    owner = provider.declares(name, tag=tag)
                    if not owner:
                        continue
                    notes = ()
                    if entry.kind == "map":
                        notes = ("an imported map is extern here: its own file alone defines it",)
                    self.report.error(
                        "duplicate-name",
                        f"`{name}` is declared by {owner}",
                        entry.span,
                        notes=notes,
                        help="leave this declaration out, or rename it",
                    )

    def _target(self, item: TargetItem) -> KernelVersion | None:
        if item.name.text != "kernel":
            self.report.error(
                "target",
                f"`{item.name.text}` is no target: only a kernel can be aimed at",
                item.name.span,
                help="write `target kernel >= 5.15;`",
            )
            return None
        version = parse_version(item.version.text)
        if version is None:
            self.report.error(
                "target",
                f"`{item.version.text}` is no kernel version",
                item.version.span,
                help="write two numbers, as in `5.15`",
            )
        return version

    def _check_definition(self, name: str, expression: Expression) -> None:
        entry = self.scope.ordinary.get(name)
        if entry is None or entry.kind != "const":
            from bpfgen.spelling import did_you_mean

            names = [n for n, e in self.scope.ordinary.items() if e.kind == "const"]
            self.report.error(
                "definition",
                f"`-D {name}` replaces no constant of this file",
                expression.span,
                help=did_you_mean(name, names),
                severity="warning",
            )

    def _item_declarations(self, item: Item, number: int) -> Iterable[Declaration]:
        """Yield what *item* declares, resolved."""
        if isinstance(item, ConstItem):
            entry = self.scope.ordinary.get(item.name.text)
            if entry is not None and entry.node is item:
                constant = self._entry_value(entry)
                if isinstance(constant, Constant):
                    yield ConstantDeclaration(constant, item.doc, item.span)
        elif isinstance(item, DeclarationItem):
            yield from self._declaration(item, number)
        elif isinstance(item, TemplateItem):
            entry = self.scope.tags.get(item.name.text)
            if entry is not None and entry.node is item:
                template = self._entry_value(entry)
                if isinstance(template, Template):
                    yield template
        elif isinstance(item, MapItem):
            entry = self.scope.ordinary.get(item.name.text)
            if entry is not None and entry.node is item:
                map_ = self._entry_value(entry)
                if isinstance(map_, Map):
                    yield map_

    def _declaration(self, item: DeclarationItem, number: int) -> Iterable[Declaration]:
        """Yield the types and programs of one C declaration; nested tags come out first."""
        entries = self.scope.item_entries.get(number, [])
        base = item.specifiers.base
        outer: Entry | None = None
        # Nested bodies are entered after the one that holds them, and C wants them before it.
        for entry in reversed(entries):
            if entry.kind in ("struct", "union", "enum"):
                value = self.entry_type(entry)
                if entry.node is base:
                    outer = entry
                elif not isinstance(value, Unknown):
                    doc = item.doc if entry.node is base else ""
                    yield TypeDeclaration(value, doc=doc, span=entry.span)  # type: ignore[arg-type]
        defines: Type | None = None
        if outer is not None:
            defines = self.entry_type(outer)
        elif isinstance(base, EnumNode) and base.enumerators is not None:
            anonymous = self.scope.enums.get(id(base))
            defines = self.entry_type(anonymous) if anonymous is not None else None
        elif isinstance(base, CompositeNode) and base.members is not None and base.tag is None:
            if item.storage != "typedef":
                self.report.error(
                    "declaration",
                    f"this {base.kind} has no tag, so nothing can use it",
                    base.span,
                    help=f"name it: `{base.kind} name {{ … }};`",
                )
                return
        typedefs: list[Typedef] = []
        tags: list[tuple[str, ...]] = []
        for entry in entries:
            if entry.kind == "typedef":
                value = self.entry_type(entry)
                if isinstance(value, Typedef):
                    typedefs.append(value)
                    attributes = declaration_attributes(self, entry.node.declarator.attributes)
                    tags.append(attributes.decl_tags if attributes else ())
            elif entry.kind == "program":
                value = self._entry_value(entry)
                if isinstance(value, ProgramDeclaration):
                    yield value
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

    # Entries.

    def _entry_value(self, entry: Entry) -> object:
        """Return what *entry* comes to, resolving it if need be; None or Unknown after an error."""
        if entry.state == DONE:
            return self._nested(entry)
        if entry.state == UNDER_WAY:
            self._report_cycle(entry)
            return UNKNOWN if entry.kind in ("struct", "union", "enum", "typedef") else None
        if len(self._under_way) >= DEEPEST_TYPE:
            self._too_deep(entry)
            return UNKNOWN if entry.kind in ("struct", "union", "enum", "typedef") else None
        entry.state = UNDER_WAY
        outer_item = self._item
        self._item = entry.item
        self._under_way.append(entry)
        try:
            entry.value = self._resolve_entry(entry)
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
            if outer.depth > DEEPEST_TYPE:
                self._too_deep(outer)
                return UNKNOWN
        return entry.value

    def _too_deep(self, entry: Entry) -> None:
        if "nesting" not in self._complained:
            self._complained.add("nesting")
            self.report.error(
                "nesting",
                f"declarations are built on each other more than {DEEPEST_TYPE} levels deep",
                entry.span if entry.name else None,
                help="hold types by pointer, or spell some of the levels out",
            )

    def _resolve_entry(self, entry: Entry) -> object:
        if entry.kind in ("struct", "union"):
            doc = self._item_doc(entry)
            return composite_body(self, entry.node, entry.trailing, doc)
        if entry.kind == "enum":
            return enum_body(self, entry)
        if entry.kind == "typedef":
            return typedef(self, entry)
        if entry.kind == "const":
            return self._constant_value(entry)
        if entry.kind == "enumerator":
            assert entry.owner is not None
            self._entry_value(entry.owner)
            return entry.value
        if entry.kind == "program":
            return self._program(entry)
        if entry.kind == "template":
            return resolve_template(self, entry.node)
        return resolve_map(self, entry.node)

    def _item_doc(self, entry: Entry) -> str:
        item = self.tree.items[entry.item]
        return item.doc if isinstance(item, DeclarationItem) else ""

    def _report_cycle(self, entry: Entry) -> None:
        """Report that *entry* needs itself, with the chain through which it does."""
        chain = self._under_way[self._under_way.index(entry) :]
        if any(e.kind in ("const", "enumerator", "enum") for e in chain):
            names = [e.name.text for e in chain if e.name is not None]
            self.report.error(
                "recursive-constant",
                f"the value of `{names[0]}` depends on itself"
                + (f", through {' and '.join(f'`{n}`' for n in names[1:])}" if names[1:] else ""),
                entry.span if entry.name else None,
            )
            return
        others = tuple(
            Label(e.span, "through this") for e in chain[1:] if e.name is not None
        )
        name = entry.name.text if entry.name else ""
        if entry.kind in ("struct", "union"):
            message = f"`{entry.kind} {name}` holds itself by value, so it would never end"
            help_ = f"hold a pointer: `{entry.kind} {name} *`"
        else:
            message = f"the {entry.kind} `{name}` is defined by itself"
            help_ = ""
        code = "recursive-map" if entry.kind in ("map", "template") else "recursive-type"
        self.report.error(code, message, entry.span, labels=others, help=help_)

    def _constant_value(self, entry: Entry) -> Constant | None:
        node: ConstItem = entry.node
        replaced = self.definitions.get(node.name.text)
        expression = replaced if replaced is not None else self.expression(node.value)
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

    def _program(self, entry: Entry) -> ProgramDeclaration | None:
        node = entry.node
        type_ = declare(self, node.specifiers, node.declarator, named=True)
        if not isinstance(type_, FuncProto):
            return None
        return ProgramDeclaration(entry.span.text, type_, self._item_doc(entry), entry.span)

    # What resolve_*.py ask for.

    def expression(self, node: ExpressionNode) -> Expression | None:
        """Return what *node* comes to, or None after an error."""
        return resolve_expression(self, node)

    def type_node(self, node: TypeNode, *, lenient: bool = False) -> Type:
        """Return the type that *node* writes."""
        return declare(self, node.specifiers, node.declarator, lenient=lenient)

    def entry_type(self, entry: Entry) -> Type:
        """Return the type that *entry* declares."""
        value = self._entry_value(entry)
        return UNKNOWN if value is None else value  # type: ignore[return-value]

    def check_word(self, token: Token) -> None:
        """Report *token* if C keeps it for itself."""
        if token.text in C_KEYWORDS:
            self.report.error(
                "reserved-word",
                f"`{token.text}` is a keyword of C, so nothing can have that name in the output",
                token.span,
                help=f"rename it, to `{token.text}_` perhaps",
            )

    def _use(self, entry: Entry) -> None:
        """Note that the item being resolved needs the item of *entry* before it."""
        if entry.item != self._item and self._item >= 0:
            self.edges.setdefault(self._item, {})[entry.item] = None

    def named_type(self, name: Token, *, by_value: bool, lenient: bool) -> Type:
        """Return the typedef *name*, or with *lenient* the tagged type of that name."""
        text = name.text
        entry = self.scope.ordinary.get(text)
        if entry is not None and entry.kind == "typedef":
            self._use(entry)
            if not by_value:
                return Named("typedef", text)
            type_ = self.entry_type(entry)
            self._use_completed(type_)
            return type_
        if lenient and text in self.scope.tags and self.scope.tags[text].kind != "template":
            return self.tagged_type(self.scope.tags[text].kind, name, by_value=by_value)
        found = self._foreign("typedef", text)
        if found is not None:
            return found if by_value else Named("typedef", text)
        if lenient:
            for kind in ("struct", "union", "enum"):
                found = self._foreign(kind, text)
                if found is not None:
                    return found if by_value else Named(kind, text)
        return self._no_such_type(name)

    def _use_completed(self, type: Type) -> None:
        """Note that a typedef is used by value: C needs the struct that it names to be complete."""
        bare = underlying(type)
        if isinstance(bare, Composite) and bare.tag is not None:
            entry = self.scope.tags.get(bare.tag)
            if entry is not None:
                self._use(entry)

    def typedef_if_any(self, name: Token) -> Type | None:
        """Return the typedef *name* if there is one; silent if not."""
        entry = self.scope.ordinary.get(name.text)
        if entry is not None:
            if entry.kind != "typedef":
                return None
            self._use(entry)
            return self.entry_type(entry)
        return self._foreign("typedef", name.text)

    def tagged_type(self, kind: str, tag: Token, *, by_value: bool, weak: bool = False) -> Type:
        """Return `kind tag`: the definition if *by_value*, else its name.

        *weak*: it may stay undefined, and C needs it no earlier.
        """
        entry = self.scope.tags.get(tag.text)
        if entry is not None:
            if entry.kind != kind:
                self.report.error(
                    "tag-kind",
                    f"`{tag.text}` is a {entry.kind}, and `{kind} {tag.text}` is written here",
                    tag.span,
                    labels=(Label(entry.span, "declared here"),),
                    help=f"write `{entry.kind} {tag.text}`" if entry.kind != "template" else "",
                )
                return UNKNOWN
            if not weak and (by_value or kind == "enum"):
                self._use(entry)
            if not by_value:
                return Named(kind, tag.text)
            if weak and entry.state == UNDER_WAY:
                return Named(kind, tag.text)
            return self.entry_type(entry)
        if not by_value:
            return Named(kind, tag.text)
        found = self._foreign(kind, tag.text)
        if found is not None:
            return found
        if weak:
            return Named(kind, tag.text)
        return self._no_such_type(tag, kind)

    def _foreign(self, kind: str, name: str) -> Type | None:
        """Return a type that the file doesn't declare itself, or None."""
        for provider in self.providers:
            found = provider.find_type(kind, name)
            if found is not None:
                self.foreign_types[kind, name] = found
                return found
        if self.prelude is not None:
            found = self.prelude.use_type(kind, name)
            if found is not None:
                return found
        return None

    def _no_such_type(self, name: Token, kind: str = "") -> Type:
        from bpfgen.spelling import did_you_mean

        text = name.text
        if text in self.tree.lost_names or text in self._complained:
            return UNKNOWN
        if not kind and text in self.scope.tags and self.scope.tags[text].kind != "template":
            entry = self.scope.tags[text]
            self.report.error(
                "unknown-type",
                f"there is no typedef `{text}`, only `{entry.kind} {text}`",
                name.span,
                labels=(Label(entry.span, "declared here"),),
                help=f"write `{entry.kind} {text}`",
            )
            return UNKNOWN
        self._complained.add(text)
        if kind:
            candidates = [t for t, e in self.scope.tags.items() if e.kind == kind]
        else:
            candidates = [n for n, e in self.scope.ordinary.items() if e.kind == "typedef"]
            candidates += list(self.scope.tags)
        for provider in self._all_providers():
            candidates += provider.type_names()
        what = f"`{kind} {text}`" if kind else f"a type `{text}`"
        forward = kind and any(
            isinstance(item, DeclarationItem)
            and isinstance(item.specifiers.base, CompositeNode)
            and item.specifiers.base.tag is not None
            and item.specifiers.base.tag.text == text
            for item in self.tree.items
        )
        if forward:
            self.report.error(
                "incomplete-type",
                f"{what} is declared and never defined, and here it is held by value",
                name.span,
                help="define it, `include` the header that does, or hold a pointer",
            )
            return UNKNOWN
        self.report.error(
            "unknown-type",
            f"there is no {what.removeprefix('a ')} here" if not kind else f"{what} is not defined",
            name.span,
            help=did_you_mean(text, candidates)
            or "declare it, or `include` the C header that does",
        )
        return UNKNOWN

    def _all_providers(self) -> list[Provider]:
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
            self._use(entry)
            if entry.kind == "enumerator" and entry.value is not None:
                return entry.value  # type: ignore[no-any-return]
            value = self._entry_value(entry)
            return value if isinstance(value, Constant) else None
        for provider in self.providers:
            constant = provider.find_constant(text)
            if constant is not None:
                return constant
        if self.prelude is not None:
            constant = self.prelude.use_constant(text)
            if constant is not None:
                return constant
        self._no_such_constant(name)
        return None

    def _no_such_constant(self, name: Token) -> None:
        from bpfgen.spelling import did_you_mean

        text = name.text
        if text in self.tree.lost_names or text in self._complained:
            return
        self._complained.add(text)
        candidates = [n for n, e in self.scope.ordinary.items() if e.kind in ("const", "enumerator")]
        for provider in self._all_providers():
            candidates += provider.constant_names()
        if text == "runtime":
            self.report.error(
                "runtime",
                "`runtime` stands alone: the loader sets the whole value",
                name.span,
            )
            return
        self.report.error(
            "unknown-constant",
            f"there is no constant `{text}` here",
            name.span,
            help=did_you_mean(text, candidates)
            or f"declare it, as in `const {text} = 1;`, or `include` the C header that does",
        )

    def template(self, name: str) -> Template | None:
        """Return the template *name*, or None; silent."""
        entry = self.scope.tags.get(name)
        if entry is not None and entry.kind == "template":
            self._use(entry)
            value = self._entry_value(entry)
            return value if isinstance(value, Template) else None
        for provider in self.providers:
            found = provider.find_template(name)
            if found is not None:
                return found
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
            self._use(entry)
            return self._entry_value(entry)
        for provider in self.providers:
            found = provider.find_map(name.text)
            if found is not None:
                return found
        return None

