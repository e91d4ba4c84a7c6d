"""The C headers that a file includes: which of its names they are asked for.

Comes before :mod:`bpfgen.providers.c_headers`, which asks the compiler; loaded where a file
includes a header.
"""

from __future__ import annotations

from bpfgen.clang import ToolMissing
from bpfgen.ctype.types import Int, underlying
from bpfgen.files.c_includes import IncludedTexts
from bpfgen.files.reading import FILES
from bpfgen.model.maps import MAP_KINDS
from bpfgen.model.model import VMLINUX
from bpfgen.providers.c_headers import ask
from bpfgen.providers.include_guards import report_unguarded
from bpfgen.providers.prelude import Prelude
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.scope import Scope
from bpfgen.syntax.names import used_names
from bpfgen.syntax.tree import IncludeItem
from bpfgen.text.diagnostics import Report
from bpfgen.text.header_names import header_name_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol

    from bpfgen.clang.compiler import Compiler
    from bpfgen.clang.finder import Finder
    from bpfgen.files.reading import Opener
    from bpfgen.providers.c_headers import Included
    from bpfgen.resolve.provider import Provider
    from bpfgen.syntax.names import UsedNames
    from bpfgen.syntax.tree import File
else:
    Protocol = object  # the import of typing would cost every run some milliseconds


class HeaderQuestion(Record):
    """What the headers of one file are asked, whoever answers.

    Attributes:
        includes: The file's own `include` items, in order.
        asked: What is included for it: the kernel's header before them, where that is wanted.
        used: The names that the file uses.
        names: Ordinary names that are declared elsewhere.
        tags: Tags likewise.
        built_in: Typedefs that headers may have another meaning for, and what each is.
        clang: What finds the compiler.
        include_directories: Where `include` looks, in order.
        name: The path of the file.
        before: Texts of headers that are on no disk, by their names.
    """

    includes: tuple[IncludeItem, ...]
    asked: tuple[IncludeItem, ...]
    used: UsedNames
    names: frozenset[str]
    tags: frozenset[str]
    built_in: Mapping[str, str]
    clang: Finder
    include_directories: tuple[str, ...]
    name: str
    before: Mapping[str, str]


class Headers(Protocol):
    """Who says what C headers define; where nobody is given, that is :func:`answered`.

    An editor hands in an object of its own, which has no compilation wait for a compiler.
    """

    def answer(self, question: HeaderQuestion, report: Report) -> Included | None:
        """Return what the headers define, as far as that is known, as :func:`answered` does.

        Names that aren't known yet are in `Included.pending`.
        """


def names_from_headers(  # noqa: PLR0913 -- the file, and all that decides what its headers mean
    tree: File,
    providers: Sequence[Provider],
    clang: Finder,
    include_directories: Sequence[str],
    report: Report,
    vmlinux: Callable[[Mapping[str, str]], str] | None = None,
    *,
    opener: Opener = FILES,
    headers: Headers | None = None,
) -> Included | None:
    """Return what the C headers of *tree* define, as far as the file needs it.

    None where it includes none that C can name, and, with diagnostics, where they don't compile.

    Args:
        providers: Who declares names besides the file and the prelude: what they have isn't asked.
        include_directories: Where `include` looks, in order.
        vmlinux: Makes the vmlinux.h that C texts need, by their paths, where a kernel's BTF is
            known: the headers may use its types, and include a vmlinux.h that isn't there.
        opener: What headers are looked through with for such a vmlinux.h.
        headers: Who answers; None asks the compiler, and waits for it.

    Raises:
        ToolMissing: There is no clang.
    """
    includes = [
        item
        for item in tree.items
        if isinstance(item, IncludeItem) and not item.is_kernel and _can_be_included(item, report)
    ]
    if not includes:
        return None
    used = used_names(tree)
    names, tags, built_in = _declared_elsewhere(tree, used, providers)
    before: dict[str, str] = {}
    asked = includes
    name = VMLINUX.strip('"')
    takes_kernel = any(isinstance(item, IncludeItem) and item.is_kernel for item in tree.items)
    if vmlinux is not None:
        words = [*used.types, *used.constants, *(f"{kind} {tag}" for kind, tag in used.tags)]
        text = "".join(f"#include {item.path}\n" for item in includes)
        reached = IncludedTexts(text, tree.source.name, include_directories, opener)
        if takes_kernel or name in reached.lacking:
            before = {name: vmlinux({tree.source.name: f"{text}{' '.join(words)}\n"})}
        if takes_kernel:
            asked = [IncludeItem(VMLINUX, includes[0].span), *includes]
    question = HeaderQuestion(
        tuple(includes),
        tuple(asked),
        used,
        frozenset(names),
        frozenset(tags),
        built_in,
        clang,
        tuple(include_directories),
        tree.source.name,
        before,
    )
    return (answered if headers is None else headers.answer)(question, report)


