"""Writes the types of the maps in Python before the package is built."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MapsHook(BuildHookInterface):
    """What hatchling runs before it builds the wheel."""

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        """Write `src/agent/task.py` and `src/agent/calls.py`."""
        for name in ("task", "calls"):
            source, output = f"../bpf/{name}.dsl", f"src/agent/{name}.py"
            command = [sys.executable, "-m", "bpfgen", source, "-o", output, "--accessors"]
            subprocess.run(command, cwd=self.root, check=True)
