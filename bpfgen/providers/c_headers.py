"""C headers, by asking the compiler: which types and constants they define, and how exactly.

For each name that the file uses and nobody else declares, a line of C that only compiles if the
name is what it is used as, and that leaves the answer in BTF: a pointer to the type, or an enum
with the one value. One run answers all of them. Where clang rejects lines, they are asked
differently or left out in another run: a name may be a typedef or a tag, a constant or a cast.

What comes back is a provider of names for :mod:`bpfgen.resolve.file`.
"""

from __future__ import annotations

import os
import re

from bpfgen.ctype.constants import convert
from bpfgen.ctype.types import INT, LLONG, LONG, UINT, ULONG, Constant, Enum, Named
from bpfgen.model.model import VMLINUX
from bpfgen.providers.header_types import has_lost, with_align
from bpfgen.record import TYPE_CHECKING, replace
from bpfgen.text.diagnostics import Edit, FormatError
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from bpfgen.btf.decode import Btf
    from bpfgen.clang.compiler import Compiler
    from bpfgen.clang.messages import ClangMessage
    from bpfgen.clang.started import CompileResult
    from bpfgen.ctype.types import Int, Type
    from bpfgen.model.maps import Map, Template
    from bpfgen.syntax.names import UsedNames
    from bpfgen.syntax.tree import IncludeItem
    from bpfgen.text.diagnostics import Diagnostic, Report

_SECTION = '__attribute__((section("bpfgen.ask"), used))'
_KINDS = ("typedef", "struct", "union", "enum")
_MOST_RUNS = 6


class Included:
    """What the headers of one file define, as far as the file asked.

    Attributes:
        dependencies: The headers that were read, in clang's order.
        pending: Names that the file uses and that the headers weren't asked for yet, where an
            answer isn't waited for; nothing is to be said of them.
    """

    source = "included"

    __slots__ = ("_constants", "_types", "dependencies", "pending")

    def __init__(self) -> None:
        self._types: dict[tuple[str, str], Type] = {}
        self._constants: dict[str, Constant] = {}
        self.dependencies: list[str] = []
        self.pending: frozenset[str] = frozenset()

    def take(self, other: Included, names: Container[str] | None = None) -> None:
        """Add what *other* knows and this doesn't, of *names* or of all."""
        for key, type_ in other._types.items():
            if names is None or key[1] in names:
                self._types.setdefault(key, type_)
        for name, constant in other._constants.items():
            if names is None or name in names:
                self._constants.setdefault(name, constant)
        self.dependencies = list(dict.fromkeys([*self.dependencies, *other.dependencies]))

    def find_type(self, kind: str, name: str) -> Type | None:
        """Return the definition of `kind name`, or None."""
        return self._types.get((kind, name))

    def find_constant(self, name: str) -> Constant | None:
        """Return the constant, enumerator or macro *name*, or None."""
        return self._constants.get(name)

    def find_template(self, _name: str) -> Template | None:
        """C has no templates."""

    def find_map(self, _name: str) -> Map | None:
        """Maps of C headers are not looked for."""

    def declares(self, _name: str, *, tag: bool) -> str:
        """Only what isn't declared elsewhere is asked of headers: no clash is ever seen here."""
        del tag
        return ""

    def hidden(self, _name: str) -> str:
        """Headers hide nothing."""
        return ""

    def type_names(self) -> list[str]:
        """Return the names of the types that were asked for and found."""
        return [name for _kind, name in self._types]

    def constant_names(self) -> list[str]:
        """Return the names of the constants that were asked for and found."""
        return list(self._constants)


