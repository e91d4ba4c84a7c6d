"""`[tool.bpfgen]` of pyproject.toml: what a project wants of every run, below the command line.

Beside the pipeline; only `commands` asks for it. The nearest pyproject.toml with that table counts,
upwards from the input. A run without one reads no TOML, and what is in it never raises: mistakes
are diagnostics at their line.
"""

from __future__ import annotations

import os
import re

from bpfgen.files.reading import decode_source, read_bytes
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.clang.arguments import Flags
    from bpfgen.commands.configured_breaking import ConfiguredBreaking
    from bpfgen.commands.configured_outputs import ConfiguredOutput
    from bpfgen.emit.backend import Settings
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.text.diagnostics import Diagnostic

FILE_NAME = "pyproject.toml"

_TABLE = (
    r"""(?m)^[ \t]*(?:\[{1,2}[ \t]*["']?tool["']?[ \t]*(?:\]|\.[ \t]*["']?bpfgen)"""
    r"""|["']?tool["']?[ \t]*[.=])"""
)
"""What a file has somewhere that has the table, however it is spelt; TOML is read to be sure."""


class Configuration(Record):
    """What one `[tool.bpfgen]` says; None or empty where it is silent.

    Attributes:
        path: The file, relative to the working directory where the input is.
        include_directories: As after `-I`, made relative to the file.
        kernel: As after `--kernel`.
        loaders: As after `--libbpf`, by the name of the loader.
        cpus: As after `--cpus`.
        memory_limit: As after `--memory-limit`, in bytes.
        warnings: The words after `-W`.
        settings: What backends are asked for, by the names of their options, as `style`.
        target: As after `--target`.
        relax_compat: Whether `--relax-compat` is given.
        assembler: As after `--assembler`.
        definitions: The values of `-D`, by name.
        clang: As after `--clang`, as it stands there; relative to the directory of the file if
            there is a slash in it.
        clang_line: The line that says so, from 1.
        btf: The files as after `--btf`, made relative to the file.
        cache: Whether the compiler's answers are kept.
        clang_args: As after `--clang-arg`, paths relative to the file.
        inputs: The sources of outputs that name none, as patterns.
        outputs: What a run without inputs makes.
        breaking: What `bpfgen breaking` is asked for; None where nothing says so.
        diagnostics: What is wrong with it; then nothing of it should be used.
    """

    path: str
    include_directories: tuple[str, ...] = ()
    kernel: KernelVersion | None = None
    loaders: dict[str, KernelVersion | None] = {}  # noqa: RUF012 -- read only, as every record
    cpus: int | None = None
    memory_limit: int | None = None
    warnings: tuple[str, ...] = ()
    settings: Settings = {}  # noqa: RUF012 -- read only, as every record
    target: str | None = None
    relax_compat: bool | None = None
    assembler: str | None = None
    definitions: dict[str, str] = {}  # noqa: RUF012 -- read only, as every record
    clang: str | None = None
    clang_line: int = 0
    btf: tuple[str, ...] = ()
    clang_args: Flags | None = None
    cache: bool | None = None
    inputs: tuple[str, ...] = ()
    outputs: tuple[ConfiguredOutput, ...] = ()
    breaking: ConfiguredBreaking | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