def answered(question: HeaderQuestion, report: Report) -> Included | None:
    """Return what the compiler says to *question*; None, with diagnostics, if headers are wrong.

    Raises:
        ToolMissing: There is no clang.
    """
    compiler = _compiler(question.clang, question.includes[0])
    included = ask(
        compiler,
        question.asked,
        question.used,
        question.names,
        question.tags,
        question.built_in,
        question.include_directories,
        question.name,
        report,
        question.before,
    )
    if included is not None:
        report_unguarded(
            compiler,
            question.includes,
            included.dependencies,
            question.include_directories,
            question.name,
            report,
            question.before,
        )
    return included


def _compiler(clang: Finder, include: IncludeItem) -> Compiler:
    """Return the compiler that reads *include*; where there is none, that is the reason."""
    try:
        return clang.find()
    except ToolMissing as missing:
        what = f"{missing}; it reads `include {include.path}` ({include.span})"
        raise ToolMissing(what, named=missing.named) from missing


def _can_be_included(item: IncludeItem, report: Report) -> bool:
    """Return whether C can name the header of *item*; else report what is wrong with its name."""
    fault = header_name_fault(item.path[1:-1])
    if fault:
        message = f"no C header can be included by this name: it has {fault}"
        report.error("include", message, item.span, help="rename it, or the directory that has it")
    return not fault


def _declared_elsewhere(
    tree: File, used: UsedNames, providers: Sequence[Provider]
) -> tuple[set[str], set[str], dict[str, str]]:
    """Return the ordinary names and the tags that headers needn't be asked for.

    And the integer typedefs of the prelude that they may have another meaning for, with what they
    are; linux/types.h has the rest of those, and the generated header includes that.
    """
    scope = Scope(Report())
    scope.collect(tree.items)
    names = {*scope.ordinary, *MAP_KINDS, "runtime", "by_name", "none", *tree.lost_names}
    tags = set(scope.tags)
    prelude = Prelude.shared()
    built_in: dict[str, str] = {}
    for provider in providers:
        names.update(provider.type_names())
    for name in (*used.types, *used.constants):
        if name in names:
            continue
        typedef = prelude.find_type("typedef", name)
        if name == "bool":
            built_in[name] = ""
        elif typedef is not None and not prelude.is_in_all_headers("typedef", name):
            bare = underlying(typedef)
            built_in[name] = bare.name if isinstance(bare, Int) else ""
        if name in built_in or typedef is not None or prelude.find_constant(name):
            names.add(name)
    # Headers may have a struct of newer kernels, and may not: only they can tell.
    for kind, tag in used.tags:
        if prelude.is_in_all_headers(kind, tag):
            tags.add(tag)
    for name in used.types:
        if any(prelude.is_in_all_headers(kind, name) for kind in ("struct", "union", "enum")):
            tags.add(name)
    for provider in providers:
        names.update(provider.constant_names())
        tags.update(provider.type_names())
    return names, tags, built_in