class _Question:
    """One name and what is asked of it.

    Attributes:
        kind: One of `typedef`, `struct`, `union`, `enum`, or `constant`; or `no typedef`, of a name
            that means something elsewhere: clang rejects it where a header has another typedef.
        rest: What to ask next should clang reject this.
        align: Whether the alignment is asked, too; not of what has none.
        words: The type that a typedef of the name may be nevertheless, or empty.
    """

    __slots__ = ("align", "kind", "name", "rest", "words")

    def __init__(self, name: str, kinds: tuple[str, ...], words: str = "") -> None:
        self.name = name
        self.words = words
        self.kind = kinds[0]
        self.rest = kinds[1:]
        self.align = True

    @property
    def called(self) -> str:
        """What it is about, in C's words."""
        return f"{self.kind} {self.name}" if self.kind in _KINDS[1:] else self.name

    @property
    def asked(self) -> str:
        """What is asked of the name, as the first of its lines does."""
        return f"{self.kind} {self.words}"

    def lines(self, number: int) -> list[str]:
        """Return the lines of C that ask it: what it is, then its alignment."""
        if self.kind == "constant":
            value = f"({self.name})"
            sign = f"((__typeof__({value} + 0))-1 < 0)"
            line = (
                f"enum bpfgen_c{number} {{ bpfgen_value_{number} = {value} }};"
                f" static enum bpfgen_c{number} *bpfgen_q{number} {_SECTION};"
                f" enum bpfgen_s{number} {{ bpfgen_sign_{number} ="
                f" sizeof({value} + 0) * 2 + {sign} }};"
                f" static enum bpfgen_s{number} *bpfgen_r{number} {_SECTION};"
            )
            return [line]
        if self.kind == "no typedef":
            return [f"typedef {self.words or f'struct bpfgen_t{number}'} {self.name};"]
        type_ = self.called
        lines = [f"static {type_} *bpfgen_q{number} {_SECTION};"]
        if self.align:
            lines.append(
                f"enum bpfgen_a{number} {{ bpfgen_align_{number} = _Alignof({type_}) }};"
                f" static enum bpfgen_a{number} *bpfgen_r{number} {_SECTION};"
            )
        return lines


def ask(  # noqa: PLR0913, PLR0917 -- all of them make up the one question
    compiler: Compiler,
    includes: Sequence[IncludeItem],
    used: UsedNames,
    known: Iterable[str],
    known_tags: Iterable[str],
    built_in: Mapping[str, str],
    include_directories: Sequence[str],
    name: str,
    report: Report,
    headers: Mapping[str, str] | None = None,
) -> Included | None:
    """Return what the headers *includes* define of the names in *used*.

    Args:
        known: Ordinary names that are declared elsewhere and not asked for.
        known_tags: Tags likewise.
        built_in: Typedefs that are known unless a header has another of that name, and the words of
            C for what each is; no words where any of the header's counts.
        name: The path of the file that includes; `#include "…"` looks beside it.
        headers: Texts that `#include "…"` finds before any file, by their names.

    Returns None, with diagnostics, where the headers can't be compiled.

    Raises:
        ToolMissing: There is no compiler with the bpf target.
    """
    questions = _questions(used, frozenset(known), frozenset(known_tags), built_in)
    # One that comes again is left out, but keeps its line: it may have no include guard.
    paths = [item.path for item in includes]
    first = {path: number for number, path in reversed([*enumerate(paths)])}
    prologue = [
        f"#include {path}" if first[path] == number else "" for number, path in enumerate(paths)
    ]
    included = Included()
    remembered = {} if compiler.rejected is None else compiler.rejected
    beside, texts = os.path.dirname(name), tuple((headers or {}).items())
    place = (compiler.command, *prologue, beside, texts, *include_directories)
    # Whether a header has a typedef is asked again in what comes next: other macros don't matter.
    of_typedefs = remembered.setdefault(place, set())
    of_all = remembered.setdefault((compiler.arguments, *place), set())
    while again := _among(of_typedefs | of_all, questions):
        questions = _other_questions(questions, again)

    def compiled(text: str) -> CompileResult:
        return compiler.compile_object(
            text,
            target="bpf",
            include_directories=include_directories,
            name=name,
            headers=headers,
            flags=("-Wno-everything",),
            is_kept=True,
        )

    for _ in range(_MOST_RUNS):
        text, owners = _text(prologue, questions)
        result = compiled(text)
        included.dependencies = list(result.dependencies)
        if result.object is not None:
            try:
                lost = _answers(result.object, questions, included)
            except FormatError as error:
                report.error("include", f"clang's answer makes no sense: {error}", includes[0].span)
                return None
            for called in lost:
                _report_lost(report, called, includes[-1])
            return included
        rejected = {
            owners[message.line]
            for message in result.messages
            if message.is_error and not message.file and message.line in owners
        }
        if not rejected:
            _headers_failed(result.messages, includes, report)
            return None
        for number, part in rejected:
            question = questions[number]
            known_to = of_typedefs if question.kind == "no typedef" else of_all
            known_to.add((question.asked, question.name, part))
        questions = _other_questions(questions, rejected)
    # A header that ends inside a declaration goes on in whatever is asked after it.
    alone = compiled(_text(prologue, [])[0])
    if alone.object is None:
        _headers_failed(alone.messages, includes, report)
    else:
        report.error("include", "clang rejects the headers in ever new ways", includes[0].span)
    return None


