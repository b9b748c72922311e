"""Rules of the whole suite: a test fails on any log record >= WARNING that it did not announce.

`expected_log` is the way to announce one: append a regular expression; each must be met by some record.
Unexpected Python warnings and Qt messages fail by the settings in pyproject.toml.
"""

import logging
import os
import re
from collections.abc import Iterator

# Loaded whole and first: PySide6 looks into every module that is being imported, and pydantic's, which load their
# parts only when looked at, do not stand that in every order of collection.
import pydantic.fields  # noqa: F401
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"


class Collected(logging.Handler):
    """Keeps the records."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def expected_log() -> list[str]:
    """Regular expressions of warnings and errors that this test makes on purpose."""
    return []


@pytest.fixture(autouse=True)
def quiet_log(expected_log: list[str]) -> Iterator[None]:
    """Fail on noise."""
    collected = Collected()
    logging.getLogger().addHandler(collected)
    yield
    logging.getLogger().removeHandler(collected)
    said = [f"{r.levelname} {r.name}: {r.getMessage()}" for r in collected.records]
    unexpected = [line for line in said if not any(re.search(p, line) for p in expected_log)]
    missing = [p for p in expected_log if not any(re.search(p, line) for line in said)]
    assert not unexpected, f"unexpected log records: {unexpected}"
    assert not missing, f"expected but never logged: {missing}"