class Configurations:
    """The configuration of each input, every file read once.

    Attributes:
        named: The file that `--config` names, or None.
        wanted: False for `--no-config`.
    """

    __slots__ = ("_by_directory", "_of_all", "_read", "named", "wanted")

    def __init__(self, named: str | None = None, *, wanted: bool = True) -> None:
        self.named = named
        self.wanted = wanted
        self._of_all: Configuration | None = None
        self._by_directory: dict[str, Configuration | None] = {}
        self._read: dict[str, Configuration | None] = {}

    def of(self, path: str) -> Configuration | None:
        """Return what holds for the input *path* (`-`: for the working directory), or None.

        Raises:
            OSError: The file that `--config` names can't be read.
            ValueError: It has no table `[tool.bpfgen]`.
        """
        if not self.wanted:
            return None
        if self._of_all is not None:
            return self._of_all
        if self.named is not None:
            if self.named not in self._read:
                self._read[self.named] = _configuration(self.named, read_bytes(self.named))
            configuration = self._read[self.named]
            if configuration is None:
                raise ValueError(f"`{self.named}` has no table [tool.bpfgen]")
            return configuration
        directory = os.path.dirname(path)
        if directory not in self._by_directory:
            self._by_directory[directory] = self._nearest(directory)
        return self._by_directory[directory]

    def of_project(self) -> Configuration | None:
        """Return the configuration of the working directory; from now on it holds for all inputs.

        Raises:
            OSError: As :meth:`of`.
            ValueError: As :meth:`of`.
        """
        self._of_all = self.of("")
        return self._of_all

    def _nearest(self, directory: str) -> Configuration | None:
        """Return the configuration of *directory* or of the nearest one above that has one."""
        absolute = os.path.abspath(directory)
        place = absolute
        while True:
            file = os.path.join(place, FILE_NAME)
            if file not in self._read:
                name = file if os.path.isabs(directory) else None
                self._read[file] = _configuration_at(file, name)
            nearest = self._read[file]
            parent = os.path.dirname(place)
            if nearest is not None or parent == place:
                return nearest
            place = parent


def _configuration_at(file: str, name: str | None) -> Configuration | None:
    """Return what *file* says, called *name* (None: as seen from the working directory)."""
    try:
        data = read_bytes(file)
    except OSError:  # it isn't there; or it isn't ours to read, and then not ours to obey
        return None
    if b"bpfgen" not in data:
        return None
    return _configuration(name or os.path.relpath(file), data)


def _configuration(path: str, data: bytes) -> Configuration | None:
    """Return what the bytes of *path* say, or None if there is no table `[tool.bpfgen]`."""
    source, undecoded = decode_source(path, data)
    if not re.search(_TABLE, source.text):
        return None
    if undecoded is not None:
        return Configuration(path, diagnostics=(undecoded,))
    # Only a project with the table pays for these imports.
    from tomllib import loads

    from bpfgen.commands.configuration_values import read_table
    from bpfgen.commands.toml_places import Places, place_at, syntax_error, wrong

    try:
        document = loads(source.text)
    except RecursionError:
        deep = wrong("this is nested too deep", place_at(source))
        return Configuration(path, diagnostics=(deep,))
    except ValueError as error:  # TOMLDecodeError is one, and so is a number of many digits
        return Configuration(path, diagnostics=(syntax_error(source, str(error)),))
    tools = document.get("tool")
    if not isinstance(tools, dict) or "bpfgen" not in tools:
        return None
    table = tools["bpfgen"]
    places = Places(source)
    if not isinstance(table, dict):
        no_table = wrong("[tool.bpfgen] is a table", places.table())
        return Configuration(path, diagnostics=(no_table,))
    listed, compared = table.pop("outputs", None), table.pop("breaking", None)
    values = read_table(path, table, places)
    outputs: tuple[ConfiguredOutput, ...] = ()
    mistakes: list[Diagnostic] = []
    if listed is not None:
        from bpfgen.commands.configured_outputs import read_outputs

        # What is wrong with the common inputs has been reported.
        inputs = values.members.get("inputs", () if "inputs" in table else None)
        outputs = read_outputs(listed, inputs, places, mistakes)
    breaking = None
    if compared is not None:
        from bpfgen.commands.configured_breaking import read_breaking

        breaking = read_breaking(path, compared, places, mistakes)
    return Configuration(
        path,
        **values.members,
        settings=values.settings,
        loaders=values.loaders,
        outputs=outputs,
        breaking=breaking,
        diagnostics=(*values.diagnostics, *mistakes),
    )