def _questions(
    used: UsedNames,
    known: frozenset[str],
    known_tags: frozenset[str],
    built_in: Mapping[str, str],
) -> list[_Question]:
    other = ("no typedef", "typedef")
    questions = [_Question(name, other, words) for name, words in built_in.items()]
    questions += [
        _Question(name, other if name in known_tags else _KINDS)
        for name in used.types
        if name not in known
    ]
    questions += [_Question(tag, (kind,)) for kind, tag in used.tags if tag not in known_tags]
    questions += [
        _Question(name, ("constant", *_KINDS))
        for name in used.constants
        if name not in known and name not in used.types
    ]
    return questions


def _text(
    prologue: list[str], questions: list[_Question]
) -> tuple[str, dict[int, tuple[int, int]]]:
    """Return the C text, and for each line that asks something (question, line of it)."""
    lines = list(prologue)
    owners: dict[int, tuple[int, int]] = {}
    for number, question in enumerate(questions):
        for part, line in enumerate(question.lines(number)):
            lines.append(line)
            owners[len(lines)] = (number, part)
    return "\n".join(lines) + "\n", owners


def _other_questions(questions: list[_Question], rejected: set[tuple[int, int]]) -> list[_Question]:
    """Return *questions* with those that clang rejected asked differently, or left out."""
    result = []
    for number, question in enumerate(questions):
        if (number, 0) in rejected:
            if not question.rest:
                continue
            question = _Question(question.name, question.rest)  # noqa: PLW2901 -- it takes its place
        elif (number, 1) in rejected:
            question.align = False
        result.append(question)
    return result


def _among(
    known: Container[tuple[str, str, int]], questions: list[_Question]
) -> set[tuple[int, int]]:
    """Return the lines of *questions* that are *known* to be rejected, as clang would name them."""
    found: set[tuple[int, int]] = set()
    for number, question in enumerate(questions):
        if (question.asked, question.name, 0) in known:
            found.add((number, 0))
        elif question.align and (question.asked, question.name, 1) in known:
            found.add((number, 1))
    return found


def _headers_failed(
    messages: Sequence[ClangMessage], includes: Sequence[IncludeItem], report: Report
) -> None:
    """Report why the headers themselves don't compile, at the `include` concerned."""
    from bpfgen.clang.messages import diagnostics_from_messages

    line_map = [(number, item.span) for number, item in enumerate(includes, 1)]
    complaints = [message for message in messages if message.severity in ("error", "note")]
    diagnostics = diagnostics_from_messages(complaints, line_map)
    errors = [message for message in complaints if message.is_error]
    lacking = next((error for error in errors if _is_kernel_type(error.unknown_type)), None)
    if lacking is not None:
        at = errors.index(lacking)
        report.add(_lacks_types(diagnostics[at], lacking, includes))
        return
    for diagnostic, error in list(zip(diagnostics, errors, strict=True))[:3]:
        report.add(replace(diagnostic, code="include", help=_how_to_find(error.missing_header)))


_TYPES_HEADER = "linux/types.h"


def _is_kernel_type(name: str) -> bool:
    """Return whether *name* is a typedef of linux/types.h, or of the kernel alone: `__u32`."""
    return (
        re.fullmatch(r"(?:__)?[us](?:8|16|32|64)|__(?:be|le)(?:16|32|64)|__wsum", name) is not None
    )


def _lacks_types(
    diagnostic: Diagnostic, error: ClangMessage, includes: Sequence[IncludeItem]
) -> Diagnostic:
    """Return *diagnostic* with what gives a header the type of the kernel's that it lacks."""
    # Only a header that doesn't compile pays for this import.
    from bpfgen.text.statements import removal

    item = next((item for item in includes if item.span == diagnostic.span), None)
    name = error.unknown_type
    if item is None or not name.startswith("__"):
        help_ = (
            f'`{name}` is in vmlinux.h alone: write `include "vmlinux.h";` before it, or '
            "`include kernel;` with `--btf FILE`"
        )
        return replace(diagnostic, code="include", help=help_)
    if item.path.startswith("<bpf/"):
        help_ = "leave it out: the generated header includes what it needs of libbpf's"
        return replace(diagnostic, code="include", help=help_, edits=(removal(item.span),))
    written = f"include <{_TYPES_HEADER}>;"
    start = Span(item.span.source, item.span.start, item.span.start)
    return replace(
        diagnostic,
        code="include",
        help=f"write `{written}` before it",
        edits=(Edit(start, f"{written}\n"),),
    )


