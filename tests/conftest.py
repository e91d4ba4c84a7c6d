"""What all tests share."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from typing import TYPE_CHECKING

import hypothesis

if TYPE_CHECKING:
    import pytest

# Examples are the same on every run of continuous integration: a red run is then about the change.
# Deadlines are off: a test that starts clang is as slow as the machine is busy.
hypothesis.settings.register_profile("bpfgen", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("bpfgen")


# What clang answers is kept apart from what the user's own runs keep.
_CACHE = tempfile.mkdtemp(prefix="bpfgen-cache-")
atexit.register(shutil.rmtree, _CACHE, ignore_errors=True)
os.environ["XDG_CACHE_HOME"] = _CACHE

# A shell has what it runs in the background ignore SIGINT, and so would all that tests start.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load our own plugin in a checkout that isn't installed; otherwise pytest has found it."""
    if not pluginmanager.hasplugin("bpfgen"):
        from bpfgen import pytest_plugin

        pluginmanager.register(pytest_plugin, "bpfgen")


def pytest_configure(config: pytest.Config) -> None:
    """Fail a run that leaves something in the kernel."""
    from tests.leaks import plugin

    plugin.pytest_configure(config)
