"""Every option, a row each: parsers, help, completions and the manual come from here.

Only names and texts, since every run of the command loads them. What outputs there are and what
they can be asked for comes from `BACKENDS`.
"""

from __future__ import annotations

from bpfgen.clang import ASSEMBLERS, TARGETS
from bpfgen.commands.forms import alternatives, backend_options, emitted, main_suffixes
from bpfgen.commands.option import EVERY_COMMAND, FLAG, LIST, OPTIONAL, SWITCH, VALUE, Option
from bpfgen.commands.table import DIRECTORY, FILE, RUNNING_COMMANDS, SOURCE, WARNING
from bpfgen.commands.terminal import COLORS, FORMS
from bpfgen.emit import backend
from bpfgen.emit.backend import COMMAS, ONE, REPEATED

WARNINGS = "warnings"
"""The value of `explain --list` that leaves out what is always an error or a note."""

_WRITTEN, _SOURCE, _BUILDS = "what is written", "the source", "builds"
_MESSAGES, _OTHER = "messages", "other"

_PLACES: tuple[Option, ...] = (
    Option(
        ("-o",),
        "import",
        "what to write; `-` is standard output",
        metavar="FILE",
        member="output",
        group=_WRITTEN,
        completes=FILE,
    ),
    Option(
        ("--replace",),
        "import",
        "in C: cut the maps out and include the header of the source, once proved the same",
        kind=FLAG,
        group=_WRITTEN,
    ),
    Option(
        ("--fix",),
        "compile",
        "make the changes of the inputs that messages advise, where they declare the same after it",
        kind=FLAG,
        group=_MESSAGES,
    ),
    Option(
        ("--fix-all",),
        "compile",
        "those that choose what is declared, too: a size, a type, a member for padding",
        kind=FLAG,
        group=_MESSAGES,
    ),
    Option(
        ("--diff",),
        "compile",
        "with --fix or --fix-all: write nothing; show what would be changed, exit 1",
        kind=FLAG,
        group=_MESSAGES,
    ),
    Option(
        ("--check",),
        "fmt",
        "write nothing; name the files that would be changed, exit 1",
        kind=FLAG,
        group=_WRITTEN,
    ),
    Option(
        ("--diff",),
        "fmt",
        "write nothing; show what would be changed, exit 1",
        kind=FLAG,
        group=_WRITTEN,
    ),
    Option(
        ("--diff",),
        "import",
        "with --replace: write nothing; show what would be changed",
        kind=FLAG,
        group=_WRITTEN,
    ),
    Option(
        ("--out-dir",),
        "compile import",
        "write below DIR, in the tree that the inputs make",
        metavar="DIR",
        group=_WRITTEN,
        completes=DIRECTORY,
    ),
    Option(
        ("--base",),
        "compile import",
        "the directory that this tree begins at, not the working one",
        metavar="DIR",
        group=_WRITTEN,
        completes=DIRECTORY,
    ),
)
_OTHERS: tuple[Option, ...] = (
    Option(
        ("--target",),
        "compile",
        "byte order of objects; bpf is the host's",
        metavar="TARGET",
        choices=TARGETS,
        group=_WRITTEN,
    ),
    Option(
        ("--assembler",),
        "compile",
        "what makes objects: clang, where there is one, else bpfgen itself",
        metavar="WHICH",
        choices=ASSEMBLERS,
        group=_WRITTEN,
    ),
    Option(
        ("--verify",),
        "compile",
        "read the compiled header back (the default where there is a clang)",
        kind=SWITCH,
        group=_WRITTEN,
    ),
    Option(
        ("--exact",),
        "verify",
        "maps that aren't declared are errors",
        kind=FLAG,
        group=_WRITTEN,
    ),
    Option(
        ("--format",),
        "verify",
        "json: one object, for programs",
        metavar="FORM",
        choices=("text", "json"),
        group=_WRITTEN,
        default="text",
    ),
    Option(
        ("--format",),
        "inspect",
        "json: one object a line, for programs",
        metavar="FORM",
        choices=("text", "json"),
        group=_WRITTEN,
        default="text",
    ),
    Option(
        ("--types",),
        "inspect",
        "key and value types in C, with offsets and holes",
        kind=FLAG,
        group=_WRITTEN,
    ),
    Option(
        ("--format",),
        "kinds",
        "the form of the output",
        metavar="FORM",
        choices=("text", "json", "markdown"),
        group=_WRITTEN,
        default="text",
    ),
    Option(
        ("--list",),
        "explain",
        "the codes alone, a line each, for programs",
        metavar="WHICH",
        choices=("all", WARNINGS),
        group=_WRITTEN,
    ),
    Option(
        ("--as",),
        "inspect",
        "the maps as this loader creates them: libbpf, cilium, aya; =VERSION for an older one",
        metavar="LOADER",
        member="seen_as",
        group=_WRITTEN,
    ),
    Option(
        ("--needs",),
        "kinds",
        "the oldest kernel and loaders that the maps of FILE work with, and what asks for them",
        metavar="FILE",
        group=_WRITTEN,
        completes=SOURCE,
    ),
    Option(
        ("-I",),
        "compile verify import kinds create dump size breaking lsp",
        "look there for imports and C headers",
        metavar="DIR",
        kind=LIST,
        member="include_directories",
        group=_SOURCE,
        completes=DIRECTORY,
    ),
    Option(
        ("-D",),
        "compile verify kinds create dump size breaking lsp",
        "replace the value of a const, or say what a macro is that `when` asks for",
        metavar="NAME=VALUE",
        kind=LIST,
        member="definitions",
        group=_SOURCE,
    ),
    Option(
        ("-D",),
        "import",
        "define a macro of the C file",
        metavar="NAME=VALUE",
        kind=LIST,
        member="definitions",
        group=_SOURCE,
    ),
    Option(
        ("-U",),
        "compile verify kinds create dump size breaking lsp",
        "say that a macro that `when` asks for isn't defined",
        metavar="NAME",
        kind=LIST,
        member="undefined",
        group=_SOURCE,
    ),
    Option(
        ("-U",),
        "import",
        "undefine a macro of the C file",
        metavar="NAME",
        kind=LIST,
        member="undefined",
        group=_SOURCE,
    ),
    Option(
        ("--map",),
        "verify",
        "which map of the source the running one is, where it has another name",
        metavar="NAME",
        group=_SOURCE,
    ),
    Option(
        ("--in",),
        "import",
        "the program that includes the header which is imported, and gives it its meaning",
        metavar="FILE",
        member="program",
        group=_SOURCE,
        completes=FILE,
    ),
    Option(
        ("--move-types",),
        "import",
        "types of the project's headers are declared by sources, not included",
        kind=FLAG,
        group=_SOURCE,
    ),
    Option(
        ("--types",),
        "compile",
        "types of an object or C file that no map needs, too",
        metavar="NAME,...",
        kind=LIST,
        group=_SOURCE,
    ),
    Option(
        ("--kernel",),
        "compile verify breaking lsp",
        "check against this kernel, not `target kernel`",
        metavar="VERSION",
        group=_SOURCE,
    ),
    Option(
        ("--libbpf",),
        "compile verify breaking lsp",
        "check against this libbpf, not `target libbpf`",
        metavar="VERSION",
        group=_SOURCE,
    ),
    Option(
        ("--cilium",),
        "compile verify breaking lsp",
        "check against this cilium/ebpf, not `target cilium`",
        metavar="VERSION",
        group=_SOURCE,
    ),
    Option(
        ("--aya",),
        "compile verify breaking lsp",
        "check against this aya, not `target aya`",
        metavar="VERSION",
        group=_SOURCE,
    ),
    Option(
        ("--cpus",),
        "compile lsp",
        "count the memory of per-CPU values for N CPUs, not for one",
        metavar="N",
        group=_SOURCE,
    ),
    Option(
        ("--memory-limit",),
        "compile lsp",
        "warn of a map that takes more than SIZE when it is created, not 1 GiB",
        metavar="SIZE",
        group=_SOURCE,
    ),
    Option(
        ("--headers",),
        "import",
        "headers of the project: types of an object that they have are included, not declared",
        metavar="FILE,...",
        kind=LIST,
        group=_SOURCE,
    ),
    Option(
        ("--kernel",),
        "import",
        "the rules of this kernel decide what is to be allowed",
        metavar="VERSION",
        group=_SOURCE,
    ),
    Option(
        ("--relax-compat",),
        "compile verify kinds create dump size breaking lsp",
        "unknown attributes are only warned of",
        kind=SWITCH,
        group=_SOURCE,
    ),
    Option(
        ("--relax-compat",),
        "inspect import",
        "unknown attributes are ignored",
        kind=SWITCH,
        group=_SOURCE,
    ),
    Option(
        ("--clang",),
        "compile verify import kinds create dump size breaking lsp",
        "the compiler; else BPFGEN_CLANG, else the newest found",
        metavar="PATH",
        group=_SOURCE,
        completes=FILE,
    ),
    Option(
        ("--clang-arg",),
        "compile verify import kinds create dump size breaking lsp",
        "a flag that every run of the compiler gets: --clang-arg=-fms-extensions",
        metavar="ARG",
        kind=LIST,
        member="clang_arguments",
        group=_SOURCE,
    ),
    Option(
        ("--btf",),
        "compile verify import kinds create dump size breaking lsp",
        "the kernel's types for `include kernel;`; a module's after its kernel's",
        metavar="FILE",
        kind=LIST,
        group=_SOURCE,
        completes=FILE,
    ),
    Option(
        ("-p",),
        "compile import verify breaking",
        "flags of C files from the compile_commands.json in DIR",
        metavar="DIR",
        member="compile_commands",
        group=_SOURCE,
        completes=DIRECTORY,
    ),
    Option(
        ("--no-cache",),
        "compile verify import kinds create dump size breaking lsp",
        "do all anew, ask the compiler, and keep nothing of what comes of it",
        kind=FLAG,
        group=_SOURCE,
    ),
    Option(
        ("--config",),
        "compile verify import kinds create dump size breaking lsp",
        "take [tool.bpfgen] from FILE, not from the nearest pyproject.toml",
        metavar="FILE",
        group=_SOURCE,
        completes=FILE,
    ),
    Option(
        ("--no-config",),
        "compile verify import kinds create dump size breaking lsp",
        "take it from nowhere",
        kind=FLAG,
        group=_SOURCE,
    ),
    Option(
        ("--check",),
        "compile import",
        "write nothing; show what differs on disk, exit 1",
        kind=FLAG,
        group=_BUILDS,
    ),
    Option(
        ("--depfile",),
        "compile",
        "write dependencies for make or ninja",
        metavar="FILE",
        group=_BUILDS,
        completes=FILE,
    ),
    Option(
        ("--depfile-target",),
        "compile",
        "what depends on them there, if not the outputs: a stamp file",
        metavar="NAME",
        group=_BUILDS,
        completes=FILE,
    ),
    Option(
        ("-j", "--jobs"),
        "compile",
        "run N compilers at a time; by default as many as there are processors",
        metavar="N",
        group=_BUILDS,
    ),
    Option(
        ("--watch",),
        "compile",
        "stay, and compile again whenever something that was read changes",
        kind=FLAG,
        group=_BUILDS,
    ),
    Option(
        ("-W",),
        "compile verify import create dump size breaking lsp",
        "want the warning CODE; no-CODE: don't; all: style too; error, error=CODE: as errors",
        metavar="CODE",
        kind=LIST,
        member="warnings",
        group=_MESSAGES,
        completes=WARNING,
    ),
    Option(
        ("--diagnostics",),
        "compile verify import fmt inspect kinds live create dump size breaking",
        "the form of messages on standard error",
        metavar="FORM",
        choices=FORMS,
        group=_MESSAGES,
        default="text",
    ),
    Option(
        ("--color",),
        "compile verify import fmt inspect kinds live create dump size breaking",
        "colours in messages, and in tables on standard output",
        metavar="WHEN",
        choices=COLORS,
        group=_MESSAGES,
        default="auto",
    ),
    Option(
        ("-v", "--verbose"),
        "compile import fmt",
        "say what was written",
        kind=FLAG,
        group=_MESSAGES,
    ),
    Option(
        ("--cmake-dir",),
        "compile",
        "print the directory for CMake's bpfgen_DIR",
        kind=FLAG,
        group=_OTHER,
    ),
    Option(
        ("--stdio",),
        "lsp",
        "speak over standard input and output, as it does in any case",
        kind=FLAG,
        group=_OTHER,
    ),
    Option(
        ("--trust-project",),
        "lsp",
        "run the `clang` that a project's pyproject.toml names, wherever it is",
        kind=FLAG,
        group=_OTHER,
    ),
    Option(("--version",), "compile", "print the version", kind=FLAG, group=_OTHER),
    Option(("-h", "--help"), EVERY_COMMAND, "print this help", kind=FLAG, group=_OTHER),
)