def _how_to_find(header: str) -> str:
    """Return what to do where clang didn't find *header*; nothing where that isn't the matter."""
    if not header:
        return ""
    if header == "kernel":
        return "the kernel's types come without quotes: `include kernel;`, with `--btf FILE`"
    advice = "name the directory that has it: `-I DIR`"
    if header == VMLINUX.strip('"'):
        return f"{advice}; or do without one: `include kernel;`, with `--btf FILE`"
    if header.startswith(("linux/", "asm/")):
        advice += "; the kernel's are in Debian's package linux-libc-dev"
    return advice


def _report_lost(report: Report, called: str, include: IncludeItem) -> None:
    """Report that BTF has the type *called* so, of a header, with a part missing."""
    report.error(
        "include",
        f"`{called}` holds a type that clang leaves out of BTF, `_Atomic` or `_Complex` perhaps",
        include.span,
        notes=("the kernel refuses BTF with a member that has no type (btf_struct_check_member)",),
        help="declare the type here, with plain integers: the __atomic builtins work on them",
    )


def _answers(data: bytes, questions: list[_Question], included: Included) -> list[str]:
    """Enter what the object *data* says of *questions*; return the types with a part missing.

    Raises:
        FormatError: The object isn't what it should be.
    """
    from bpfgen.btf.convert import BtfTypes
    from bpfgen.btf.decode import Btf
    from bpfgen.btf.kinds import BTF_KIND_VAR
    from bpfgen.elf.read import ElfFile

    section = ElfFile(data).section_named(".BTF")
    if section is None:
        return []
    lost: list[str] = []
    btf = Btf(bytes(section.data))
    types = BtfTypes(btf)
    targets: dict[str, int] = {}
    for variable in btf.ids_of_kind(BTF_KIND_VAR):
        if not btf.name(variable).startswith("bpfgen_"):
            continue  # a variable of the header
        pointer = btf.target(variable)
        targets[btf.name(variable)] = btf.target(btf.skip_modifiers(pointer))
    for number, question in enumerate(questions):
        target = targets.get(f"bpfgen_q{number}")
        if target is None:
            continue
        detail = targets.get(f"bpfgen_r{number}")
        if question.kind == "constant":
            _constant(btf, question.name, target, detail, included)
            continue
        align = 0 if detail is None else btf.enumerators(detail)[0][1]
        try:
            type_ = types.type(target)
        except FormatError:  # of an array of what it leaves out, clang 22 says anything
            lost.append(question.called)
            continue
        if isinstance(type_, Named) and type_.forward:
            continue
        if has_lost(type_, align):
            lost.append(question.called)
            continue
        if align:
            type_ = with_align(type_, align)
        included._types[question.kind, question.name] = type_  # noqa: SLF001 -- ours, one module
        if isinstance(type_, Enum):
            _enumerators(type_, included)
    return lost


def _constant(btf: Btf, name: str, target: int, detail: int | None, included: Included) -> None:
    value = btf.enumerators(target)[0][1]
    type_ = INT
    if detail is not None:
        code = btf.enumerators(detail)[0][1]
        size, signed = code // 2, bool(code % 2)
        type_ = {(4, True): INT, (4, False): UINT, (8, True): LONG}.get((size, signed), ULONG)
    # clang 14 says nothing of an enum's signedness: the value is read again as of its own type.
    included._constants[name] = Constant(name, convert(value, type_), type_, "included")  # noqa: SLF001 -- ours, one module


def _enumerators(type: Enum, included: Included) -> None:
    """The enumerators of an enum that was asked for are constants, too."""
    for enumerator in type.enumerators:
        if enumerator.name not in included._constants:  # noqa: SLF001 -- ours, one module
            integer: Int = INT if -(1 << 31) <= enumerator.value < 1 << 31 else LLONG
            constant = Constant(enumerator.name, enumerator.value, integer, "included")
            included._constants[enumerator.name] = constant  # noqa: SLF001 -- ours, one module
