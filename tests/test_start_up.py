"""What runs import: start-up decides how long a small file takes.

The lists are meant to be edited. A module more is a fraction of a millisecond in every run of a
build, so whoever adds one says so here; what is needed only where something is wrong, or where a
compiler runs, is imported there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bpfgen.emit import BACKENDS
from tests.tools import CHECKOUT, require_clang

if TYPE_CHECKING:
    from pathlib import Path

HEADER_RUN = {"bpfgen"} | {
    f"bpfgen.{name}"
    for name in """
    clang clang.finder
    cli
    commands commands.arguments commands.build commands.compile commands.configuration
    commands.delivery commands.destinations commands.forms commands.option commands.options
    commands.plain_words commands.products commands.reports
    commands.settings commands.signals commands.table
    commands.terminal commands.turns
    compiler
    ctype ctype.children ctype.constants ctype.describe ctype.enums ctype.fingerprint ctype.identity
    ctype.integers ctype.layout
    ctype.padding ctype.sizes ctype.types
    emit emit.anchors emit.backend emit.definitions emit.c emit.c.anchors emit.c.assertions
    emit.c.blocks emit.c.comments
    emit.c.declarators
    emit.c.both_sides emit.c.expressions emit.c.facts
    emit.c.header emit.c.include_guard emit.c.literals emit.c.map_definitions emit.c.options
    emit.c.parameter_tags emit.c.prologue emit.c.sides emit.c.type_bodies
    emit.templates emit.templates.compiled_c emit.templates.escapes emit.user_space
    emit.user_space.facts
    files files.reading files.writing
    kernel kernel.btf_features kernel.map_flags kernel.map_kind kernel.map_kinds
    kernel.memory
    kernel.special_fields kernel.struct_sizes kernel.tags kernel.version kernel.vmlinux
    model model.anchors model.fingerprint model.maps model.model
    providers providers.front providers.prelude
    record record_initializers
    resolve resolve.attributes resolve.bodies resolve.declaration_attributes resolve.expressions
    resolve.file resolve.lookup
    resolve.maps resolve.order resolve.scope resolve.types
    resources sources steps
    rules rules.fields rules.fields.holders
    rules.fields.places rules.fields.special_fields rules.fields.uses rules.maps
    rules.maps.bpf_attr rules.maps.definitions rules.maps.entries rules.maps.flags
    rules.maps.inner rules.maps.memory rules.maps.names rules.maps.sizes rules.maps.versions
    rules.target rules.types rules.types.btf_load rules.types.btf_types rules.types.btf_versions
    rules.types.leaves rules.types.macros rules.types.padding rules.types.shared
    rules.types.vmlinux
    syntax syntax.automaton syntax.build syntax.build_declarations
    syntax.build_declarators syntax.build_maps syntax.lexer syntax.names syntax.parser
    syntax.reductions syntax.tables syntax.tree
    text text.diagnostics text.header_names text.source
    """.split()
}
"""Every module of bpfgen that writing the header of a plain file needs, without verification."""

STANDARD = frozenset(
    """
    __future__ binascii bisect collections copyreg enum errno functools gc genericpath itertools
    keyword operator os posixpath re reprlib signal stat types warnings
    """.split()
)
"""The modules of Python's own that such a run may import, whatever the version of Python."""

VERIFYING = tuple(
    f"bpfgen.{name}"
    for name in (
        *("building", "clang.", "emit.c.imports", "files.janitor", "kernel.btf_limits"),
        *("elf", "btf", "object", "verify"),
    )
)
"""What a verified run needs besides: the compiler, and what reads its object."""

HEAVY = {"asyncio", "dataclasses", "inspect", "json", "shutil", "tempfile", "typing", "urllib"}
"""Modules of Python's own that cost several milliseconds each and that no run needs."""

_RUN = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
from bpfgen.cli import main
status = main(sys.argv[2:])
import json
loaded = [name for name in sys.modules if name not in before and name.split(".")[0] != "json"]
print(json.dumps([status, loaded]))
"""


def imported_by(*words: str, environment: dict[str, str] | None = None) -> set[str]:
    """Return the modules that `bpfgen WORDS` loads in a process without installed packages.

    What Python itself loads at its start doesn't count, nor do the C modules behind others.
    """
    command = [sys.executable, "-I", "-S", "-c", _RUN, str(CHECKOUT), *words]
    run = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=CHECKOUT
    )
    assert run.returncode == 0, run.stderr
    status, loaded = json.loads(run.stdout.splitlines()[-1])
    assert status == 0, run.stderr
    return {name for name in loaded if not name.startswith("_") or name == "__future__"}


def standard(modules: set[str]) -> set[str]:
    """Return the packages of Python's own among *modules*."""
    return {name.split(".")[0] for name in modules} - {"bpfgen"}


