"""The compiler, for the C headers of a revision: it sees what a :class:`Layout` puts before it."""

from __future__ import annotations

import os

from bpfgen.clang.compiler import Compiler
from bpfgen.clang.finder import Finder
from bpfgen.clang.started import StartedObject
from bpfgen.record import TYPE_CHECKING, Record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bpfgen.clang.compiler import PreprocessResult
    from bpfgen.clang.messages import ClangMessage
    from bpfgen.clang.started import CompileResult, Started
    from bpfgen.git.layout import Layout
    from bpfgen.record import Uncompared


class RevisionFinder(Finder):
    """Finds the compiler that *finder* finds, for texts of the revision that *layout* lays out.

    It keeps no answers: they would be about files that are gone afterwards.
    """

    __slots__ = ("_layout",)

    def __init__(self, finder: Finder, layout: Layout) -> None:
        super().__init__(finder.path, finder.named_by, finder.directory, finder.arguments)
        self._layout = layout

    def find(self) -> Compiler:
        """Return the compiler.

        Raises:
            ToolMissing: There is none.
        """
        found = super().find()
        return RevisionCompiler(
            found.command,
            found.origin,
            found.alternatives,
            found.arguments,
            rejected=found.rejected,
            layout=self._layout,
        )


class RevisionCompiler(Compiler, Record):
    """A compiler that is given texts and directories by their names in a revision.

    Attributes:
        layout: Where they are meanwhile.
    """

    layout: Uncompared[Layout | None] = None

    def start_object(  # noqa: PLR0913 -- as the method that it extends
        self,
        text: str,
        *,
        target: str = "bpf",
        include_directories: Sequence[str] = (),
        quote_directories: Sequence[str] = (),
        name: str = "<stdin>",
        headers: Mapping[str, str] | None = None,
        flags: Sequence[str] = (),
        is_kept: bool = False,
    ) -> StartedObject:
        """Begin to compile C *text*, of the file *name* of the revision; see :class:`Compiler`.

        Raises:
            ToolMissing: No compiler that was found knows the bpf target, or there is no git.
            GitError: git doesn't have what is included.
        """
        del is_kept
        place = self._prepared(text, name, headers, [*quote_directories, *include_directories])
        started = self._plain.start_object(
            text,
            target=target,
            include_directories=self._places(include_directories),
            quote_directories=self._places(quote_directories),
            name=place,
            headers=headers,
            flags=flags,
        )
        return _StartedObject(started.run, self)

    def preprocess(  # noqa: PLR0913 -- as the method that it extends
        self,
        text: str,
        *,
        target: str = "bpf",
        include_directories: Sequence[str] = (),
        name: str = "<stdin>",
        headers: Mapping[str, str] | None = None,
        flags: Sequence[str] = ("-P",),
        stand_ins: Iterable[str] = (),
        is_kept: bool = False,
    ) -> PreprocessResult:
        """Run the preprocessor over C *text*; see :class:`Compiler`."""
        del is_kept
        place = self._prepared(text, name, headers, include_directories)
        result = self._plain.preprocess(
            text,
            target=target,
            include_directories=self._places(include_directories),
            name=place,
            headers=headers,
            flags=flags,
            stand_ins=stand_ins,
        )
        assert self.layout is not None
        return replace(
            result,
            text=None if result.text is None else self.layout.named(result.text),
            messages=self.messages(result.messages),
            dependencies=self.names(result.dependencies),
        )

    @property
    def _plain(self) -> Compiler:
        assert self.layout is not None
        arguments = self.layout.arguments(self.arguments)
        return Compiler(
            self.command, self.origin, self.alternatives, arguments, rejected=self.rejected
        )

    def _prepared(
        self,
        text: str,
        name: str,
        headers: Mapping[str, str] | None,
        directories: Sequence[str],
    ) -> str:
        """Lay out what *text* and *headers* include; return where the file *name* would be."""
        assert self.layout is not None
        beside = os.path.dirname(name)
        texts = {name: text}
        texts |= {os.path.join(beside, path): given for path, given in (headers or {}).items()}
        for path, given in texts.items():
            self.layout.add(given, path, directories, self.arguments)
        return self.layout.place_of(name)

    def _places(self, directories: Iterable[str]) -> list[str]:
        assert self.layout is not None
        return [self.layout.place_of(directory) for directory in directories]

    def names(self, paths: Iterable[str]) -> list[str]:
        """Return the names in the revision of the files *paths*."""
        assert self.layout is not None
        return list(map(self.layout.named, paths))

    def messages(self, messages: Iterable[ClangMessage]) -> list[ClangMessage]:
        """Return *messages* with the files' names in the revision."""
        assert self.layout is not None
        named = self.layout.named
        return [replace(one, text=named(one.text), file=named(one.file)) for one in messages]


class _StartedObject(StartedObject):
    """An object of a revision's texts, which *compiler* has started to make."""

    __slots__ = ("_compiler",)

    def __init__(self, run: Started, compiler: RevisionCompiler) -> None:
        super().__init__(run)
        self._compiler = compiler

    def finish(self) -> CompileResult:
        """Return what the compiler came to, under the names of the revision."""
        result = super().finish()
        messages = self._compiler.messages(result.messages)
        return replace(
            result, messages=messages, dependencies=self._compiler.names(result.dependencies)
        )
