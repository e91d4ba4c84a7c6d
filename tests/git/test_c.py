"""C of a revision, and C headers that its sources include, are read at that revision."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options
from bpfgen.git import GitError
from bpfgen.git import layout as layouts
from bpfgen.record import replace
from bpfgen.sides.places import Trees, opened
from tests.git.test_places import entries
from tests.tools import require_clang

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.sources import Opened
    from tests.git.repositories import Git

INCLUDES = """\
include "beside.h";
include <below.h>;
map flows: hash<__u32, __u64>[SIZE];
map more: hash<__u32, __u64>[MORE];
"""

C = """\
#define SEC(name) __attribute__((section(name), used))
#define __uint(name, val) int (*name)[val]
#include "beside.h"
#include <below.h>
struct {
    __uint(type, 1);
    __uint(max_entries, SIZE);
    __uint(key_size, 4);
    __uint(value_size, 8);
} flows SEC(".maps");
struct {
    __uint(type, 1);
    __uint(max_entries, MORE);
    __uint(key_size, 4);
    __uint(value_size, 8);
} more SEC(".maps");
"""

GUARD = "#ifndef {0}_H\n#define {0}_H\n{1}\n#endif\n"


@pytest.fixture(autouse=True)
def _nothing_is_left(temporary: Path) -> None:
    """Look at each test's temporary files."""


def options(*directories: str, arguments: tuple[str, ...] = ()) -> Options:
    """Return what OLD is opened with: the tests' clang, and these directories of -I."""
    clang = Finder(require_clang(), arguments=arguments)
    return Options(clang=clang, include_directories=directories, is_ruled=False)


def open_word(word: str, with_options: Options) -> Opened:
    """Return what the source *word* comes to."""
    return opened(Trees().place_of(word), with_options)


@pytest.fixture
def headers(git: Git) -> Git:
    """Return a repository whose headers say 16 and 77 in its only commit, and nonsense now."""
    git.put("maps/flows.dsl", INCLUDES)
    git.put("maps/flows.bpf.c", C)
    files = {
        "maps/beside.h": GUARD.format("BESIDE", '#include "../above.h"'),
        "above.h": GUARD.format("ABOVE", "#define SIZE 16"),
        "include/below.h": GUARD.format("BELOW", '#define REST "rest.inc"\n#include REST'),
        "include/rest.inc": "#define MORE 77\n",
    }
    for path, text in files.items():
        git.put(path, text)
    git.commit()
    for path in files:
        git.put(path, "nonsense of today")
    return git


WANTED = {"flows": 16, "more": 77}


@pytest.mark.usefixtures("headers")
@pytest.mark.parametrize("name", ["flows.dsl", "flows.bpf.c"])
def test_headers_are_of_the_revision(name: str) -> None:
    """Beside the file, above it, below -I, and named by a macro; all by their own names."""
    source = open_word(f"git:HEAD:maps/{name}", options("include"))
    assert entries(source) == WANTED
    assert [path for path in source.dependencies if not path.startswith("/")] == [
        "git:HEAD:maps/beside.h",
        "git:HEAD:./above.h",
        "git:HEAD:include/below.h",
        "git:HEAD:include/rest.inc",
    ]


