"""What the parts of one Go file share while it is written: names, imports, the spelling of types.

Every part takes its names from here, so that two that clash are found wherever they come from.
"""

from __future__ import annotations

import posixpath

from bpfgen.emit.go.naming import joined, unexported
from bpfgen.emit.go.options import KEYWORDS
from bpfgen.emit.go.spelling import Speller
from bpfgen.emit.user_space.identifiers import Surface
from bpfgen.emit.user_space.names import Names
from bpfgen.emit.user_space.types import FOREIGN
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.emit.go.options import GoOptions
    from bpfgen.emit.user_space.types import Enumeration, Structure
    from bpfgen.emit.user_space.view import View

LANGUAGE = "Go"

BYTES = "bytes"
BINARY = "encoding/binary"
FMT = "fmt"
ITER = "iter"
IO = "io"
MATH = "math"
STRCONV = "strconv"
STRUCTS = "structs"
SYNC = "sync"
UNSAFE = "unsafe"
ERRORS = "errors"
EBPF = "github.com/cilium/ebpf"

_TAKEN = frozenset(
    """
    binary bytes data ebpf elements err errors field fmt hi index io iter key lo m math record
    sample strconv structs sync text unsafe v value values
    """.split()
)
"""What packages and variables are called in a file, so that no other import can be."""


class Package:
    """One file, as far as it has been written.

    Attributes:
        scope: The names of the package that this file declares.
        scopes: Those of types whose names clash, for what is reported in the end.
        imports: The paths of the packages that are used.
        depths: How deep a struct ends in structs, itself included, by its name in Go.
        surface: What programs may name of it, as far as it has been written.
        aliases: What an imported package is called here, by its path, where that is of our making.
    """

    def __init__(self, view: View, options: GoOptions) -> None:
        self.stem = joined(view.stem) or "Maps"
        self.source = view.source
        self._names_are_given = view.names_are_given
        self._clashes: set[tuple[str, str]] = set()
        self.scope = Names(LANGUAGE, self._clashes)
        self.scopes = [self.scope]
        self.imports: set[str] = set()
        self.aliases: dict[str, str] = {}
        self.depths: dict[str, int] = {}
        self.surface = Surface()
        self.spell = Speller(self._qualified)
        self._paths = {posixpath.normpath(source): path for source, path in options.imports}
        self._bits: tuple[str, ...] = ()

    def use(self, path: str) -> None:
        """Import the package *path*."""
        self.imports.add(path)

    def import_lines(self) -> tuple[list[str], list[str]]:
        """Return what the import declaration has: the standard library's packages, and others."""
        standard: list[str] = []
        others: list[str] = []
        for path in sorted(self.imports):
            if path in self.aliases:
                others.append(f'{self.aliases[path]} "{path}"')
            else:
                (others if path == EBPF else standard).append(f'"{path}"')
        return standard, others

    def members(self) -> Names:
        """Return the names of the members and methods of one type, none of them taken."""
        names = Names(LANGUAGE, self._clashes)
        self.scopes.append(names)
        return names

    def gives_way(self, type: Structure | Enumeration) -> bool:
        """Whether names in *type* that clash get underscores: nobody can rename them."""
        return self._names_are_given or type.origin == FOREIGN

    @property
    def bits(self) -> str:
        """The name of the function that reads a bit-field; asking for it has it written."""
        return self._of_bits(0)

    @property
    def set_bits(self) -> str:
        """The name of the function that writes one."""
        return self._of_bits(1)

    def _of_bits(self, index: int) -> str:
        if not self._bits:
            prefix = unexported(self.stem)
            self._bits = (self.scope.free(f"{prefix}Bits"), self.scope.free(f"{prefix}SetBits"))
            self.use(BINARY)
        return self._bits[index]

    @property
    def has_bits(self) -> bool:
        """Whether those functions are needed."""
        return bool(self._bits)

    def _qualified(self, file: str) -> str:
        path = self._paths.get(posixpath.normpath(file))
        if path is None:
            return ""
        if path not in self.aliases:
            self.aliases[path] = self._alias(path)
            self.use(path)
        return f"{self.aliases[path]}."

    def _alias(self, path: str) -> str:
        """Return a name for the package *path* that no other import of this file has."""
        last = path.rstrip("/").rpartition("/")[2]
        word = "".join(c for c in last.lower() if c.isalnum())
        if not word or word[0].isdigit() or word in KEYWORDS:
            word = f"go{word}"
        taken = _TAKEN.union(self.aliases.values())
        alias, number = word, 2
        while alias in taken:
            alias, number = f"{word}{number}", number + 1
        return alias
