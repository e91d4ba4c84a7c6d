"""What one side of a comparison is, and that opened: a source as any other, of now or of then."""

from __future__ import annotations

import os

from bpfgen.clang.finder import Finder
from bpfgen.git.words import is_git, parts_of
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.sources import C, Opened, contents_of, kind_of, open_source, without_places
from bpfgen.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bpfgen.compiler import Options
    from bpfgen.git.layout import Layout
    from bpfgen.git.repository import Repository
    from bpfgen.git.tree import Tree
    from bpfgen.providers.imports import SharedImport
    from bpfgen.record import Uncompared
    from bpfgen.text.diagnostics import Diagnostic


_MOST_OF_PATH = 4096
"""PATH_MAX of Linux, in bytes."""

_SHOWN = 40
"""Letters of a longer one that a message has."""


class Imports:
    """What the sources of one run import: each file is compiled once for a side and its options.

    Files mustn't change meanwhile.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: list[tuple[Tree | None, Options, dict[str, SharedImport]]] = []

    def of(self, place: Place, options: Options) -> dict[str, SharedImport]:
        """Return those of sources that are where *place* is, opened with *options*."""
        for tree, known, imports in self._known:
            if tree is place.tree and known == options:
                return imports
        self._known.append((place.tree, options, {}))
        return self._known[-1][2]


class Place(Record):
    """A source, which may not be there.

    Attributes:
        name: As messages call it: what was typed, or `git:REV:PATH`.
        tree: The revision that it is of; None of what is on this machine now.
    """

    name: str
    tree: Uncompared[Tree | None] = None

    def path_of(self, name: str) -> str:
        """Return the path of the file *name*, as messages call it, without a revision."""
        path = None if self.tree is None else self.tree.path_in(name)
        return name if path is None else os.path.normpath(path)


def file_of(name: str) -> str:
    """Return the path of the file that messages call *name*, as a program of now looks for it.

    The revision is left out, and so is `..` after a directory, unless that is a symbolic link.
    """
    path = parts_of(name)[1] or "." if is_git(name) else name
    plain = os.path.normpath(path)
    if ".." in path.split("/") and os.path.realpath(path) != os.path.realpath(plain):
        return path
    return plain


class Trees:
    """The revisions that a run asks for, each once."""

    __slots__ = ("_repositories", "_trees")

    def __init__(self) -> None:
        self._repositories: dict[str, Repository] = {}
        self._trees: dict[tuple[str, str], Tree] = {}

    def place_of(self, word: str) -> Place:
        """Return what *word* names: `git:REV:PATH`, or any source; an empty PATH is a directory.

        Raises:
            ToolMissing: There is no git.
            GitError: There is no such revision, or *word* has no path.
        """
        if not is_git(word):
            return Place(word)
        from errno import EINVAL

        from bpfgen.git import GitError

        revision, path = parts_of(word)
        if path is None:
            advice = f"`{word}:maps.dsl` is one, and `--against {word}` for several"
            raise GitError(EINVAL, f"`{word}` names no file of the revision", advice)
        path = path or "."
        tree = self.tree_of(f"git:{revision.typed}", path)
        return Place(tree.name(path), tree)

    def tree_of(self, word: str, path: str, *, is_start_empty: bool = False) -> Tree:
        """Return the revision *word*, `git:REV`, of the repository that has *path*.

        That is the one that the working directory is in, if *path* is below it; else the one that
        the directory of *path* is in. *is_start_empty*: before the first commit, HEAD has no file.

        Raises:
            ToolMissing: There is no git.
            GitError: There is no such revision, or no repository.
        """
        if len(os.fsencode(path)) >= _MOST_OF_PATH:
            from errno import ENAMETOOLONG

            from bpfgen.git import GitError

            what = f"`{path[:_SHOWN]}…` is longer than the {_MOST_OF_PATH} bytes of any path"
            raise GitError(ENAMETOOLONG, what)
        repository = self._repository_of(path)
        known = self._trees.get((word, repository.top))
        if known is None:
            from bpfgen.git.tree import Tree

            revision, _path = parts_of(word)
            id = repository.tree_of(revision, is_start_empty=is_start_empty)
            known = Tree(repository, revision.typed, id)
            self._trees[word, repository.top] = known
        return known

    def _repository_of(self, path: str) -> Repository:
        from bpfgen.git import GitError

        try:
            here = self._repository_at("")
        except GitError:
            here = None
        if here is not None and is_below(path, here.top):
            return here
        directory = os.path.dirname(path)
        while directory and not os.path.isdir(directory):
            directory = os.path.dirname(directory)
        return self._repository_at(directory)

    def _repository_at(self, directory: str) -> Repository:
        if directory not in self._repositories:
            from bpfgen.git.repository import repository_of

            self._repositories[directory] = repository_of(directory)
        return self._repositories[directory]


def is_below(path: str, top: str) -> bool:
    """Return whether *path* is below the directory *top*; empty, that is anywhere."""
    return not top or f"{os.path.abspath(path)}/".startswith(f"{top.rstrip('/')}/")


def opened(place: Place, options: Options, imports: Imports | None = None) -> Opened:
    """Return what the source at *place* comes to; of a revision, with all that it imports.

    An object or a file of C without a map is a source as any other, which declares nothing. What
    *imports* has isn't compiled again.

    Raises:
        OSError: It can't be read: :class:`bpfgen.git.GitError` of a revision, and of running maps
            what :func:`bpfgen.sources.contents_of` raises.
        FormatError: It is an object, and can't be read.
        ToolMissing: There is no git, or it needs a clang and there is none.
    """
    shared = None if imports is None else imports.of(place, options)
    if place.tree is None:
        found = open_source(place.name, contents_of(place.name), options, shared=shared)
    else:
        found = _opened_then(place.name, place.tree, options, shared)
    if found.kind == C:
        from bpfgen.importer.from_c.forced import finder_for_c

        # What import reads without one is not all that a file may have.
        finder_for_c(options).find()
    if not found.is_empty or found.refused:
        return found
    from bpfgen.compiler import Options as PlainOptions
    from bpfgen.compiler import compile

    nothing = compile(Source(place.name, ""), PlainOptions(is_ruled=False))
    return Opened(found.kind, nothing, [], found.dependencies)


def _opened_then(
    name: str, tree: Tree, options: Options, shared: dict[str, SharedImport] | None
) -> Opened:
    """Return what the source *name* of the revision *tree* comes to."""
    from bpfgen.git.compiler import RevisionFinder
    from bpfgen.git.layout import Layout

    path = tree.path_in(name)
    assert path is not None
    with tree, Layout(tree) as layout:
        contents = tree.contents(path, tree.find(path))
        if kind_of(name, contents) == C:
            return _opened_c(name, contents, layout, options)
        directories = options.include_directories
        own = replace(
            options,
            opener=tree,
            include_directories=tuple(
                tree.name(one) if tree.is_inside(one) else one for one in directories
            ),
            clang=RevisionFinder(options.clang, layout),
        )
        return open_source(name, contents, own, shared=shared)


def _opened_c(name: str, contents: bytes, layout: Layout, options: Options) -> Opened:
    """Return what the C file *name* of a revision comes to: what reads C reads the disk."""
    path = layout.tree.path_in(name)
    assert path is not None
    clang, directories = options.clang, options.include_directories
    layout.add(contents.decode("latin-1"), name, directories, clang.arguments)
    own = replace(
        options,
        include_directories=tuple(map(layout.place_of, directories)),
        clang=Finder(
            clang.path, clang.named_by, clang.directory, layout.arguments(clang.arguments)
        ),
    )
    opened = open_source(layout.write(path, contents), contents, own)
    compilation = opened.compilation
    if compilation is not None:
        compilation = replace(
            compilation,
            source=Source(name, compilation.source.text),
            model=replace(compilation.model, name=name),
            diagnostics=_named(compilation.diagnostics, name, layout),
            dependencies=tuple(map(layout.named, compilation.dependencies)),
        )
    read = tuple(map(layout.named, opened.dependencies))
    diagnostics = _named(opened.diagnostics, name, layout)
    refused = tuple(_named(opened.refused, name, layout))
    return replace(
        opened,
        compilation=compilation,
        diagnostics=diagnostics,
        dependencies=read,
        refused=refused,
        left_out={map: layout.named(why) for map, why in opened.left_out.items()},
    )


def _named(diagnostics: Iterable[Diagnostic], name: str, layout: Layout) -> list[Diagnostic]:
    """Return *diagnostics* of the C file *name* with the names that files have in the revision."""
    return [
        replace(
            said,
            message=layout.named(said.message),
            notes=tuple(map(layout.named, said.notes)),
            help=layout.named(said.help),
        )
        for said in without_places(diagnostics, name)
    ]