@pytest.mark.parametrize("name", ["flows.dsl", "flows.bpf.c"])
def test_from_a_directory_below(headers: Git, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Paths are those of the working directory, -I by its whole path, or among clang's flags."""
    monkeypatch.chdir(headers.directory / "maps")
    word = f"git:HEAD:{name}"
    assert entries(open_word(word, options("../include"))) == WANTED
    assert entries(open_word(word, options(f"{headers.directory}/include"))) == WANTED
    flags = ("-isystem", "../include")
    source = open_word(word, options(arguments=flags))
    assert entries(source) == WANTED
    assert "git:HEAD:../include/rest.inc" in source.dependencies


def test_a_header_of_the_command_line(git: Git) -> None:
    """What -include names is of the revision, too, and so is what it includes."""
    git.put("forced.h", GUARD.format("FORCED", '#include "size.h"'))
    git.put("size.h", "#define SIZE 16\n#define MORE 77\n")
    git.put("flows.bpf.c", C.replace('#include "beside.h"\n#include <below.h>\n', ""))
    git.commit()
    git.put("size.h", "nonsense")
    arguments = ("-include", "forced.h")
    assert entries(open_word("git:HEAD:flows.bpf.c", options(arguments=arguments))) == WANTED


def said_of(word: str) -> str:
    """Return all words that are said of the source *word*, which is wrong."""
    source = open_word(word, options("include"))
    assert source.failed
    return " ".join(
        part for one in source.diagnostics for part in (one.message, one.help, *one.notes)
    )


def test_what_is_said_names_the_revision(headers: Git, temporary: Path) -> None:
    """A mistake in a header is one of `git:REV:PATH`, and no temporary path is shown."""
    headers.put("above.h", '#define SIZE 16\n#include "nowhere.h"\n')
    headers.put("maps/wrong.c", '#include "beside.h"\n#error no map\n')
    headers.put("include/below.h", "#define MORE 77\n")
    headers.put("maps/beside.h", '#include "../above.h"\n')
    headers.commit()
    assert "in the C header git:HEAD:./above.h, line 2" in said_of("git:HEAD:maps/flows.dsl")
    assert str(temporary) not in said_of("git:HEAD:maps/wrong.c")


def test_what_a_build_makes_is_of_the_disk(headers: Git) -> None:
    """A header that git doesn't track is what it is, and one that it tracks by now isn't there."""
    headers.put("maps/flows.dsl", INCLUDES + "map made: hash<__u32, __u64>[MADE];\n")
    headers.put("maps/beside.h", '#define SIZE 16\n#include "made.h"\n')
    headers.put("include/below.h", "#define MORE 77\n")
    headers.commit()
    headers.put("build/made.h", "#define MADE 5\n")
    given = options("include", "build")
    assert entries(open_word("git:HEAD:maps/flows.dsl", given)) == {**WANTED, "made": 5}
    headers.commit()
    assert entries(open_word("git:HEAD:maps/flows.dsl", given)) == {**WANTED, "made": 5}
    assert open_word("git:HEAD~:maps/flows.dsl", given).failed


def test_headers_outside_of_the_repository(headers: Git, tmp_path: Path) -> None:
    """They have no revision; what they include may be the project's all the same."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/far.h").write_text("#include <below.h>\n#define SIZE 16\n")
    headers.put("maps/beside.h", '#include "../../outside/far.h"\n')
    headers.put("include/below.h", "#define MORE 77\n")
    headers.commit()
    headers.put("include/below.h", "nonsense")
    for name in ("flows.dsl", "flows.bpf.c"):
        assert entries(open_word(f"git:HEAD:maps/{name}", options("include"))) == WANTED
    headers.put("maps/beside.h", "#include <far.h>\n")
    headers.put("include/below.h", "#define MORE 77\n")
    headers.commit()
    headers.put("include/below.h", "nonsense")
    for name in ("flows.dsl", "flows.bpf.c"):
        given = options("include", str(tmp_path / "outside"))
        assert entries(open_word(f"git:HEAD:maps/{name}", given)) == WANTED


def test_symbolic_links_of_the_tree(git: Git, tmp_path: Path) -> None:
    """They are followed inside of the tree, and never out of it, whatever the disk has."""
    (tmp_path / "secret.h").write_text("#define SIZE 1\n")
    git.put("maps/flows.dsl", 'include "beside.h";\nmap flows: hash<__u32, __u64>[SIZE];\n')
    git.put("common/real.h", "#pragma once\n#define SIZE 16\n")
    link = git.directory / "maps/beside.h"
    link.symlink_to("../common/real.h")
    git.commit()
    link.unlink()
    assert entries(open_word("git:HEAD:maps/flows.dsl", options())) == {"flows": 16}
    for target, why in (
        ("../../secret.h", "out of the repository"),
        (str(tmp_path / "secret.h"), "out of the repository"),
        ("beside.h", "round in a circle"),
    ):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        git.commit()
        with pytest.raises(GitError, match=why):
            open_word("git:HEAD:maps/flows.dsl", options())
    link.unlink()
    link.symlink_to("nowhere.h")
    git.commit()
    assert open_word("git:HEAD:maps/flows.dsl", options()).failed


def test_a_header_that_git_lacks(headers: Git) -> None:
    """It is said, also where C could be read without it."""
    lost = headers.run("rev-parse", "HEAD:above.h")
    (headers.directory / ".git/objects" / lost[:2] / lost[2:]).unlink()
    for name in ("flows.dsl", "flows.bpf.c"):
        with pytest.raises(GitError, match=f"git can't read its object {lost}"):
            open_word(f"git:HEAD:maps/{name}", options("include"))


@pytest.mark.parametrize("comment", ["/**/", "/* * */", "/*/**/", "\\\n", " \t"])
def test_names_of_headers_are_found_in_linear_time(comment: str) -> None:
    """Whatever stands between the words of a directive, which may be no directive at all."""
    between = comment * 20_000
    text = f'#{between}define{between}NAME{between}x\n#{between}include{between}"a.h"'
    assert [found for one in layouts._NAMED for found in one.findall(text)] == [("a.h", "")]


def test_too_much(headers: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is laid out has a limit."""
    headers.commit()
    monkeypatch.setattr(layouts, "_MOST_FILES", 3)
    for name in ("flows.dsl", "flows.bpf.c"):
        with pytest.raises(GitError, match="more than 3 files"):
            open_word(f"git:HEAD~:maps/{name}", options("include"))


def test_without_a_place_for_temporary_files(headers: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is TMPDIR, not the file."""
    monkeypatch.setenv("TMPDIR", str(headers.directory / "nonexistent"))
    with pytest.raises(GitError) as raised:
        open_word("git:HEAD:maps/flows.dsl", options("include"))
    assert raised.value.strerror is not None
    assert raised.value.strerror.endswith("nonexistent`: no such file or directory")
    assert raised.value.advice.startswith("TMPDIR names")


def test_paths_that_climb(headers: Git) -> None:
    """However often a name goes up, nothing is written outside of the temporary directory."""
    up = "../" * 40
    headers.put("maps/beside.h", f'#include "{up}nowhere/x.h"\n#include "a/../{up}x.h"\n')
    headers.commit()
    for name in ("flows.dsl", "flows.bpf.c"):
        assert open_word(f"git:HEAD:maps/{name}", options("include")).failed


def test_sources_without_maps(git: Git) -> None:
    """They declare nothing, unless nobody could see whether there is a map."""
    git.put("empty.c", "int variable;\n")
    git.put("arch.h", "#error no architecture\n")
    git.put("unseen.c", '#include "arch.h"\nint variable;\n')
    git.put("wrong.c", '__attribute__((section(".maps"))) struct nowhere map;\n')
    git.commit()
    for revision in ("", "git:HEAD:"):
        for ruled in (False, True):
            given = replace(options(), is_ruled=ruled)
            assert entries(open_word(f"{revision}empty.c", given)) == {}
        assert open_word(f"{revision}wrong.c", options()).failed
        unseen = open_word(f"{revision}unseen.c", options())
        assert unseen.failed
        assert "no architecture" in " ".join(unseen.diagnostics[-1].notes)


def test_an_object_in_git(git: Git) -> None:
    """What is committed may be an object."""
    git.put("flows.dsl", "map flows: hash<__u32, __u64>[16];\n")
    from bpfgen.building import build_object
    from bpfgen.compiler import compile
    from bpfgen.text.source import Source

    made = options()
    text = "map flows: hash<__u32, __u64>[16];\n"
    object, _said = build_object(compile(Source("flows.dsl", text), made), made)
    assert object is not None
    git.put("flows.bpf.o", object)
    git.commit()
    os.unlink("flows.bpf.o")
    source = open_word("git:HEAD:flows.bpf.o", options())
    assert source.kind == "object"
    assert entries(source) == {"flows": 16}
