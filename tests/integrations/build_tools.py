"""The build tools: how each builds its sample project, and how it says that all is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integrations.workplace import copy_project
from tests.tools import CHECKOUT, require

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.integrations.workplace import Workplace

SOURCE, BUILT = "source", "built"


class BuildTool:
    """One way to build one of the sample projects.

    Attributes:
        name: What the tests call it.
        project: The folder in samples/projects.
        imported: The source that another imports.
        importing: The program whose maps import it; its source has this name.
        other: The program that has nothing to do with either.
        restat: Whether a header that stays as it is keeps the tool from building what includes it.
    """

    name = project = imported = importing = other = ""
    maps = "."
    restat = True

    def __init__(self, workplace: Workplace) -> None:
        self.place = workplace
        self.source = workplace.directory / SOURCE
        self.built = workplace.directory / BUILT
        copy_project(self.project, self.source)

    def dsl(self, name: str) -> Path:
        """Return the path of the source *name*."""
        return self.source / self.maps / f"{name}.dsl"

    def prepare(self) -> None:
        """Do what comes before the first build."""

    def build(self) -> subprocess.CompletedProcess[str]:
        """Build everything, several steps at a time."""
        raise NotImplementedError

    def is_done(self) -> bool:
        """Whether the tool itself says that there is nothing to do."""
        raise NotImplementedError

    def made(self, name: str) -> Path | None:
        """Return the path of the file *name* among what was built, or None."""
        return next(self.built.rglob(name), None)


class Make(BuildTool):
    """GNU make, by rules of our own."""

    name = project = "make"
    imported, importing, other = "task", "execs", "exits"

    def _make(self, *words: str) -> subprocess.CompletedProcess[str]:
        make = require("make")
        return self.place.run(make, "OUT=../built", *words, directory=SOURCE)

    def build(self) -> subprocess.CompletedProcess[str]:
        """Run make."""
        return self._make("-j4")

    def is_done(self) -> bool:
        """Ask with `make -q`."""
        return self._make("-q").returncode == 0


class Ninja(BuildTool):
    """ninja, by rules of our own."""

    name = project = "ninja"
    imported, importing, other = "address", "connects", "sockets"

    def __init__(self, workplace: Workplace) -> None:
        super().__init__(workplace)
        self.built = self.source / "build"

    def build(self) -> subprocess.CompletedProcess[str]:
        """Run ninja."""
        return self.place.run(require("ninja"), "-j4", directory=SOURCE)

    def is_done(self) -> bool:
        """Ask with `ninja -n`."""
        done = self.place.run(require("ninja"), "-n", directory=SOURCE)
        return "no work to do" in done.stdout


class CMakeNinja(BuildTool):
    """CMake's function, for ninja."""

    name, project = "cmake-ninja", "cmake"
    imported, importing, other = "prefix", "filter", "sizes"
    maps = "maps"
    generator = "Ninja"

    def prepare(self) -> None:
        """Configure."""
        command = [require("cmake"), "-G", self.generator, "-S", SOURCE, "-B", BUILT]
        done = self.place.run(*command, f"-Dbpfgen_DIR={CHECKOUT / 'bpfgen' / 'cmake'}")
        assert done.returncode == 0, done.stdout

    def build(self) -> subprocess.CompletedProcess[str]:
        """Run `cmake --build`."""
        return self.place.run(require("cmake"), "--build", BUILT, "-j4")

    def is_done(self) -> bool:
        """Ask with `ninja -n`."""
        done = self.place.run(require("ninja"), "-C", BUILT, "-n")
        return "no work to do" in done.stdout


class CMakeMake(CMakeNinja):
    """CMake's function, for GNU make."""

    name = "cmake-make"
    generator = "Unix Makefiles"
    restat = False

    def is_done(self) -> bool:
        """Build: such makefiles run themselves again, and `make -q` is of no use."""
        said = self.build().stdout
        return not any(word in said for word in ("Generating", "Verifying", "Building", "Linking"))


class Meson(BuildTool):
    """Meson, by targets of our own."""

    name = project = "meson"
    imported, importing, other = "flow", "meter", "devices"

    def prepare(self) -> None:
        """Configure."""
        done = self.place.run(require("meson"), "setup", BUILT, SOURCE)
        assert done.returncode == 0, done.stdout

    def build(self) -> subprocess.CompletedProcess[str]:
        """Run `meson compile`."""
        return self.place.run(require("meson"), "compile", "-C", BUILT, "-j", "4")

    def is_done(self) -> bool:
        """Ask with `meson compile`, which would build."""
        return "no work to do" in self.build().stdout


BUILD_TOOLS: tuple[type[BuildTool], ...] = (Make, Ninja, CMakeNinja, CMakeMake, Meson)
