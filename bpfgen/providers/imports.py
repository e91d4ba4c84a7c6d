"""Imported files: finding them, compiling each once, and offering their names to the importer.

As in protobuf, an import makes visible what the file itself declares, not what it imports in turn.
Its maps are extern for the importer: they are defined by the file that declares them, alone.
"""

from __future__ import annotations

import os

from bpfgen.ctype.constants import enumerator_type
from bpfgen.ctype.types import Constant, Enum
from bpfgen.files import without_suffix
from bpfgen.files.reading import identity, read_source
from bpfgen.model.model import ConstantDeclaration, Import, TypeDeclaration
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.syntax.tree import ImportItem, IncludeItem
from bpfgen.text.header_names import header_name_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bpfgen.ctype.types import Type
    from bpfgen.files.reading import Opener
    from bpfgen.model.maps import Map, Template
    from bpfgen.model.model import Model
    from bpfgen.record import Uncompared
    from bpfgen.resolve.references import Noted, References
    from bpfgen.syntax.tree import File
    from bpfgen.text.diagnostics import Edit, Report
    from bpfgen.text.source import Source

    CompileFile = Callable[[Source], tuple[Model, File, list[str]]]


_DEEPEST = 101
"""Files in one chain of imports, at most, the one that begins it included."""


def places_of(importing: str, directories: Sequence[str]) -> list[str]:
    """Return the directories in which an import of the file *importing* is looked for, in order.

    They are its own and those after `-I`.
    """
    return ["" if importing.startswith("<") else os.path.dirname(importing), *directories]


def find_import(
    importing: str, path: str, directories: Sequence[str], opener: Opener
) -> str | None:
    """Return the path of the file that `import "path";` in *importing* means; None without one.

    *directories* are those after `-I`.
    """
    for place in places_of(importing, directories):
        found = os.path.join(place, path)
        if opener.is_file(found):
            return found
    return None


class ImportedFile:
    """One imported file, as a provider of its names for the resolver."""

    __slots__ = ("_constants", "_maps", "_path", "_templates", "_types", "model")

    def __init__(self, model: Model, path: str = "") -> None:
        """Take the file *model*; *path* is what the importing file calls it."""
        self.model = model
        self._path = path
        self._types: dict[tuple[str, str], Type] = {}
        self._constants: dict[str, Constant] = {}
        self._maps = {map_.name: map_ for map_ in model.maps}
        self._templates = model.templates
        for declaration in model.declarations:
            if isinstance(declaration, ConstantDeclaration):
                self._add(declaration.constant)
            elif isinstance(declaration, TypeDeclaration):
                self._type(declaration)

    @property
    def source(self) -> str:
        """The path of the file."""
        return self.model.name

    def _add(self, constant: Constant) -> None:
        self._constants[constant.name] = replace(constant, origin="imported")

    def _type(self, declaration: TypeDeclaration) -> None:
        defined = declaration.defines
        if defined is not None and defined.tag is not None:
            kind = "enum" if isinstance(defined, Enum) else defined.kind
            self._types[kind, defined.tag] = defined
        if isinstance(defined, Enum):
            for enumerator in defined.enumerators:
                type_ = enumerator_type(enumerator.value, defined.size, signed=defined.signed)
                self._add(
                    Constant(
                        enumerator.name,
                        enumerator.value,
                        type_,
                        "imported",
                        span=enumerator.span,
                    )
                )
        for typedef in declaration.typedefs:
            self._types["typedef", typedef.name] = typedef

    def find_type(self, kind: str, name: str) -> Type | None:
        """Return the type that the file declares, or None."""
        return self._types.get((kind, name))

    def find_constant(self, name: str) -> Constant | None:
        """Return the constant or enumerator that the file declares, or None."""
        return self._constants.get(name)

    def find_template(self, name: str) -> Template | None:
        """Return the template that the file declares, or None."""
        return self._templates.get(name)

    def find_map(self, name: str) -> Map | None:
        """Return the map that the file declares, or None."""
        return self._maps.get(name)

    def hidden(self, name: str) -> str:
        """Return the import of this file that declares *name*, as who imports this file writes it.

        Empty if there is none. It isn't visible there: imports aren't transitive.
        """
        for item in self.model.imports:
            names = ImportedFile(item.model)
            if names.declares(name, tag=True) or names.declares(name, tag=False):
                beside = os.path.join(os.path.dirname(self.model.name), item.path)
                if item.model.name != beside:  # it was found along -I
                    return item.path
                return os.path.normpath(os.path.join(os.path.dirname(self._path), item.path))
        return ""

    def type_names(self) -> list[str]:
        """Return the names of its types and templates."""
        return [name for _kind, name in self._types] + list(self._templates)

    def constant_names(self) -> list[str]:
        """Return the names of its constants."""
        return list(self._constants)

    def declares(self, name: str, *, tag: bool) -> str:
        """Return who declares the tag or ordinary name *name*; empty if not this file."""
        if tag:
            here = name in self._templates or any(
                (kind, name) in self._types for kind in ("struct", "union", "enum")
            )
        else:
            here = name in self._maps or name in self._constants or ("typedef", name) in self._types
        return f"the imported file `{self.model.name}`" if here else ""


