"""The prelude: the kernel's UAPI types and constants that every file may use.

It is written in the language itself (the .dsl files beside this one), one declaration a paragraph,
the first line of its doc comment saying where the kernel has it: `/// Linux 5.15, linux/bpf.h`.
A run uses a handful of the names, so the files are only scanned for what their paragraphs declare,
and a paragraph is parsed and resolved when its name is first asked for.

What a paragraph comes to depends on its text alone: neither a target nor an option has a part in
it. So it is a constant of the package that is worked out late, and serves every compilation of the
process; threads that ask at the same time all get the one that was stored first.
"""

from __future__ import annotations

from bpfgen.ctype.types import Constant, Enum
from bpfgen.kernel.version import BASELINE, parse_version
from bpfgen.model.model import ConstantDeclaration, PreludeType, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.resolve.file import Resolver
from bpfgen.syntax.parser import parse
from bpfgen.text.diagnostics import Report
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from bpfgen.ctype.types import Type
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.model.maps import Map, Template
    from bpfgen.model.model import Model


class _Paragraph:
    """The text of one declaration of the prelude.

    Attributes:
        where: Its first line, as `/// Linux 5.15, linux/bpf.h`.
        declaration: What stands after the comment.
    """

    __slots__ = ("declaration", "file", "number", "where")

    def __init__(self, file: str, text: str, number: int) -> None:
        self.file = file
        self.where, _, rest = text.strip("\n").partition("\n")
        while rest.startswith("///"):
            rest = rest.partition("\n")[2]
        self.declaration = rest
        self.number = number

    @property
    def since(self) -> KernelVersion:
        """The first kernel that has it."""
        version = parse_version(self.where.removeprefix("/// Linux ").partition(",")[0])
        assert version is not None, self.where
        return version

    @property
    def header(self) -> str:
        """The header of the kernel's that has it; `vmlinux` where no UAPI header does."""
        return self.where.rpartition(" ")[2]


class _Resolved(Record):
    """What a paragraph came to, and the paragraphs that have to stand before it."""

    model: Model
    needs: tuple[_Paragraph, ...]


class _Index:
    """All paragraphs, by the names that they declare, and what those came to that were asked for.

    Attributes:
        types: The paragraphs of types, by kind and name.
        constants: The paragraphs of constants and enumerators.
        resolved: What paragraphs came to, by their numbers. It only grows, by `setdefault`, which
            is one step for other threads.
    """

    __slots__ = ("constants", "resolved", "types")

    def __init__(self) -> None:
        from bpfgen.resources import prelude_names, prelude_text

        self.types: dict[tuple[str, str], _Paragraph] = {}
        self.constants: dict[str, _Paragraph] = {}
        self.resolved: dict[int, _Resolved] = {}
        number = 0
        for file in prelude_names():
            for text in prelude_text(file).replace("\r\n", "\n").split("\n\n"):
                number += 1
                self._add(_Paragraph(file, text, number))

    def _add(self, paragraph: _Paragraph) -> None:
        """Note what *paragraph* declares, without parsing it: most are never asked for.

        The first word tells what is declared, and the names stand where the prelude has them:
        `struct TAG {`, `typedef … NAME;`, `const NAME =`, `enum { NAME = …, NAME = … };`.
        """
        declaration = paragraph.declaration
        kind, name, _ = declaration.split(None, 2)
        if kind == "typedef":
            self.types[kind, declaration.rpartition(" ")[2].removesuffix(";")] = paragraph
        elif kind == "const":
            self.constants[name] = paragraph
        elif name != "{":
            self.types[kind, name] = paragraph
        if kind == "enum":
            for enumerator in declaration.partition("{")[2].split(","):
                self.constants[enumerator.split(None, 1)[0]] = paragraph


_INDEX: list[_Index] = []
"""The index, once it was asked for. Of two that threads make at once, the first one serves."""


