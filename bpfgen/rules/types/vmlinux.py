"""Names that vmlinux.h has, too: most programs include it, and C takes a name once."""

from __future__ import annotations

from bpfgen.ctype.types import Array, Composite, Enum, Float, Int, underlying
from bpfgen.kernel.vmlinux import ORDINARY, TAGS, VmlinuxNames
from bpfgen.model.maps import Map, Template
from bpfgen.model.model import ProgramDeclaration, TypeDeclaration
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import WARNING, Diagnostic, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.ctype.types import Type, Typedef
    from bpfgen.model.model import Model
    from bpfgen.rules.target import Target
    from bpfgen.text.source import Span

VMLINUX = "vmlinux.h"


def vmlinux_clash(model: Model, target: Target) -> Iterator[Diagnostic]:
    """A program that includes vmlinux.h can't have this name for something else.

    What it does: warns of maps, types, enumerators and programs whose names are declared by the
    vmlinux.h of the kernel that `--btf` names, or without it of every kernel of a list (amd64, of
    three Debian releases), for another thing or the same: tags clash with tags, all else with
    typedefs, enumerators and kernel functions. A typedef of an integer is one where the kernel's
    is another integer, as in `typedef __u32 u64;`.
    A file that includes a header of the kernel's, as `include <linux/in.h>;`, can't stand beside
    vmlinux.h anyway, and hears nothing. Nor does a constant: its macro may have any name.
    Why: C takes one definition of a name: "redefinition of 'rq'", in your program.

    Wrong:
        struct rq { __u32 id; };
        map config: array<__u32, rq>[1];
    Right:
        struct tenant { __u32 id; };
        map settings: array<__u32, tenant>[1];
    """
    if _is_for_uapi_headers(model):
        return
    kernel = target.vmlinux
    names: VmlinuxNames | None = None
    for what, name, kinds, span in _declared(model):
        if kernel is not None:
            theirs, who = kernel.kind_of(name, kinds), f"so has `{kernel.path}`"
        else:
            names = names or VmlinuxNames()
            theirs, who = (
                names.kind_of(name, kinds),
                f"so have the kernels {names.kernels} of Debian",
            )
        if theirs is None:
            continue
        from bpfgen.text.spelling import with_article  # for a clash alone

        advice = "rename it"
        if what == "typedef" and _built_in(name) is not None:
            advice += "; if the kernel's is meant, leave this out: it is built in"
        elif what == theirs:
            instead = f'`include "{VMLINUX}";`' if kernel is None else "`include kernel;`"
            advice += f"; if the kernel's is meant, write {instead} instead of it"
        yield Diagnostic(
            "vmlinux-clash",
            f"{VMLINUX} has {with_article(theirs)} `{name}`: a program that includes both doesn't "
            "compile",
            span,
            notes=(who,),
            help=advice,
            severity=WARNING,
            map=name if what == "map" else None,
            subject=Subject(what, name),
        )


def _is_for_uapi_headers(model: Model) -> bool:
    """Return whether *model* includes system headers, which vmlinux.h goes with none of."""
    return any(
        include.path.startswith("<")
        and not include.path.startswith("<bpf/")
        and not include.path.endswith(f"{VMLINUX}>")
        for include in model.includes
    )


def _declared(model: Model) -> Iterator[tuple[str, str, tuple[str, ...], Span | None]]:
    """Yield what the header of *model* declares: what, its name, what clashes, where."""
    for declaration in model.declarations:
        if isinstance(declaration, Map):
            yield "map", declaration.name, ORDINARY, declaration.span
        elif isinstance(declaration, Template):
            yield "template", declaration.name, TAGS, declaration.span
        elif isinstance(declaration, ProgramDeclaration):
            yield "program", declaration.name, ORDINARY, declaration.span
        elif isinstance(declaration, TypeDeclaration):
            if declaration.defines is not None:
                yield from _defined(declaration.defines, declaration.span)
            for typedef in declaration.typedefs:
                if not _may_be_the_kernels(typedef):
                    yield "typedef", typedef.name, ORDINARY, declaration.span


def _may_be_the_kernels(typedef: Typedef) -> bool:
    """Return whether *typedef* is of a plain number that the kernel's may be: C takes that twice.

    Whether a 64-bit `…_t` is a `long` differs between the kernel's headers and vmlinux.h.
    """
    bare = underlying(typedef)
    theirs = _built_in(typedef.name)
    if not isinstance(bare, Int) or not isinstance(theirs, Int):
        return isinstance(bare, (Int, Float)) and theirs is None
    from bpfgen.ctype.identity import canonical, is_same_integer

    is_same = typedef.name.endswith("_t") or canonical(bare.name) == canonical(theirs.name)
    return is_same and is_same_integer(bare, theirs)


def _built_in(name: str) -> Type | None:
    """Return what the prelude's typedef *name* comes to, or None."""
    from bpfgen.providers.prelude import Prelude

    type_ = Prelude.shared().find_type("typedef", name)
    return None if type_ is None else underlying(type_)


def _defined(
    type_: Composite | Enum, span: Span | None
) -> Iterator[tuple[str, str, tuple[str, ...], Span | None]]:
    """Yield the tag of *type_* and the enumerators that its body declares.

    What has a tag of its own inside is a declaration by itself.
    """
    pending: list[tuple[Composite | Enum, Span | None]] = [(type_, span)]
    while pending:
        current, place = pending.pop()
        place = current.span or place
        if isinstance(current, Enum):
            if current.tag is not None:
                yield "enum", current.tag, TAGS, place
            for enumerator in current.enumerators:
                yield "enumerator", enumerator.name, ORDINARY, enumerator.span or place
            continue
        if current.tag is not None:
            yield current.kind, current.tag, TAGS, place
        for member in reversed(current.members):
            inner = member.type
            while isinstance(inner, Array):
                inner = inner.element
            if isinstance(inner, (Composite, Enum)) and inner.tag is None:
                pending.append((inner, member.span or place))