def _includes(tree: File) -> bool:
    """Return whether *tree* includes C headers."""
    return any(isinstance(item, IncludeItem) for item in tree.items)


class SharedImport(Record):
    """An imported file about which there was nothing to say, for the next file that imports it.

    Attributes:
        model: What the file came to.
        tree: Its tree: allowances are in it.
        headers: The C headers that it includes itself.
        imports: The paths of its own imports.
        depth: How many files are in the longest chain of imports that begins with it.
        noted: Which name in it means which declaration; None where nobody wanted to know.
    """

    model: Model
    tree: File
    headers: tuple[str, ...]
    imports: tuple[str, ...]
    depth: int = 1
    noted: Uncompared[Noted | None] = None


class FileImports:
    """The imports of a file and, through them, of theirs; each is compiled once in a run.

    Attributes:
        files: The paths of the imported files, in the order in which they were read.
        trees: Their trees, each before those that it imports.
        headers: The C headers that they include, in the order in which they were read.
    """

    def __init__(
        self,
        directories: Sequence[str],
        opener: Opener,
        compile_file: CompileFile,
        shared: dict[str, SharedImport] | None = None,
        references: References | None = None,
    ) -> None:
        self._directories = directories
        self._opener = opener
        self._compile_file = compile_file
        self._models: dict[str, Model | None] = {}
        self._chain: list[tuple[str, str]] = []
        self._shared = shared
        self._references = references
        # For each file that is being compiled: the paths of its imports.
        self._paths: list[list[str]] = [[]]
        self.files: list[str] = []
        self.trees: list[File] = []
        self.headers: list[str] = []

    def load(self, tree: File, report: Report) -> list[Import]:
        """Return the imports of *tree* that could be compiled; what is wrong is reported."""
        imports: list[Import] = []
        seen: set[str] = set()
        headers: dict[str, str] = {}
        for item in tree.items:
            if not isinstance(item, ImportItem):
                continue
            path = self._find(tree.source.name, item, report)
            if path is None:
                continue
            real = self._identity(path)
            if real in seen:
                # Only a mistake pays for this import.
                from bpfgen.text.statements import removal

                report.error(
                    "import",
                    f"`{item.path}` is imported twice",
                    item.span,
                    help="leave this one out",
                    edits=(removal(item.span),),
                )
                continue
            seen.add(real)
            other = headers.setdefault(without_suffix(os.path.normpath(item.path)), item.path)
            if other != item.path:
                report.error(
                    "import",
                    f"the headers of `{item.path}` and `{other}` would have one name",
                    item.span,
                    help="rename one of the two",
                )
                continue
            self._paths[-1].append(path)
            model = self._load(path, real, item, report)
            if model is not None:
                imports.append(Import(item.path, model, item.span))
        return imports

    def begin(self, path: str) -> None:
        """Note that the file *path* is being compiled: an import of it would be a cycle."""
        self._chain.append((self._identity(path), path))

    def _identity(self, path: str) -> str:
        return identity(path, self._opener)

    def end(self) -> None:
        """Note that the file that was begun last is done."""
        self._chain.pop()

    def _find(self, importing: str, item: ImportItem, report: Report) -> str | None:
        """Return the path of the imported file: beside the importing one, else along `-I`."""
        if item.path.startswith("/") or not item.path:
            report.error(
                "import",
                "an import is a path relative to this file, or to a directory given with `-I`",
                item.span,
            )
            return None
        wrong = header_name_fault(item.path)
        if wrong:
            report.error(
                "import",
                f"the header of an import is included by its name, and this one has {wrong}",
                item.span,
                help="rename it, or the directory that has it",
            )
            return None
        path = find_import(importing, item.path, self._directories, self._opener)
        if path is not None:
            return path
        places = places_of(importing, self._directories)
        looked = ", ".join(f"`{place or '.'}`" for place in places)
        # Only a mistake pays for this import.
        from bpfgen.providers.missing_import import import_meant, renamed

        help_ = "name the directory that has it: `-I DIR`"
        edits: tuple[Edit, ...] = ()
        meant = import_meant(item, places, self._opener)
        if item.path.endswith(".h"):
            help_ = "a C header is read with `include`"
        elif meant is not None:
            help_, edits = f"did you mean `{meant}`?", renamed(item, meant)
        report.error(
            "import",
            f"there is no file `{item.path}`",
            item.span,
            notes=(f"looked in {looked}",),
            help=help_,
            edits=edits,
        )
        return None

    def _load(self, path: str, real: str, item: ImportItem, report: Report) -> Model | None:
        chain = [entry for entry, _name in self._chain]
        if real in chain:
            names = [name for _real, name in self._chain[chain.index(real) :]] + [path]
            report.error(
                "import-cycle",
                "this import leads back to a file that is being compiled",
                item.span,
                notes=(" imports ".join(f"`{name}`" for name in names),),
                help="move what both need into a third file",
            )
            return None
        if real in self._models:
            return self._models[real]
        known = None if self._shared is None else self._shared.get(path)
        if known is not None and len(self._chain) + known.depth <= _DEEPEST:
            assert self._shared is not None
            return self._take(path, real, self._shared)
        model = self._compile(path, item, report)
        self._models[real] = model
        return model

    def _take(self, path: str, real: str, shared: dict[str, SharedImport]) -> Model:
        """Return the model of a file that was imported before, as if it had been compiled now."""
        file = shared[path]
        self._models[real] = file.model
        self.files.append(path)
        self.trees.append(file.tree)
        for imported in file.imports:
            real = self._identity(imported)
            if real not in self._models:
                self._take(imported, real, shared)
        self.headers += file.headers
        if self._references is not None and file.noted is not None:
            self._references.take(path, file.noted)
        return file.model

    def _compile(self, path: str, item: ImportItem, report: Report) -> Model | None:
        if len(self._chain) >= _DEEPEST:
            message = f"imports are nested more than {_DEEPEST - 1} files deep"
            report.error("import", message, item.span)
            return None
        try:
            source, wrong = read_source(path, self._opener)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            report.error("import", f"`{item.path}` can't be read: {reason}", item.span)
            return None
        self.files.append(path)
        if wrong is not None:
            report.add(wrong)
            return None
        reported, position = len(report.diagnostics), len(self.trees)
        self.begin(path)
        self._paths.append([])
        try:
            model, tree, headers = self._compile_file(source)
        finally:
            self.end()
            imports = self._paths.pop()
        self.trees.insert(position, tree)
        self.headers += headers
        shared = self._shared
        if (
            shared is not None
            and reported == len(report.diagnostics)
            and not tree.whens  # another file may be compiled for another case
            and all(path in shared for path in imports)  # what they say was said before
            and (self._references is None or not _includes(tree))  # more may be known of headers
        ):
            depth = 1 + max((shared[path].depth for path in imports), default=0)
            noted = None if self._references is None else self._references.of(path)
            shared[path] = SharedImport(model, tree, tuple(headers), tuple(imports), depth, noted)
        return model
