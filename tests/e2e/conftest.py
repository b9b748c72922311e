"""A folder and a wire for each test; every process a test starts is gone when it ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.process import Place, Wire


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    made = Wire(tmp_path / "line")
    yield made
    made.close()