_KINDS = {ONE: VALUE, backend.OPTIONAL: OPTIONAL, REPEATED: LIST, COMMAS: LIST}
"""How the command line takes the options of backends, by their kind."""


def all_options() -> tuple[Option, ...]:
    """Return the options, in the order in which help lists them."""
    output = Option(
        ("-o",),
        "compile",
        f"what to write: {alternatives(main_suffixes())}; again for another output of the same "
        "run; `-` with --emit is standard output",
        metavar="FILE",
        kind=LIST,
        member="output",
        group=_WRITTEN,
        completes=FILE,
    )
    emit = Option(
        ("--emit",),
        "compile",
        "what to write, whatever the name of the file; several, with commas, into --out-dir; "
        "none: check only",
        metavar="FORM",
        choices=emitted(),
        kind=LIST,
        group=_WRITTEN,
    )
    asked = (
        Option(
            (f"--{option.name}",),
            "compile",
            option.help,
            metavar=option.metavar,
            choices=option.choices,
            kind=_KINDS[option.kind],
            group=_WRITTEN,
        )
        for option in backend_options()
    )
    return (output, *_PLACES, emit, *asked, *_OTHERS)


def options_of(command: str) -> list[Option]:
    """Return the options of the command *command*, in the order of the table."""
    options = all_options()
    if command in RUNNING_COMMANDS:
        # Their rows are in a module of their own, which other commands have no use for.
        from bpfgen.commands.running_options import RUNNING_OPTIONS

        options = (*RUNNING_OPTIONS, *options)
    elif command == "breaking":
        from bpfgen.commands.breaking_options import BREAKING_OPTIONS

        options = (*BREAKING_OPTIONS, *options)
    return [
        option
        for option in options
        if option.commands == EVERY_COMMAND or command in option.commands.split()
    ]
