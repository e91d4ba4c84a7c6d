"""Words of the command line to values: what was typed, and what that asks of the pipeline.

The options are those of `options`; every command is parsed here, what isn't plain by `parser`.
"""

from __future__ import annotations

import os

from bpfgen.commands import UsageError
from bpfgen.commands.option import CLANG_ARGUMENT, OPTIONAL
from bpfgen.commands.options import options_of
from bpfgen.commands.plain_words import plain_values
from bpfgen.commands.settings import given_settings, style_of
from bpfgen.commands.terminal import Terminal, Warnings, wrong_warning
from bpfgen.kernel.version import KERNEL, LOADER_NAMES
from bpfgen.record import TYPE_CHECKING, replace

if TYPE_CHECKING:
    import argparse
    from argparse import Namespace

    from bpfgen.btf.kernel import KernelBtf
    from bpfgen.commands.configuration import Configuration, Configurations
    from bpfgen.compiler import Options
    from bpfgen.kernel.memory import Machine
else:
    # It does the same, and nobody asks which of the two it is.
    from types import SimpleNamespace as Namespace


def wants_help(words: list[str]) -> bool:
    """Return whether *words* ask for help, whatever else is right or wrong with them."""
    end = words.index("--") if "--" in words else len(words)
    return "-h" in words[:end] or "--help" in words[:end]


def parsed(command: str, words: list[str]) -> argparse.Namespace:
    """Return what *words* say, all operands in `inputs`.

    Operands may stand between options; what follows `--` is operands, whatever it looks like.

    Raises:
        UsageError: They make no sense.
    """
    end = words.index("--") if "--" in words else len(words)
    options = options_of(command)
    # Standing alone, what may have a value has an empty one: the next word is none of its own.
    alone = {name for option in options if option.kind == OPTIONAL for name in option.names}
    given = [f"{word}=" if word in alone else word for word in words[:end]]
    if CLANG_ARGUMENT in given:
        given = _with_its_flag(given)
    cc_words: list[str] = []
    if command == "import" or (command in _C_COMMANDS and _reads_c(words[:end])):
        # Only a run that may read C pays for telling its compiler's words apart.
        from bpfgen.commands.cc_words import separated

        given, cc_words = separated(given, options)
    values = plain_values(options, given)
    if values is None:
        # Only a run with other words, or wrong ones, pays for this import.
        from bpfgen.commands.parser import parsed_values

        values = parsed_values(command, options, given)
    arguments = Namespace(**values)
    arguments.inputs += words[end + 1 :]
    arguments.cc_words = cc_words
    for word in getattr(arguments, "warnings", ()):
        wrong = wrong_warning(word)
        if wrong is not None:
            raise UsageError(*wrong)
    return arguments


_C_COMMANDS = ("compile", "import", "verify", "breaking")
"""Those that read C as a source, and take its compiler's words for it."""


def _reads_c(words: list[str]) -> bool:
    """Whether a file of C may be an operand among *words*."""
    return any(
        word.endswith((".c", ".h")) and before != "-o"
        for before, word in zip(("", *words), words, strict=False)
    )


def _with_its_flag(words: list[str]) -> list[str]:
    """Return *words* with each flag after `--clang-arg` joined to it, whatever it begins with."""
    joined: list[str] = []
    following = iter(words)
    for word in following:
        flag = next(following, None) if word == CLANG_ARGUMENT else None
        joined.append(word if flag is None else f"{word}={flag}")
    return joined


def terminal_of(arguments: argparse.Namespace) -> Terminal:
    """Return standard error as *arguments* want it."""
    warnings = Warnings(getattr(arguments, "warnings", ()))
    return Terminal(arguments.diagnostics, arguments.color, warnings)


