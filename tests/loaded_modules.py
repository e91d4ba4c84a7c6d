"""What a pytest within this process has loaded, which stays loaded after it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType


class LoadedModules:
    """Modules to be kept, but for those in the directory *own*, of projects whose tests are run.

    Pytester drops all that was loaded since a run, or its own test, began; but the packages that it
    was in, and modules that were there before, still have it. What is loaded once more is then
    another module, whose classes the old ones don't know ("unexpected MapItem"). Which modules
    these are depends on all that the process has done before.
    """

    def __init__(self, own: Path) -> None:
        self._own = own
        self._modules: dict[str, ModuleType] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Note them at the end of a run that this is a plugin of, before pytester drops them."""
        self.note()

    def note(self) -> None:
        """Note what is loaded now."""
        for name, module in sys.modules.items():
            file = getattr(module, "__file__", None)
            if file is not None and not Path(file).is_relative_to(self._own):
                self._modules[name] = module

    def keep(self) -> None:
        """Have what was noted in its place again, where nothing else is by now."""
        for name, module in self._modules.items():
            sys.modules.setdefault(name, module)