def test_a_header_run_imports_what_it_needs(tmp_path: Path) -> None:
    """A plain header run imports these modules of bpfgen, no other, and little of Python's own.

    It has no packages to import at all: neither lark nor jinja2 is needed.
    """
    sample = CHECKOUT / "samples" / "btf_map.dsl"
    modules = imported_by(str(sample), "-o", str(tmp_path / "btf_map.h"), "--no-verify")
    ours = {name for name in modules if name.split(".")[0] == "bpfgen"}
    assert (sorted(ours - HEADER_RUN), sorted(HEADER_RUN - ours)) == ([], [])
    assert standard(modules) <= STANDARD


def test_more_of_the_language_needs_little_more(tmp_path: Path) -> None:
    """A header with every kind of map, doc comments and warnings stays without packages, too."""
    sample = CHECKOUT / "samples" / "kinds.dsl"
    modules = imported_by(str(sample), "-o", str(tmp_path / "kinds.h"), "--no-verify")
    assert not [name for name in modules - HEADER_RUN if name.startswith(VERIFYING)]
    assert standard(modules) <= STANDARD


def test_a_verified_run_needs_no_package(tmp_path: Path) -> None:
    """What compiles and reads the object back is added, and no package but Python's own."""
    sample = CHECKOUT / "samples" / "btf_map.dsl"
    environment = dict(os.environ, BPFGEN_CLANG=require_clang())
    output = str(tmp_path / "btf_map.h")
    modules = imported_by(str(sample), "-o", output, "--verify", environment=environment)
    ours = {name for name in modules if name.split(".")[0] == "bpfgen"}
    others = (name for name in ours - HEADER_RUN if not name.startswith(VERIFYING))
    assert [name for name in others if not name.startswith("bpfgen.ctype.")] == []
    assert standard(modules) <= sys.stdlib_module_names
    assert not standard(modules) & {"subprocess", "hashlib", *HEAVY}
    assert "bpfgen.clang.cache" not in modules


def test_an_object_without_clang_needs_neither_a_compiler_nor_c(tmp_path: Path) -> None:
    """What writes and reads it is added; nothing spells C, and nothing runs a program."""
    sample = CHECKOUT / "samples" / "btf_map.dsl"
    output = str(tmp_path / "btf_map.o")
    modules = imported_by(str(sample), "-o", output, "--assembler", "builtin")
    spelling = [name for name in modules if name.startswith("bpfgen.emit.c.")]
    assert spelling == ["bpfgen.emit.c.options"]
    unwanted = ("bpfgen.emit.templates", "bpfgen.clang.compiler", "bpfgen.files.janitor")
    assert not [name for name in modules if name.startswith(unwanted)]
    assert not standard(modules) & {"subprocess", *HEAVY}


@pytest.mark.parametrize("name", [name for name in BACKENDS if name != "header"])
def test_an_output_loads_its_own_language_alone(tmp_path: Path, name: str) -> None:
    """Beside what a header needs: its folder and templates, the view of user space, tables."""
    sample = CHECKOUT / "samples" / "btf_map.dsl"
    output = tmp_path / f"out{BACKENDS[name].suffixes[0]}"
    modules = imported_by(str(sample), "-o", str(output))
    own = (f"bpfgen.emit.{name}", f"bpfgen.emit.templates.compiled_{name}")
    shared = ("bpfgen.emit.user_space", "bpfgen.kernel.")
    ours = {module for module in modules if module.startswith("bpfgen")}
    assert [one for one in ours - HEADER_RUN if not one.startswith((*own, *shared))] == []
    assert "bpfgen.emit.c.header" not in modules
    assert standard(modules) <= STANDARD


def test_reading_an_object_needs_no_compiler(tmp_path: Path) -> None:
    """`bpfgen inspect` reads; it imports nothing of the language, rules or running maps."""
    sample, built = CHECKOUT / "samples" / "btf_map.dsl", tmp_path / "btf_map.o"
    environment = dict(os.environ, BPFGEN_CLANG=require_clang())
    imported_by(str(sample), "-o", str(built), environment=environment)
    modules = imported_by("inspect", str(built))
    unwanted = ("bpfgen.syntax", "bpfgen.rules", "bpfgen.clang.compiler", "bpfgen.verify")
    assert not [name for name in modules if name.startswith((*unwanted, "bpfgen.live"))]
    assert not standard(modules) & {"subprocess", *HEAVY}


def test_formatting_needs_the_parser_alone(tmp_path: Path) -> None:
    """`bpfgen fmt` knows no names, no rules and no compiler; it imports nothing that has them."""
    source = tmp_path / "maps.dsl"
    source.write_text("map  m: hash<__u32,__u64>[8];\n")
    modules = imported_by("fmt", str(source))
    wanted = ("cli", "commands", "emit", "files", "kernel", "record", "resources", "syntax", "text")
    # The table of options names what outputs there are, and what compilers aim at.
    allowed = {"bpfgen", "bpfgen.clang", "bpfgen.record_initializers"}
    ours = {name for name in modules if name.split(".")[0] == "bpfgen"} - allowed
    assert [name for name in ours if name.split(".")[1] not in wanted] == []
    assert [name for name in ours if name.startswith("bpfgen.emit.c.")] == ["bpfgen.emit.c.options"]
    assert standard(modules) <= STANDARD | {"importlib"}
