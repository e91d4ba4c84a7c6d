"""What all tests share."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.loaded_modules import LoadedModules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

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


@pytest.fixture
def _loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedModules]:
    """What pytester, which begins after this and ends before it, is to leave loaded."""
    loaded = LoadedModules(tmp_path_factory.getbasetemp())
    yield loaded
    loaded.keep()


@pytest.fixture
def pytester(
    _loaded: LoadedModules, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.Pytester]:
    """Pytest's own, whose runs in this process leave loaded what they load."""
    inline_run = pytester.inline_run

    def run(*words: str, **more: Any) -> pytest.HookRecorder:
        outcome = inline_run(*words, plugins=[_loaded], **more)
        _loaded.keep()
        return outcome

    monkeypatch.setattr(pytester, "inline_run", run)
    yield pytester
    _loaded.note()


def pytest_configure(config: pytest.Config) -> None:
    """Fail a run that leaves something in the kernel."""
    from tests.leaks import plugin

    plugin.pytest_configure(config)
