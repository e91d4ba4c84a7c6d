"""Runs of `bpfgen create` in a test, and what they came to."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from bpfgen.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable


class Outcome(NamedTuple):
    """What a run came to."""

    status: int
    output: str
    errors: str

    @property
    def record(self) -> dict[str, Any]:
        """The JSON."""
        (line,) = self.output.splitlines()
        record: dict[str, Any] = json.loads(line)
        assert record["format"] == 1
        return record


def runner(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Return a function that runs the command on a text, or on what a name without lines names."""

    def run(text: str, *words: str) -> Outcome:
        path = "maps.dsl"
        if "\n" in text:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        else:
            path = text
        status = main(["create", path, "--no-config", *words])
        output, errors = capfd.readouterr()
        return Outcome(status, output, errors)

    return run


def since(*version: int) -> pytest.MarkDecorator:
    """Skip a test of what only kernels from *version* on do."""
    release = tuple(int(number) for number in os.uname().release.split(".")[:2])
    return pytest.mark.skipif(release < version, reason=f"Linux {version[0]}.{version[1]} does it")