class Prelude:
    """The prelude as one compilation sees it: all names, and which of them were used."""

    source = "prelude"

    __slots__ = ("_constants", "_index", "_types")

    def __init__(self, index: _Index) -> None:
        self._index = index
        self._types: dict[int, _Paragraph] = {}
        self._constants: dict[str, Constant] = {}

    @classmethod
    def shared(cls) -> Prelude:
        """Return a prelude in which nothing is used yet; paragraphs once resolved are kept."""
        if not _INDEX:
            _INDEX.append(_Index())
        return cls(_INDEX[0])

    def find_type(self, kind: str, name: str) -> Type | None:
        """Return the type, without marking it as used."""
        paragraph = self._index.types.get((kind, name))
        return self._type_of(paragraph, kind, name) if paragraph is not None else None

    def is_in_all_headers(self, kind: str, name: str) -> bool:
        """Return whether the type is here, and in the UAPI headers of any age."""
        paragraph = self._index.types.get((kind, name))
        return (
            paragraph is not None and paragraph.header != "vmlinux" and paragraph.since <= BASELINE
        )

    def find_constant(self, name: str) -> Constant | None:
        """Return the constant, without marking it as used."""
        paragraph = self._index.constants.get(name)
        return self._constant_of(paragraph, name) if paragraph is not None else None

    def find_template(self, _name: str) -> Template | None:
        """The prelude has no templates."""

    def find_map(self, _name: str) -> Map | None:
        """The prelude has no maps."""

    def declares(self, name: str, *, tag: bool) -> str:
        """Return "the kernel" where its headers have the tag or constant *name*, else empty.

        A typedef of the same name may be declared again, as C allows for one and the same type;
        which one of a struct without a tag never is.
        """
        types = self._index.types
        typedef = types.get(("typedef", name))
        here = (
            any((kind, name) in types for kind in ("struct", "union", "enum"))
            if tag
            else name in self._index.constants
            or (typedef is not None and typedef.declaration.startswith("typedef struct {"))
        )
        return "the kernel's headers, and is built in" if here else ""

    def hidden(self, _name: str) -> str:
        """The prelude hides nothing."""
        return ""

    def type_names(self) -> list[str]:
        """Return the names of all its types."""
        return [name for _kind, name in self._index.types]

    def constant_names(self) -> list[str]:
        """Return the names of all its constants."""
        return list(self._index.constants)

    def all_types(self) -> list[tuple[str, str]]:
        """Return all its types, by kind and name."""
        return list(self._index.types)

    def place(self, kind: str, name: str) -> str:
        """Return since when the kernel has a name, and in which header: `Linux 5.1, linux/bpf.h`.

        *kind* is that of a type, or empty for a constant; what there is none of has no place.
        """
        index = self._index
        paragraph = index.types.get((kind, name)) if kind else index.constants.get(name)
        return "" if paragraph is None else paragraph.where.removeprefix("/// ")

    def use_type(self, kind: str, name: str) -> Type | None:
        """Return the type `kind name` and remember that the output needs it; None if not here."""
        paragraph = self._index.types.get((kind, name))
        if paragraph is None:
            return None
        type_ = self._type_of(paragraph, kind, name)
        self._use(paragraph)
        return type_

    def use_constant(self, name: str) -> Constant | None:
        """Return the constant *name* and remember that the output needs it; None if not here."""
        paragraph = self._index.constants.get(name)
        if paragraph is None:
            return None
        constant = self._constant_of(paragraph, name)
        self._constants[name] = constant
        return constant

    def used_types(self) -> tuple[PreludeType, ...]:
        """Return the types that were used, those needed by others before them."""
        result: list[PreludeType] = []
        for paragraph in self._types.values():
            in_uapi = paragraph.header != "vmlinux"
            result.extend(
                PreludeType(
                    declaration,
                    paragraph.since if in_uapi else None,
                    paragraph.header if in_uapi else "",
                    paragraph.since,
                )
                for declaration in self._resolved(paragraph).model.declarations
                if isinstance(declaration, TypeDeclaration)
            )
        return tuple(result)

    def used_constants(self) -> tuple[Constant, ...]:
        """Return the constants that were used, in the order of first use."""
        return tuple(self._constants.values())

    def _use(self, paragraph: _Paragraph) -> None:
        """Mark *paragraph*, and what it needs before it, as used. The prelude is shallow."""
        if paragraph.number in self._types:
            return
        for need in self._resolved(paragraph).needs:
            self._use(need)
        self._types[paragraph.number] = paragraph

    def _resolved(self, paragraph: _Paragraph) -> _Resolved:
        resolved = self._index.resolved.get(paragraph.number)
        if resolved is not None:
            return resolved
        report = Report()
        tree = parse(Source(f"<prelude>/{paragraph.file}", paragraph.declaration + "\n"), report)
        needs = _Needs(self, paragraph)
        resolver = Resolver(tree, report, [needs], None)
        resolver.origin = "prelude"
        resolver.since = paragraph.since
        model = resolver.run(())
        assert not report.diagnostics, (paragraph.file, report.diagnostics)
        resolved = _Resolved(model, tuple(needs.paragraphs))
        return self._index.resolved.setdefault(paragraph.number, resolved)

    def _type_of(self, paragraph: _Paragraph, kind: str, name: str) -> Type:
        return self._resolved(paragraph).model.types[kind, name]

    def _constant_of(self, paragraph: _Paragraph, name: str) -> Constant:
        for declaration in self._resolved(paragraph).model.declarations:
            if isinstance(declaration, ConstantDeclaration) and declaration.constant.name == name:
                return declaration.constant
            if isinstance(declaration, TypeDeclaration):
                defined = declaration.defines
                if isinstance(defined, Enum):
                    for enumerator in defined.enumerators:
                        if enumerator.name == name:
                            return _enumerator(enumerator.name, enumerator.value, paragraph)
        raise AssertionError(name)


def _enumerator(name: str, value: int, paragraph: _Paragraph) -> Constant:
    from bpfgen.ctype.types import INT, UINT

    # An enumerator that fits is an `int` in C, whatever the suffix of its initialiser.
    type_ = INT if value <= 0x7FFFFFFF else UINT
    return Constant(name, value, type_, "prelude", since=paragraph.since)


class _Needs:
    """The prelude as one of its own paragraphs sees it: what it finds, it needs before it.

    Attributes:
        paragraphs: Those that were found, in the order of first use.
    """

    source = "prelude"

    __slots__ = ("_paragraph", "_prelude", "paragraphs")

    def __init__(self, prelude: Prelude, paragraph: _Paragraph) -> None:
        self._prelude = prelude
        self._paragraph = paragraph
        self.paragraphs: list[_Paragraph] = []

    def find_type(self, kind: str, name: str) -> Type | None:
        paragraph = self._prelude._index.types.get((kind, name))  # noqa: SLF001 -- one module
        if paragraph is None or paragraph is self._paragraph:
            return None
        type_ = self._prelude.find_type(kind, name)
        if paragraph not in self.paragraphs:
            self.paragraphs.append(paragraph)
        return type_

    def find_constant(self, name: str) -> Constant | None:
        return self._prelude.find_constant(name)

    def find_template(self, _name: str) -> Template | None:
        return None

    def find_map(self, _name: str) -> Map | None:
        return None

    def declares(self, _name: str, *, tag: bool) -> str:
        del tag
        return ""

    def hidden(self, _name: str) -> str:
        return ""

    def type_names(self) -> list[str]:
        return []

    def constant_names(self) -> list[str]:
        return []
