"""A file of a revision is what it is in a checkout of that revision: random trees, as witness.

BPFGEN_PROOF_REVISIONS=SEED:COUNT tries others, or more.
"""

from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest

from bpfgen.clang.finder import Finder
from bpfgen.compiler import Options, emit
from bpfgen.record import replace
from bpfgen.sides.places import Place, Trees, opened
from tests.git.repositories import Git
from tests.tools import require_clang

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.sources import Opened

DIRECTORIES = ("", "maps", "maps/deep", "include", "link")
"""Where files are; `link` is a symbolic link to a directory, or one of its own."""

SEED, COUNT = map(int, os.environ.get("BPFGEN_PROOF_REVISIONS", "1:6").split(":"))
COMMITS, FILES = 4, 7


class History:
    """A repository with random commits: sources that import each other, headers, links."""

    def __init__(self, rng: random.Random, git: Git, *, has_headers: bool) -> None:
        self._rng = rng
        self._git = git
        self._has_headers = has_headers
        self.sources: list[str] = []
        self.revisions: list[str] = []
        git.put("maps/deep/kept.dsl", "")
        (git.directory / "link").symlink_to("maps/deep")
        for number in range(FILES):
            self.sources.append(os.path.join(rng.choice(DIRECTORIES), f"s{number}.dsl"))
            self._write(number)
        for _ in range(COMMITS):
            self.revisions.append(git.commit())
            for _ in range(3):
                self._change()
        git.commit()  # what git doesn't know has no revision, and would stand in for what is gone

    def _write(self, number: int) -> None:
        """Write the source *number* anew, which imports some of those before it."""
        rng, path = self._rng, self.sources[number]
        imported = sorted(rng.sample(range(number), min(number, rng.randrange(3))))
        lines = [f'import "{self._name(self.sources[one], path)}";' for one in imported]
        value = " + ".join([str(rng.randrange(1, 99)), *(f"C{one}" for one in imported)])
        if self._has_headers and rng.random() < 0.5:
            self._write_header(number)
            header = self._name(f"{os.path.splitext(path)[0]}.h", path)
            lines.append(f'include "{header}";')
            value += f" + H{number}"
        lines.append(f"const C{number} = {value};")
        lines.append(f"map m{number}: hash<__u32, __u64>[C{number}];")
        self._put(path, "\n".join(lines))

    def _write_header(self, number: int) -> None:
        rng, path = self._rng, f"{os.path.splitext(self.sources[number])[0]}.h"
        lines = [f"#ifndef H{number}_H", f"#define H{number}_H"]
        if number and rng.random() < 0.5:
            other = rng.randrange(number)
            self._write_header(other)
            lines.append(f'#include "{self._name(self._header(other), path)}"')
            lines.append(f"#define H{number} (H{other} + {rng.randrange(1, 99)})")
        else:
            lines.append(f"#define H{number} {rng.randrange(1, 99)}")
        self._put(path, "\n".join([*lines, "#endif"]))

    def _header(self, number: int) -> str:
        return f"{os.path.splitext(self.sources[number])[0]}.h"

    def _name(self, path: str, importing: str) -> str:
        """Return a name of the file *path* for one beside *importing*: relative, or along -I."""
        if path.startswith("include/") and self._rng.random() < 0.5:
            return path.removeprefix("include/")
        directory = os.path.dirname(importing)
        if directory == "link":
            # Where the link leads, or the directory in its place, `..` means something else.
            is_link = (self._git.directory / "link").is_symlink()
            directory = "maps/deep" if is_link else "link"
        return os.path.relpath(path, directory or ".")

    def _put(self, path: str, text: str) -> None:
        place = self._git.directory / path
        if place.is_symlink():
            place.unlink()
        self._git.put(path, f"{text}\n")

    def _change(self) -> None:
        """Make one change to the working tree."""
        rng, root = self._rng, self._git.directory
        number = rng.randrange(FILES)
        place = root / self.sources[number]
        what = rng.randrange(6)
        if what < 3:
            self._write(number)
        elif what == 3:
            place.unlink(missing_ok=True)
        elif what == 4 and place.is_file() and not place.is_symlink():
            moved = root / f"moved{number}.txt"
            place.rename(moved)
            place.symlink_to(os.path.relpath(moved, place.parent.resolve()))
        elif (root / "link").is_symlink():
            (root / "link").unlink()
            shutil.copytree(root / "maps/deep", root / "link", symlinks=True)


def meaning(source: Opened | OSError, options: Options) -> tuple[object, ...]:
    """Return all of *source* that doesn't depend on how its file is called."""
    if isinstance(source, OSError):
        return ("unreadable",)
    codes = sorted(said.code for said in source.diagnostics)
    if source.compilation is None or source.failed:
        return (source.kind, codes)
    model = replace(source.compilation.model, name="same")
    return (source.kind, codes, emit(replace(source.compilation, model=model), options, "json"))


def tried(place: Place, options: Options) -> Opened | OSError:
    """Return what the source at *place* comes to, or why it can't be read."""
    try:
        return opened(place, options)
    except OSError as error:
        return error


@pytest.mark.parametrize("has_headers", [False, True])
def test_a_revision_is_its_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_headers: bool
) -> None:
    """Same maps, same mistakes, whatever the working tree has by now."""
    clang = Finder(require_clang() if has_headers else None)
    options = Options(include_directories=("include",), clang=clang, is_ruled=False)
    compiled = 0
    for seed in range(SEED, SEED + (COUNT // 6 if has_headers else COUNT)):
        git = Git(tmp_path / f"repository{seed}")
        rng = random.Random(seed)  # noqa: S311 -- the same trees in every run
        history = History(rng, git, has_headers=has_headers)
        checkout = tmp_path / f"checkout{seed}"
        git.run("worktree", "add", "-q", "--detach", str(checkout), "HEAD")
        for revision in history.revisions[:: 2 if has_headers else 1]:
            Git(checkout).run("checkout", "-q", "--force", revision)
            trees = Trees()
            for path in history.sources:
                monkeypatch.chdir(git.directory)
                then = tried(trees.place_of(f"git:{revision}:{path}"), options)
                monkeypatch.chdir(checkout)
                now = tried(Place(path), options)
                assert meaning(then, options) == meaning(now, options), (seed, revision, path)
                compiled += not isinstance(now, OSError) and not now.failed
    assert compiled > (5 if has_headers else 40)
