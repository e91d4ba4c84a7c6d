"""Which of a user's flags clang gets: one table, each row with its reason.

Beside `flags`, which has our own. A tree that isn't the user's may have a project file or a
compile_commands.json: no flag that is let through starts anything, loads anything into the
compiler, writes anything, or reads options from a file. :mod:`bpfgen.clang.arguments` reads words
by this table.
"""

from __future__ import annotations

from bpfgen.record import Record

ALONE, JOINED, SEPARATE, EITHER, SWITCH = "alone", "joined", "separate", "either", "switch"
"""How a flag is written: the word itself; the word begins with it, and the rest is its value; its
value is the next word; one of the two; the word begins with it, and has neither `=` nor a comma."""

PASSED, OURS, OUTPUT, REFUSED = "passed", "ours", "output", "refused"
"""What becomes of it: clang gets it; it changes nothing here, since bpfgen decides, and is left
out; it says what a compiler writes, which is left out where a whole command is read, and refused
where flags are; it is refused there, and left out of a command."""

TEXT, FILE, DIRECTORY = "text", "file", "directory"
"""What its value is."""


class Flag(Record):
    """One row: a flag, or all that begin alike.

    Attributes:
        name: As typed; of several rows that fit a word the one with the longest name counts.
        form: How its value is written.
        fate: What becomes of it.
        reason: Why; of one that is refused, a clause that says what it would do.
        value: What its value is.
        instead: What to type instead; empty where there is nothing.
    """

    name: str
    form: str
    fate: str
    reason: str
    value: str = TEXT
    instead: str = ""


def _rows(names: str, form: str, fate: str, reason: str, **more: str) -> tuple[Flag, ...]:
    """Return a row for each of *names*, which are separated by blanks."""
    return tuple(Flag(name, form, fate, reason, **more) for name in names.split())


_PATHS = "headers are found as in the user's build"
_MACROS = "headers see the macros of the user's build"
_LAYOUT = "layouts and code are those of the user's build"
_STARTS = "it names a program or a library that the compiler would load or start"
_WRITES = "it has the compiler write a file of its own"
_LINKS = "it is for the linker, and nothing is linked"
_INNER = "it hands words to the inside of the compiler, where plugins are loaded, too"
_MESSAGES = "bpfgen reads clang's messages, and shows them in its own way"
_WHAT = "it says what the compiler writes"
_LEAVE = "leave it out"

