"""`bpfgen size FILE`: what the maps of a source cost the kernel, and `--limit` for that."""

from __future__ import annotations

import os

from bpfgen.commands import DONE, MISSING, USAGE, WRONG, UsageError
from bpfgen.commands.arguments import configurations_of, configured_options, parsed, terminal_of
from bpfgen.commands.terminal import output_page, write_output
from bpfgen.files.reading import STDIN
from bpfgen.kernel.version import KERNEL, NEWEST
from bpfgen.record import TYPE_CHECKING, Record, replace
from bpfgen.text.codes import ANYWHERE, MEMORY
from bpfgen.text.diagnostics import NOTE, Diagnostic

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from bpfgen.commands.terminal import Terminal
    from bpfgen.compiler import Options
    from bpfgen.inspection.memory import SizedMap
    from bpfgen.inspection.memory_report import Sizes
    from bpfgen.kernel.memory import Machine
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.object.records import ObjectFile
    from bpfgen.sources import Contents, Opened

_CONCERNS = frozenset((ANYWHERE, MEMORY))
"""What warnings of a source are shown: how programs use the maps is no matter here."""

_SHOWN = 5
"""How many maps are named that are over the limit together."""


class _Given(Record):
    """What the command line and the configuration say.

    Attributes:
        options: Of the pipeline; its machine has the CPUs to count for.
        source: Where their number is from.
        values: Of `--set`.
        limit: Of `--limit`, in bytes; None without.
    """

    options: Options
    source: str
    values: dict[str, int]
    limit: int | None


def run(words: list[str]) -> int:
    """Print what the maps cost that *words* name; return the exit status."""
    arguments = parsed("size", words)
    inputs: list[str] = arguments.inputs
    if len(inputs) != 1:
        raise UsageError("`bpfgen size` takes one source", "bpfgen size maps.dsl")
    terminal = terminal_of(arguments)
    given = _given(arguments, inputs[0], terminal)
    status = USAGE if given is None else _run(inputs[0], given, arguments, terminal)
    terminal.finish()
    return status


def _given(arguments: argparse.Namespace, path: str, terminal: Terminal) -> _Given | None:
    """Return what is asked for; None where the configuration is wrong, and that has been said.

    Raises:
        UsageError: The arguments make no sense.
    """
    from bpfgen.commands.runtime_values import values_of

    values = values_of(arguments.runtime_values)
    limit = None
    if arguments.limit is not None:
        from bpfgen.text.quantities import parsed_bytes

        limit = parsed_bytes(arguments.limit)
        if limit is None:
            raise UsageError(f"`{arguments.limit}` is no amount of memory", "--limit 64MiB")
    options = configured_options(arguments, path, terminal)
    if options is None:
        return None
    source = "--cpus"
    if arguments.cpus is None:
        from bpfgen.live.machine import this_machine

        configuration = configurations_of(arguments).of(path)
        source = "configuration"
        if configuration is None or configuration.cpus is None:
            source = "this machine"
            try:
                cpus = this_machine().cpus
            except OSError as error:
                message = f"how many CPUs this machine may have, it doesn't say: {error}"
                raise UsageError(message, "--cpus 8") from error
            options = replace(options, machine=replace(options.machine, cpus=cpus))
    return _Given(options, source, values, limit)


def _run(path: str, given: _Given, arguments: argparse.Namespace, terminal: Terminal) -> int:
    from bpfgen.clang import ToolMissing
    from bpfgen.commands.running import unreadable
    from bpfgen.inspection.memory_report import sizes_json, sizes_text
    from bpfgen.sources import contents_of
    from bpfgen.text.diagnostics import FormatError

    name = STDIN if path == "-" else path
    try:
        sizes = _sizes(path, contents_of(path), given, terminal)
    except OSError as error:
        return unreadable(terminal, path, error)
    except FormatError as error:
        terminal.error("object-format", f"{name}: {error}")
        return WRONG
    except ToolMissing as missing:
        terminal.error("tool-missing", str(missing))
        return MISSING
    if sizes is None:
        return WRONG
    if arguments.format == "json":
        write_output(sizes_json(sizes))
    else:
        write_output(sizes_text(sizes, output_page(arguments.color)))
    over = _over_limit(sizes)
    if over is None:
        return DONE
    terminal.report([over])
    return WRONG


def _sizes(path: str, contents: Contents, given: _Given, terminal: Terminal) -> Sizes | None:
    """Return what the maps of *contents* cost; None where they are wrong, which has been said.

    Raises:
        UsageError: `--set` is for something that isn't left to a loader.
    """
    from bpfgen.object.records import ObjectFile
    from bpfgen.sources import OBJECT, kind_of, open_source

    name = STDIN if path == "-" else path
    if isinstance(contents, ObjectFile):
        return _running_sizes(path, contents, given)
    if kind_of(path, contents) != OBJECT:
        return _source_sizes(name, open_source(path, contents, given.options), given, terminal)
    from bpfgen.object import read_object

    object = read_object(contents, relax_compat=given.options.relax_compat)
    return _object_sizes(name, object, given, terminal)


