"""The fixture that all tests of builds share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integrations.workplace import Workplace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """An empty place to work in."""
    return Workplace(tmp_path)