FLAGS: tuple[Flag, ...] = (
    # The preprocessor's.
    *_rows("-I -isystem -iquote -idirafter", EITHER, PASSED, _PATHS, value=DIRECTORY),
    *_rows("-isysroot -resource-dir --sysroot", SEPARATE, PASSED, _PATHS, value=DIRECTORY),
    *_rows("--sysroot= -resource-dir=", JOINED, PASSED, _PATHS, value=DIRECTORY),
    *_rows("-include -imacros", EITHER, PASSED, _MACROS, value=FILE),
    *_rows("-D -U", EITHER, PASSED, _MACROS),
    *_rows("-undef -trigraphs", ALONE, PASSED, _MACROS),
    *_rows("-nostdinc -nostdlibinc -nobuiltininc", ALONE, PASSED, _PATHS),
    *_rows(
        "-include-pch -ivfsoverlay",
        EITHER,
        REFUSED,
        "it reads what another run of the compiler made",
        instead="-include HEADER",
    ),
    *_rows(
        "-iprefix -iwithprefix -iwithprefixbefore",
        EITHER,
        REFUSED,
        "its directories depend on each other",
        instead="-isystem DIR",
    ),
    # The language.
    *_rows("-std= --std=", JOINED, PASSED, "the text means what it does in the user's build"),
    *_rows("-ansi -pedantic -pedantic-errors", ALONE, PASSED, "the same"),
    Flag("-x", EITHER, OURS, "what is compiled is C"),
    # The machine.
    *_rows("-target --target", SEPARATE, PASSED, _LAYOUT),
    *_rows("-target= --target=", JOINED, PASSED, _LAYOUT),
    *_rows("-mcpu=generic -mcpu=probe -mcpu=v1 -mcpu=v2 -mcpu=v3 -mcpu=v4", ALONE, PASSED, _LAYOUT),
    Flag("-m", JOINED, OURS, "but for -mcpu, BPF has none of them: it is about a host"),
    Flag("-mllvm", SEPARATE, REFUSED, _INNER, instead=_LEAVE),
    Flag("-mllvm=", JOINED, REFUSED, _INNER, instead=_LEAVE),
    *_rows("-m32 -mx32", ALONE, REFUSED, "BPF has 64-bit pointers", instead=_LEAVE),
    *_rows(
        "-mlittle-endian -mbig-endian -EL -EB",
        ALONE,
        REFUSED,
        "the target says it",
        instead="-target bpfel, or bpfeb",
    ),
    # Code generation.
    Flag("-f", SWITCH, PASSED, _LAYOUT),
    *_rows(
        "-fbracket-depth= -fclang-abi-compat= -fexec-charset= -ffp-contract= -ffp-model= "
        "-fgnuc-version= -finput-charset= -fmax-tokens= -fmax-type-align= "
        "-fms-compatibility-version= -fmsc-version= -fpack-struct= -frandom-seed= "
        "-fstrict-flex-arrays= -ftls-model= -ftrivial-auto-var-init= -fvisibility=",
        JOINED,
        PASSED,
        _LAYOUT,
    ),
    *_rows(
        "-fpatchable-function-entry= -fzero-call-used-regs= -fcf-protection -fno-cf-protection "
        "-falign-functions= -falign-loops= -fstack-protector -fno-stack-protector "
        "-fpatchable-function-entry -fsanitize -fno-sanitize -fxray -fno-xray -fsplit-stack "
        "-fstack-clash-protection -fno-stack-clash-protection -fcoverage -fno-coverage "
        "-fprofile -fno-profile -fcs-profile -ftest-coverage -fauto-profile -ftime-report "
        "-ftemporal-profile "
        "-fmemory-profile -flto -fno-lto -fwhole-program-vtables -fembed-bitcode -funified-lto "
        "-fthinlto -ffat-lto -fsplit-lto -finstrument -fpseudo-probe -fmin-function-alignment",
        JOINED,
        OURS,
        "it is about code that measures itself or is linked, and maps have no code",
    ),
    *_rows(
        "-ffile-prefix-map= -fdebug-prefix-map= -fmacro-prefix-map= -fdebug-compilation-dir "
        "-ffile-compilation-dir -fcoverage-compilation-dir -fcoverage-prefix-map",
        JOINED,
        OURS,
        "bpfgen's objects have no paths of the machine in them",
    ),
    *_rows(
        "-fdiagnostics -fno-diagnostics -fcolor -fno-color -fcaret -fno-caret -fansi "
        "-fno-ansi -fshow -fno-show -fmessage-length -ferror-limit -ftemplate-backtrace "
        "-fspell-checking -fno-spell-checking -fmacro-backtrace -felide -fno-elide "
        "-fno-elide-type -fcrash-diagnostics -fno-crash-diagnostics -fintegrated-cc1 "
        "-fno-integrated-cc1 -fms-diagnostics",
        JOINED,
        OURS,
        _MESSAGES,
    ),
    *_rows(
        "-fplugin -fpass-plugin -fload -fno-integrated-as -fno-integrated-objemitter -fuse-ld "
        "-foffload -fno-offload -fopenmp -fno-openmp -fopenacc -fsycl -fcuda -fno-cuda -fgpu "
        "-fno-gpu -fhip -fno-hip -fclangir",
        JOINED,
        REFUSED,
        _STARTS,
        instead=_LEAVE,
    ),
    *_rows(
        "-fcreate-profile -frecord-command-line -fno-record-command-line -ftrapv-handler "
        "-frecord-gcc-switches",
        JOINED,
        OURS,
        "the object says nothing of the machine that made it",
    ),
    *_rows("-frewrite -fno-rewrite -filelist", JOINED, OUTPUT, _WHAT),
    *_rows(
        "-fsave-optimization-record -foptimization-record -fproc-stat-report -fstack-usage "
        "-ftime-trace -fdump -fcrash-diagnostics-dir -fdriver-only -fgen-reproducer "
        "-fdepfile -fdepscan -fextract-api -femit",
        JOINED,
        REFUSED,
        _WRITES,
        instead=_LEAVE,
    ),
    *_rows(
        "-fmodule -fno-module -fimplicit-module -fprebuilt -fbuiltin-module -fcxx-modules "
        "-fbuild-session -fpch -fapinotes -fcache",
        JOINED,
        REFUSED,
        "it has the compiler keep files of its own",
        instead=_LEAVE,
    ),
    *_rows("-fsyntax-only -fminimize-whitespace -fkeep-system-includes", JOINED, OUTPUT, _WHAT),
    *_rows("-O -O0 -O1 -O2 -O3 -Os -Oz -Ofast -Og", ALONE, PASSED, "as the user's build"),
    *_rows(
        "-g -g2 -g3 -ggdb -ggdb2 -ggdb3 -glldb -gdwarf -gdwarf-2 -gdwarf-3 -gdwarf-4 -gdwarf-5 "
        "-gstrict-dwarf -gno-strict-dwarf -gcolumn-info -gno-column-info -gdwarf32 -gbtf",
        ALONE,
        OURS,
        "clang makes BTF of debug information, so that there always is some",
    ),
    Flag("-gsplit-dwarf", JOINED, REFUSED, _WRITES, instead="-g"),
    Flag("-gz", JOINED, OURS, "what the loader reads isn't compressed"),
    Flag(
        "-g", JOINED, REFUSED, "BTF is made of debug information, which it would cut", instead="-g"
    ),
    # Warnings.
    Flag("-W", SWITCH, PASSED, "clang warns as in the user's build"),
    *_rows(
        "-Wframe-larger-than= -Wstack-protector= -Wimplicit-fallthrough= -Wstrict-aliasing= "
        "-Wformat= -Wnormalized= -Werror= -Wno-error= -Wlarge-by-value-copy=",
        JOINED,
        PASSED,
        "the same",
    ),
    Flag("-w", ALONE, PASSED, "the same"),
    *_rows("-Wa, -Wp,", JOINED, REFUSED, _INNER, instead="-D, -U, -I and the like as they are"),
    Flag("-Wl,", JOINED, OUTPUT, _LINKS),
    *_rows(
        "-Qunused-arguments -Qn -Qy -pipe -pthread -nostdlib -nodefaultlibs -nostartfiles "
        "-shared -static -rdynamic -pie -no-pie -static-pie -s -pg -p --verbose",
        ALONE,
        OURS,
        "it makes no difference to what bpfgen asks of clang",
    ),
    # What would load, start, write or read something.
    *_rows(
        "-Xclang -Xassembler -Xpreprocessor -Xlinker -Xarch_host -Xarch_device -cc1 -cc1as",
        SEPARATE,
        REFUSED,
        _INNER,
        instead="the flag itself, where clang's own driver has it",
    ),
    *_rows(
        "-B --gcc-toolchain= --gcc-install-dir= -ccc --ld-path= -specs= --config= --driver-mode= "
        "-wrapper --no-default-config --config-",
        JOINED,
        REFUSED,
        _STARTS,
        instead=_LEAVE,
    ),
    *_rows("--config -load -gcc-toolchain --prefix", SEPARATE, REFUSED, _STARTS, instead=_LEAVE),
    *_rows(
        "-save-temps --save-temps -save-stats -dumpdir -index --serialize -serialize "
        "-emit- --coverage -coverage -MJ --analyze -dependency -objcmt -print --print -verify "
        "-gen-cdb",
        JOINED,
        REFUSED,
        _WRITES,
        instead=_LEAVE,
    ),
    *_rows(
        "-working-directory",
        EITHER,
        REFUSED,
        "paths are relative to the working directory",
        instead="paths from there",
    ),
    *_rows(
        "-c -S -E -P -C -CC -M -MM -MD -MMD -MP -MG -MV -dM -dD -dI -H -### -v -emit-llvm "
        "-emit-ast --version --help",
        ALONE,
        OUTPUT,
        _WHAT,
    ),
    *_rows("-o -MF -MT -MQ", EITHER, OUTPUT, _WHAT),
    *_rows("-L -l", EITHER, OUTPUT, _LINKS),
)
"""The rows, by subject. What fits none is refused: what it would do nobody knows."""