def pipeline_options(
    arguments: argparse.Namespace, configuration: Configuration | None = None
) -> Options:
    """Return what *arguments*, and where they are silent *configuration*, ask of the pipeline.

    Directories of the command line come before those of the configuration.

    Raises:
        UsageError: The arguments make no sense.
    """
    from bpfgen.clang.finder import Finder, cache_directory
    from bpfgen.compiler import Options

    definitions = definitions_of(arguments)
    undefined = undefined_of(arguments)
    kernel = version_of(arguments, KERNEL)
    loaders = loaders_of(arguments)
    directories = _directories_of(arguments)
    machine = machine_of(arguments, configuration)
    given = vars(arguments)
    target: str | None = given.get("target")
    clang_arguments, clang_target = _flags_of(arguments)
    clang = Finder(given.get("clang"))
    relax_compat: bool | None = arguments.relax_compat
    assembler: str | None = given.get("assembler")
    if configuration is not None:
        defined = configuration.definitions.items()
        definitions = {n: v for n, v in defined if n not in undefined} | definitions
        kernel = kernel or configuration.kernel
        loaders = {**configuration.loaders, **loaders}
        directories += configuration.include_directories
        target = target or clang_target or configuration.target
        if configuration.clang_args is not None:
            # What the command line says comes last: of flags that contradict each other it counts.
            clang_arguments = (*configuration.clang_args.arguments, *clang_arguments)
            target = target or configuration.clang_args.target
        if clang.path is None:
            place = f"{configuration.path}:{configuration.clang_line}"
            clang = Finder(configuration.clang, place, os.path.dirname(configuration.path))
        relax_compat = configuration.relax_compat if relax_compat is None else relax_compat
        assembler = assembler or configuration.assembler
    is_kept = configuration is None or configuration.cache is not False
    clang.cache = cache_directory() if is_kept and not given.get("no_cache") else None
    return Options(
        include_directories=tuple(directories),
        definitions=definitions,
        undefined=undefined,
        kernel=kernel,
        loaders=loaders,
        machine=machine,
        target=target or clang_target or "bpf",
        style=style_of(
            given_settings(arguments), () if configuration is None else [configuration.settings]
        ),
        relax_compat=bool(relax_compat),
        assembler=assembler or "",
        clang=clang.given(clang_arguments),
        btf=btf_of(arguments, configuration),
    )


def jobs_at_a_time(arguments: argparse.Namespace) -> int:
    """Return how many compilers `-j` lets run at a time; by default as many as processors are ours.

    Raises:
        UsageError: It is no number.
    """
    word: str | None = arguments.jobs
    if word is None:
        return len(os.sched_getaffinity(0))
    if not (word.isascii() and word.isdecimal() and int(word[:6])):
        raise UsageError(f"-j wants a number of compilers, and `{word}` is none", "-j 4")
    return int(word[:6])


def btf_of(
    arguments: argparse.Namespace, configuration: Configuration | None = None
) -> KernelBtf | None:
    """Return the file of `--btf`, else the one that a project names, or None.

    Raises:
        UsageError: One has no name.
    """
    paths: list[str] = getattr(arguments, "btf", [])
    if "" in paths:
        raise UsageError("--btf wants a file", "--btf /sys/kernel/btf/vmlinux")
    if not paths and configuration is not None:
        paths = list(configuration.btf)
    if not paths:
        return None
    # Only a run with such a file loads what reads one.
    from bpfgen.btf.kernel import KernelBtf

    return KernelBtf(*paths)


def _flags_of(arguments: argparse.Namespace) -> tuple[tuple[str, ...], str]:
    """Return what clang gets for `--clang-arg` and cc's own words, and the target that they name.

    Raises:
        UsageError: One is no flag that clang is given.
    """
    words: list[str] = getattr(arguments, "clang_arguments", [])
    cc_words: list[str] = getattr(arguments, "cc_words", [])
    if not words and not cc_words:
        return (), ""
    # Only a run with such flags pays for their table.
    from bpfgen.clang.arguments import WORDS, RefusedFlag, read_flags

    try:
        flags, more = read_flags(words), read_flags(cc_words, "", WORDS)
    except RefusedFlag as refused:
        raise UsageError(refused.what, refused.advice) from refused
    return (*flags.arguments, *more.arguments), more.target or flags.target


def machine_of(
    arguments: argparse.Namespace, configuration: Configuration | None = None
) -> Machine:
    """Return where the maps are loaded: `--cpus` and `--memory-limit`, else what a project says.

    Raises:
        UsageError: One of them is no number.
    """
    from bpfgen.kernel.map_kind import MAX_CPUS
    from bpfgen.kernel.memory import Machine, parsed_cpus

    machine = Machine()
    if configuration is not None:
        cpus, limit = configuration.cpus, configuration.memory_limit
        machine = Machine(cpus or machine.cpus, limit=limit or machine.limit)
    given = vars(arguments)
    word: str | None = given.get("cpus")
    if word is not None:
        number = parsed_cpus(word)
        if number is None:
            message = f"`{word}` is no number of CPUs: Linux has from 1 to {MAX_CPUS}"
            raise UsageError(message, "--cpus 8")
        machine = replace(machine, cpus=number)
    word = given.get("memory_limit")
    if word is not None:
        from bpfgen.text.quantities import parsed_bytes

        size = parsed_bytes(word)
        if not size:
            raise UsageError(f"`{word}` is no amount of memory", "--memory-limit 64MiB")
        machine = replace(machine, limit=size)
    return machine


