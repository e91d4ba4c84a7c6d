"""Every command, a row each; `options` has their options.

Only names and texts; nothing is imported for them, since every run of the command loads them.
"""

from __future__ import annotations

from bpfgen.record import Record

SHELLS = ("bash", "zsh", "fish")

# What the shells complete an operand or a value with.
SOURCE, TEXT, OBJECT, FILE, DIRECTORY = "source", "text", "object", "file", "directory"
CODE, WARNING, KIND, COMMAND, SHELL = "code", "warning", "kind", "command", "shell"


RUNNING_COMMANDS = frozenset(("live", "dump", "create", "size"))
"""The commands whose options `running_options` has."""


class Command(Record):
    """One command of `bpfgen`.

    Attributes:
        name: The first word; `compile` is what is done where the first word is no command.
        module: The module whose `run(words) -> status` does it.
        summary: What it does, in one clause.
        examples: Command lines and what they are for.
        operand: What its operands are called; empty where it has none.
        operand_help: What they are.
        completes: What shells offer as operands.
        mention: The command line and what it is for, as the help of the compiler has them.
        notes: Paragraphs after the options.
    """

    name: str
    module: str
    summary: str
    examples: tuple[tuple[str, str], ...]
    operand: str
    operand_help: str
    completes: str
    mention: tuple[str, str] | None = None
    notes: tuple[str, ...] = ()

    @property
    def typed(self) -> str:
        """What one types for it."""
        return "bpfgen" if self.name == "compile" else f"bpfgen {self.name}"


_STATUS = """\
exit status: 0 done; 1 the input is wrong, the check differs or verification fails;
2 wrong usage; 3 a tool that is needed is missing; 70 bpfgen itself is wrong; 130 interrupted
(128 and its number: ended by another signal)."""

_COMPILE_NOTES = """\
`@FILE` stands for the words in FILE, quoted as for gcc. A file named like a command is compiled as
./inspect, ./kinds and so on."""

_INSPECT_NOTES = """\
exit status: 0 done; 1 an object can't be read or libbpf would refuse it (the rest is shown all the
same); 2 wrong usage; 3 a right that is needed is missing."""

_VERIFY_NOTES = """\
exit status: 0 the object defines the maps as declared; 1 it doesn't, or one of the files is wrong;
2 wrong usage; 3 a right or a tool that is needed is missing."""

_IMPORT_NOTES = """\
What can't be expressed is reported and left out; the rest is written.

exit status: 0 done; 1 the input can't be read, or none of its maps can be expressed, or the check
differs; 2 wrong usage; 3 a tool that is needed is missing."""

_FMT_NOTES = """\
A file with errors of syntax is left as it is, with the error shown; other mistakes don't matter.
In a directory it is all files that end in .bpfmap, and those in .dsl that look like sources.

exit status: 0 done; 1 a file can't be read, or has errors of syntax, or with --check and --diff
would be changed; 2 wrong usage."""

_RUNNING_NOTES = """\
A map of this machine is named by the path of its pin, by `id:42` or by `name:flows`; a file of that
name is ./id:42.

exit status: 0 done; 1 a map can't be read or is refused; 2 wrong usage; 3 a right or a tool that is
needed is missing."""

_BREAKING_NOTES = """\
exit status: 0 nothing is broken; 1 something is, or NEW has errors; 2 a source can't be read or
resolved, or wrong usage; 3 a right or a tool that is needed is missing."""

