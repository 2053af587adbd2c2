"""A small log of three bundles, the last one partial."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sealed_log import Bench, sealed


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """600 sealed events."""
    return sealed(tmp_path, 600)