def _source_sizes(name: str, opened: Opened, given: _Given, terminal: Terminal) -> Sizes | None:
    """Return what the maps of the source *opened* cost."""
    from bpfgen.commands.decided_source import decided
    from bpfgen.commands.runtime_values import with_set
    from bpfgen.inspection.memory import sizes_of_model
    from bpfgen.inspection.memory_report import Sizes

    said = [one for one in opened.diagnostics if one.severity != NOTE]
    opened = replace(opened, diagnostics=said)
    purpose = "what maps cost"
    source = decided(opened, name, given.options, terminal, concerns=_CONCERNS, purpose=purpose)
    if source is None:
        return None
    model = with_set(source.model, given.values)
    if given.values and terminal.report(source.caused(model, given.values)):
        return None
    aim = model.targets.get(KERNEL)
    machine = _counted_for(given, None if aim is None else aim.version)
    elsewhere = (map.name for map in model.maps if map.linkage == "extern")
    return Sizes(
        name,
        tuple(sizes_of_model(model, machine)),
        machine,
        given.source,
        tuple((one, "is defined elsewhere") for one in elsewhere),
        given.limit,
    )


def _object_sizes(name: str, object: ObjectFile, given: _Given, terminal: Terminal) -> Sizes | None:
    """Return what the maps cost that libbpf makes of *object*; None where it makes none."""
    from bpfgen.inspection.memory import LeftToLoaderError, sizes_of_object
    from bpfgen.inspection.memory_report import Sizes

    if object.error is not None:
        terminal.error("libbpf-refuses", f"{name}: {object.error}")
        return None
    machine = _counted_for(given, None)
    try:
        maps = tuple(sizes_of_object(object, machine, given.values))
    except LeftToLoaderError as error:
        raise UsageError(f"--set: {error}") from error
    extern = (map.name for map in object.maps if map.linkage == "extern")
    left_out = [(one, "is defined elsewhere") for one in extern]
    why = "a struct_ops map: the kernel alone knows how many functions it has"
    left_out += ((map.name, why) for map in object.struct_ops)
    return Sizes(name, maps, machine, given.source, tuple(left_out), given.limit)


def _counted_for(given: _Given, kernel: KernelVersion | None, vmlinux: str = "") -> Machine:
    """Return the machine to count for: with *kernel*, unless `--kernel` names one.

    The structs are those of `--btf`, else those of the file *vmlinux*, where there is one.

    Raises:
        UsageError: The file of `--btf` can't be read, or isn't BTF.
    """
    options = given.options
    machine = replace(options.machine, kernel=options.kernel or kernel or NEWEST)
    btf = options.btf
    if btf is None and not (vmlinux and os.path.exists(vmlinux)):
        return machine
    from bpfgen.btf.kernel import BtfFileError, KernelBtf
    from bpfgen.btf.struct_sizes import struct_sizes_in

    try:
        return replace(machine, structs=struct_sizes_in((btf or KernelBtf(vmlinux)).open()))
    except BtfFileError as error:
        if btf is None:
            return machine
        raise UsageError(f"--btf: {error.what}", error.advice) from error


def _running_sizes(path: str, object: ObjectFile, given: _Given) -> Sizes:
    """Return what the running maps cost that *object* stands for.

    Raises:
        UsageError: `--set` was given, and nothing of running maps is left to a loader.
    """
    from bpfgen.inspection.memory import sizes_of_running
    from bpfgen.inspection.memory_report import Sizes
    from bpfgen.live.kernel_btf import VMLINUX
    from bpfgen.live.machine import this_machine

    if given.values:
        raise UsageError("--set: nothing of a running map is left to a loader")
    here = this_machine()
    machine = _counted_for(given, here.kernel, "" if given.options.kernel else VMLINUX)
    machine = replace(machine, page=here.page)
    maps: list[SizedMap] = []
    names = [map.name for map in object.maps]
    names += (running.name for running in object.running[len(names) :])
    for running, name in zip(object.running, names, strict=True):
        maps += sizes_of_running(running, name, machine)
    return Sizes(path, tuple(maps), machine, given.source, (), given.limit)


def _over_limit(sizes: Sizes) -> Diagnostic | None:
    """Return what is wrong where the maps may take more than `--limit`, or nobody knows."""
    limit = sizes.limit
    if limit is None:
        return None
    from bpfgen.text.quantities import spelled_bytes
    from bpfgen.text.render import printable

    sum = sizes.sum
    name = printable(sizes.path)
    if sum.full > limit:
        largest = sorted((map for map in sizes.maps if not map.is_inner), key=_full, reverse=True)
        return Diagnostic(
            "size-limit",
            f"{name}: the maps take up to {spelled_bytes(sum.full)}, and the limit is"
            f" {spelled_bytes(limit)}",
            None,
            notes=tuple(
                f"`{printable(map.name)}` takes up to {spelled_bytes(_full(map))}"
                for map in largest[:_SHOWN]
                if _full(map)
            ),
            help="write a smaller `max_entries`, or move the limit",
        )
    if not sum.unknown:
        return None
    missing = [one for map in sizes.maps if not map.is_inner for one in map.missing]
    return Diagnostic(
        "size-limit",
        f"{name}: whether the maps keep to {spelled_bytes(limit)} can't be said:"
        f" {_listed(sum.unknown)}",
        None,
        notes=(f"the others take up to {spelled_bytes(sum.full)}",),
        help=" ".join(f"--set {printable(one)}=N" for one in missing),
    )


def _full(map: SizedMap) -> int:
    memory = map.memory
    return 0 if memory is None else memory.full or memory.created


def _listed(names: Iterable[str]) -> str:
    from bpfgen.text.render import printable

    return ", ".join(f"`{printable(name)}`" for name in names)