_LSP_NOTES = """\
It speaks the Language Server Protocol over standard input and output, and needs pygls:
pip install 'bpfgen[lsp]'. Options hold for every file, as pyproject.toml does for those below it.

exit status: 0 the editor has ended it; 1 it was lost; 2 wrong usage; 3 pygls is missing."""

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command(
            "compile",
            "bpfgen.commands.compile",
            "compile maps to C headers and verified objects",
            (
                ("bpfgen maps.dsl -o maps.h", "C header with the declarations"),
                ("bpfgen maps.dsl -o maps.o", "object, by clang or by bpfgen itself, verified"),
                ("bpfgen a.dsl x/b.dsl --out-dir gen/", "many files: gen/a.h, gen/x/b.h"),
                ("bpfgen maps.dsl", "check only, by rules and clang"),
                (
                    "bpfgen maps.dsl -o maps.go",
                    "types for Go; maps.rs for Rust, maps.py for Python",
                ),
                ("bpfgen maps.dsl -o maps.h -o maps.go", "several outputs, all or none"),
                ("bpfgen prog.bpf.o -o maps.go", "from any BPF object, or from C"),
                ("bpfgen id:42 -o maps.go", "from a map of the running kernel"),
                ("bpfgen maps.dsl -o maps.h --watch", "again whenever something changes"),
                ("bpfgen", "the outputs that the project lists in pyproject.toml"),
            ),
            "FILE",
            "a source, an object, a C file or a running map; `-` reads standard input",
            SOURCE,
            None,
            (_STATUS, _COMPILE_NOTES),
        ),
        Command(
            "inspect",
            "bpfgen.commands.inspect",
            "show the maps of any BPF object, as libbpf understands them",
            (
                ("bpfgen inspect prog.o", "a line for each map"),
                ("bpfgen inspect prog.o --types", "key and value types, with offsets and holes"),
                ("bpfgen inspect *.o --format json", "one object a line, for programs"),
                ("bpfgen inspect prog.o --as cilium", "as cilium/ebpf creates them"),
                ("bpfgen inspect /sys/fs/bpf/flows", "a running map: its pin, id:42, name:flows"),
            ),
            "OBJ",
            "a BPF object or a running map; `-` reads standard input",
            OBJECT,
            ("bpfgen inspect prog.o", "the maps of any BPF object"),
            (_INSPECT_NOTES,),
        ),
        Command(
            "verify",
            "bpfgen.commands.verify",
            "tell whether an object or a running map is as declared",
            (
                ("bpfgen verify prog.o maps.dsl", "every declared map is in the program"),
                ("bpfgen verify prog.o maps.dsl --exact", "and no other map is"),
                ("bpfgen verify prog.o maps.dsl --format json", "the result for programs"),
                ("bpfgen verify /sys/fs/bpf/flows maps.dsl", "is what runs what is declared?"),
                ("bpfgen verify /sys/fs/bpf/app maps.dsl", "each map that is pinned there"),
            ),
            "OBJ FILE",
            "a BPF object or a running map, and the source of its maps; `-` is standard input",
            FILE,
            ("bpfgen verify prog.o maps.dsl", "does this object define the maps as declared?"),
            (_VERIFY_NOTES,),
        ),
        Command(
            "import",
            "bpfgen.commands.import_",
            "write the source for the maps of an existing object or C file",
            (
                ("bpfgen import prog.o -o maps.dsl", "from an object"),
                ("bpfgen import maps.bpf.c -I include -o maps.dsl", "from C"),
                ("bpfgen import prog.o -o -", "to standard output"),
                ("bpfgen import id:42 -o maps.dsl", "from a map of the running kernel"),
                ("bpfgen import /sys/fs/bpf/app -o maps.dsl", "from all maps pinned there"),
                ("bpfgen import --replace prog.bpf.c", "and include its header in the C"),
                ("bpfgen import --replace DIR --diff", "of a whole project; look first"),
                ("bpfgen import maps.h --in prog.bpf.c -o maps.dsl", "a header that needs the C"),
                ("bpfgen import src --out-dir dsl", "a project, each file with maps"),
            ),
            "OBJ",
            "an object, .c, .h or running maps; several or directories of C; `-` reads an object",
            FILE,
            ("bpfgen import prog.o -o maps.dsl", "write the source for an existing object"),
            (_IMPORT_NOTES,),
        ),
        Command(
            "fmt",
            "bpfgen.commands.fmt",
            "write sources in the one form that they have",
            (
                ("bpfgen fmt maps.dsl", "in place, if anything changes"),
                ("bpfgen fmt .", "every source in a directory and below it"),
                ("bpfgen fmt --check .", "which would be changed? exit 1 if any"),
                ("bpfgen fmt --diff maps.dsl", "what would be changed"),
                ("bpfgen fmt - <maps.dsl", "to standard output, for an editor"),
            ),
            "FILE",
            "a source, or a directory of sources; `-` reads standard input",
            TEXT,
            ("bpfgen fmt maps.dsl", "write a source in the one form that it has"),
            (_FMT_NOTES,),
        ),
        Command(
            "live",
            "bpfgen.commands.live",
            "list the maps of the running kernel, and who holds them",
            (
                ("bpfgen live", "every map: kind, types, entries, memory, holders, pins"),
                ("bpfgen live name:flows", "those of that name"),
                ("bpfgen live /sys/fs/bpf/app", "those that are pinned in a directory"),
                ("bpfgen live --format json", "one object a line, for programs"),
            ),
            "MAP",
            "a running map, or a directory of pins; all maps where none is named",
            FILE,
            ("bpfgen live", "the maps of the running kernel"),
            (_RUNNING_NOTES,),
        ),
        Command(
            "dump",
            "bpfgen.commands.dump",
            "print what is in a map of the running kernel, typed",
            (
                ("bpfgen dump /sys/fs/bpf/flows", "with the types that the kernel has"),
                ("bpfgen dump id:42 maps.dsl", "with those of a source, which fits the map"),
                ("bpfgen dump name:flows --format json", "one element a line, for programs"),
                ("bpfgen dump id:42 --sum", "the values of all CPUs added up"),
            ),
            "MAP [FILE]",
            "a running map, and a source that knows more of its types",
            FILE,
            ("bpfgen dump /sys/fs/bpf/flows", "what is in a running map"),
            (_RUNNING_NOTES,),
        ),
        Command(
            "create",
            "bpfgen.commands.create",
            "make the maps of a source in the running kernel",
            (
                ("bpfgen create maps.dsl --pin-dir /sys/fs/bpf/app", "all of them, or none"),
                ("bpfgen create maps.dsl --dry-run", "does this kernel take them?"),
                ("bpfgen create maps.dsl --set flows.max_entries=99", "what is `runtime`"),
            ),
            "FILE",
            "a source, an object, a C file or a running map; `-` reads standard input",
            SOURCE,
            ("bpfgen create maps.dsl --dry-run", "does this kernel take the maps?"),
            (_RUNNING_NOTES,),
        ),
        Command(
            "size",
            "bpfgen.commands.size",
            "compute the kernel memory that maps take",
            (
                ("bpfgen size maps.dsl", "a line for each map, and the sum"),
                ("bpfgen size maps.dsl --cpus 128", "on a machine of 128 CPUs"),
                ("bpfgen size prog.o --limit 64MiB", "and exit 1 if that is more"),
            ),
            "FILE",
            "a source, an object, a C file or a running map; `-` reads standard input",
            SOURCE,
            ("bpfgen size maps.dsl", "the kernel memory that the maps take"),
            (_STATUS,),
        ),
        Command(
            "breaking",
            "bpfgen.commands.breaking",
            "tell what a change breaks: pins, contents of maps, inner maps, links, sources",
            (
                ("bpfgen breaking old.dsl new.dsl", "may this take the place of that?"),
                ("bpfgen breaking git:main:maps.dsl maps.dsl", "of a file as a revision has it"),
                ("bpfgen breaking maps --against git:main...", "every file, since HEAD left main"),
                ("bpfgen breaking /sys/fs/bpf/flows maps.dsl", "of a map that is pinned"),
                ("bpfgen breaking old.o new.o --all", "every category, every map"),
                ("bpfgen breaking old.o new.o --format json", "for programs"),
                ("bpfgen breaking", "what the project names in pyproject.toml"),
            ),
            "OLD NEW",
            "sources, objects, C files, running maps or git:REV:PATH; `-` is standard input; with"
            " --against, files, patterns and directories of NEW",
            SOURCE,
            ("bpfgen breaking OLD NEW", "what a change breaks, before it is merged"),
            (_BREAKING_NOTES,),
        ),
        Command(
            "explain",
            "bpfgen.commands.explain",
            "say what a diagnostic means, with an example",
            (
                ("bpfgen explain map-kind", "what error[map-kind] means"),
                ("bpfgen explain", "the list of all codes"),
            ),
            "CODE",
            "the code that stands in brackets in the message",
            CODE,
            ("bpfgen explain map-key-size", "what a diagnostic means"),
        ),
        Command(
            "kinds",
            "bpfgen.commands.kinds",
            "print the table of map kinds, or the oldest kernel that a file works on",
            (
                ("bpfgen kinds", "the table of map kinds"),
                ("bpfgen kinds lpm_trie", "what is known of one"),
                ("bpfgen kinds --format markdown", "with flags and special fields"),
                ("bpfgen kinds --needs maps.dsl", "the oldest kernel for a file, and why"),
            ),
            "NAME",
            "a map kind, by libbpf's name or the kernel's constant",
            KIND,
            ("bpfgen kinds [NAME]", "the table of map kinds"),
            (
                "What an allowance in the file excuses is not counted by --needs.",
                _STATUS,
            ),
        ),
        Command(
            "lsp",
            "bpfgen.commands.lsp",
            "serve an editor: diagnostics, completion, hover, rename and more",
            (("bpfgen lsp", "what an editor starts; docs/editors.md tells each one to"),),
            "",
            "",
            "",
            ("bpfgen lsp", "the language server, for editors"),
            (_LSP_NOTES,),
        ),
        Command(
            "completions",
            "bpfgen.commands.completions",
            "print the completions of a shell",
            (
                ("bpfgen completions bash >~/.local/share/bash-completion/completions/bpfgen", ""),
                ("bpfgen completions zsh >DIR/_bpfgen", "DIR is one of $fpath"),
                ("bpfgen completions fish >~/.config/fish/completions/bpfgen.fish", ""),
            ),
            "SHELL",
            "bash, zsh or fish",
            SHELL,
            ("bpfgen completions bash", "completions for a shell"),
        ),
        Command(
            "help",
            "bpfgen.commands.help",
            "tell the options of a command",
            (("bpfgen help verify", "the same as bpfgen verify --help"),),
            "COMMAND",
            "the command; none is the compiler itself",
            COMMAND,
            ("bpfgen help COMMAND", "the options of a command"),
        ),
    )
}
"""The commands, in the order in which help names them."""


def examples_of(command: Command) -> tuple[tuple[str, str], ...]:
    """Return the examples in the help of *command*; that of the compiler mentions the others."""
    if command.name != "compile":
        return command.examples
    mentions = (other.mention for other in COMMANDS.values())
    return (*command.examples, *(mention for mention in mentions if mention is not None))
