"""The model: one file, resolved; what rules check, emitters write, verification compares with."""

from __future__ import annotations

from bpfgen.ctype.types import Composite
from bpfgen.files import without_suffix
from bpfgen.model.maps import Map, Template
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from bpfgen.ctype.types import Constant, Enum, FuncProto, Type, Typedef
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.record import Uncompared
    from bpfgen.text.source import Span


class ConstantDeclaration(Record):
    """A constant: `const NAME = expression;`."""

    constant: Constant
    doc: str = ""
    span: Uncompared[Span | None] = None


class TypeDeclaration(Record):
    """A declaration of types: a struct, union or enum with its body, a typedef, or both at once.

    Attributes:
        defines: The struct, union or enum whose body stands here, or None.
        typedefs: The typedefs declared, in order; with `defines` they name it (or derive from it).
        forward: For `struct foo;` the named type, else None.
    """

    defines: Composite | Enum | None
    typedefs: tuple[Typedef, ...] = ()
    forward: Type | None = None
    decl_tags: tuple[tuple[str, ...], ...] = ()
    doc: str = ""
    span: Uncompared[Span | None] = None


class ProgramDeclaration(Record):
    """`int name(struct ctx *ctx);`: a program that is defined in C."""

    name: str
    type: FuncProto
    doc: str = ""
    span: Uncompared[Span | None] = None


if TYPE_CHECKING:
    Declaration: TypeAlias = (
        ConstantDeclaration | TypeDeclaration | ProgramDeclaration | Template | Map
    )


VMLINUX = '"vmlinux.h"'
"""The header that has the kernel's types in a BPF program, as C includes it."""


class Include(Record):
    """`include <linux/in.h>;` — *path* with its brackets or quotes, as C writes it.

    Attributes:
        is_kernel: It was `include kernel;`. C has those types from :data:`VMLINUX`.
    """

    path: str
    span: Uncompared[Span | None] = None
    is_kernel: bool = False


class Import(Record):
    """`import "common.dsl";` — *path* as written, *model* what the file came to."""

    path: str
    model: Model
    span: Uncompared[Span | None] = None

    @property
    def header(self) -> str:
        """The path of the header generated from it, as an `#include` names it."""
        return f"{without_suffix(self.path)}.h"


class Aim(Record):
    """`target kernel >= 5.15;` — *version* of what it names, the oldest that must do."""

    version: KernelVersion
    span: Uncompared[Span | None] = None


class Model(Record):
    """One source file, resolved and laid out.

    Attributes:
        name: The file's path as the user typed it.
        doc: The file's own doc comment.
        targets: What each `target NAME >= X;` asks for, by the name: `kernel`, `libbpf`.
        declarations: In an order that C accepts: that of the source, except where a later
            declaration is needed earlier.
        prelude_types: The prelude's types that are used, those needed first first.
        prelude_constants: The prelude's constants that are used, in the order of first use.
        types: Every type of this file by (kind, name), imported and included ones too.
        requested: Types that user space is given though the file declares none of them and no map
            holds them: what `--types` asks for.
        macros: Of a source with conditions: what each macro is, None for one that isn't defined.
        names_are_given: It was made of an object or of C: whoever has that can't rename anything,
            since the program's author may be somebody else, and the types the kernel's.
    """

    name: str
    doc: str
    targets: dict[str, Aim]
    includes: tuple[Include, ...]
    imports: tuple[Import, ...]
    declarations: tuple[Declaration, ...]
    prelude_types: tuple[PreludeType, ...]
    prelude_constants: tuple[Constant, ...]
    types: dict[tuple[str, str], Type]
    requested: tuple[Type, ...] = ()
    macros: tuple[tuple[str, int | None], ...] = ()
    names_are_given: bool = False

    @property
    def maps(self) -> tuple[Map, ...]:
        """The maps that this file declares, in order."""
        return tuple(d for d in self.declarations if isinstance(d, Map))

    @property
    def named_types(self) -> dict[tuple[str, str], Type]:
        """What the names of types mean here, by kind and name.

        Those of the prelude and of imports are among them, which the C header has all of.
        """
        named: dict[tuple[str, str], Type] = {}
        models = list(self.with_imports())
        for model in models:
            for used in model.prelude_types:
                defined = used.declaration.defines
                if isinstance(defined, Composite) and defined.tag:
                    named[(defined.kind, defined.tag)] = defined
                named.update(
                    (("typedef", typedef.name), typedef) for typedef in used.declaration.typedefs
                )
        for model in reversed(models):
            named.update(model.types)
        return named

    def with_imports(self) -> Iterator[Model]:
        """Yield this file's model, then those of all that it imports, each once."""
        # By identity: a file is one model in a run, and comparing whole models would be slow.
        models, seen = [self], {id(self)}
        while models:
            current = models.pop()
            for item in current.imports:
                if id(item.model) not in seen:
                    seen.add(id(item.model))
                    models.append(item.model)
            yield current

    @property
    def uses_kernel(self) -> bool:
        """Whether this file or one that it imports says `include kernel;`."""
        return any(one.is_kernel for model in self.with_imports() for one in model.includes)

    @property
    def templates(self) -> dict[str, Template]:
        """The templates that this file declares, by name."""
        return {d.name: d for d in self.declarations if isinstance(d, Template)}


class PreludeType(Record):
    """A type of the prelude that a file uses.

    Attributes:
        declaration: How the prelude declares it.
        since: The kernel whose UAPI headers brought it, or None if it never was in them
            (then vmlinux.h alone has it).
        header: The UAPI header that has it (`linux/bpf.h`), or empty.
        vmlinux_since: The kernel whose vmlinux.h brought it.
    """

    declaration: TypeDeclaration
    since: KernelVersion | None
    header: str = ""
    vmlinux_since: KernelVersion | None = None