def configurations_of(arguments: argparse.Namespace) -> Configurations:
    """Return where the configuration of each input is found.

    Raises:
        UsageError: The file of `--config` is none.
    """
    from bpfgen.commands.configuration import Configurations

    if arguments.config is not None and arguments.no_config:
        raise UsageError("--config and --no-config exclude each other")
    configurations = Configurations(arguments.config, wanted=not arguments.no_config)
    try:
        if arguments.config is not None:
            configurations.of("")
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"cannot read `{arguments.config}`: {reason[:1].lower()}{reason[1:]}"
        raise UsageError(message) from error
    except ValueError as error:
        raise UsageError(str(error)) from error
    return configurations


def configured_options(
    arguments: argparse.Namespace, path: str, terminal: Terminal
) -> Options | None:
    """Return what is asked of the pipeline for the one input *path*, its configuration included.

    What is wrong with the configuration is reported, and None comes back. Else its warnings hold
    for *terminal*.

    Raises:
        UsageError: The arguments make no sense.
    """
    configuration = configurations_of(arguments).of(path)
    if configuration is not None:
        if configuration.diagnostics:
            terminal.report(configuration.diagnostics)
            return None
        words = (*configuration.warnings, *getattr(arguments, "warnings", ()))
        terminal.warnings = Warnings(words)
    options = pipeline_options(arguments, configuration)
    place: str | None = getattr(arguments, "compile_commands", None)
    if place is None:
        return options
    # Only such a run pays for this import.
    from bpfgen.commands.build_flags import with_build_flags

    return with_build_flags(options, place, path, terminal)


def _directories_of(arguments: argparse.Namespace) -> list[str]:
    """Return the directories after `-I`.

    Raises:
        UsageError: One has a name that C can't have in an `#include`.
    """
    from bpfgen.text.header_names import header_name_fault

    directories: list[str] = arguments.include_directories
    for directory in directories:
        wrong = header_name_fault(directory)
        if wrong:
            raise UsageError(f"-I {directory}: no directory may have {wrong} in its name")
    return list(directories)


def definitions_of(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the values of `-D`, by name.

    Raises:
        UsageError: One is none.
    """
    definitions: dict[str, str] = {}
    for word in getattr(arguments, "definitions", ()):
        name, given, value = word.partition("=")
        if not name:
            raise UsageError(f"-D wants NAME=VALUE, and `{word}` has no name", "-D NAME=1")
        if not (name.isascii() and name.isidentifier()):
            raise UsageError(f"-D wants NAME=VALUE, and `{name}` is no name", "-D NAME=1")
        definitions[name] = value if given else "1"
        if not definitions[name].strip():
            raise UsageError(f"-D {name}= has no value", f"-D {name}=1")
    return definitions


def undefined_of(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the names of `-U`.

    Raises:
        UsageError: One is none, or `-D` defines it.
    """
    names: dict[str, None] = dict.fromkeys(getattr(arguments, "undefined", ()))
    for name in names:
        if not (name.isascii() and name.isidentifier()):
            raise UsageError(f"-U wants a name, and `{name}` is none", "-U NAME")
    for word in getattr(arguments, "definitions", ()):
        name = word.partition("=")[0]
        if name in names:
            raise UsageError(f"-D defines `{name}`, and -U undefines it", "give one of the two")
    return tuple(names)


def loaders_of(arguments: argparse.Namespace) -> dict[str, tuple[int, int] | None]:
    """Return the versions of `--libbpf` and the like, by the name of the loader.

    Raises:
        UsageError: One is none.
    """
    versions: dict[str, tuple[int, int] | None] = {}
    for name in LOADER_NAMES:
        version = version_of(arguments, name)
        if version is not None:
            versions[name] = version
    return versions


def version_of(arguments: argparse.Namespace, name: str) -> tuple[int, int] | None:
    """Return the version of `--kernel` or of a loader's option, or None.

    Raises:
        UsageError: It is none.
    """
    given: str | None = getattr(arguments, name, None)
    if given is None:
        return None
    from bpfgen.kernel.targets import TARGETS
    from bpfgen.kernel.version import parse_version

    kind = TARGETS[name]
    version = parse_version(given)
    example = f"--{name} {kind.example}"
    if version is None:
        raise UsageError(f"`{given}` is no version of {kind.title}", example)
    fault = kind.fault(version)
    if fault:
        raise UsageError(fault, example)
    return version


def is_same_file(one: str, other: str) -> bool:
    """Return whether both are there, and the same file."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
