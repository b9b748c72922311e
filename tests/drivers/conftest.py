"""What the tests of drivers share: steady property tests, and a listening port of many senders.

Property tests give the same examples on every run and have no deadline: shared machines are slow.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings

from drivers.address import parse_line
from drivers.guard import Limits
from drivers.link import Link
from drivers.protocols import surgard
from tests.descriptors import all_low_numbers_taken
from tests.drivers.desk import until
from tests.drivers.listener import Desk, Opened

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")


# -- a listening port of many senders (tests/drivers/listener.py) ------------------------------------------------


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sur-Gard as if many receivers called at one port."""
    monkeypatch.setattr(surgard, "PROTOCOL", replace(surgard.PROTOCOL, many=True))


@pytest.fixture
def crowded() -> Iterator[None]:
    """Every number that select() takes is in use."""
    with all_low_numbers_taken():
        yield


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def opened(many: None, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Open the line, with other bounds than the usual if any are given."""
    with ExitStack() as stack:

        def opening(kind: str = "tcp-listen", options: str = ",supervise_s=0", **limits: Any) -> Desk:
            of = Limits.of
            monkeypatch.setattr(Limits, "of", lambda written: replace(of(written), **limits))
            desk = Desk()
            spec = parse_line(f"T1=surgard:{kind}://127.0.0.1:{port}{options}")
            desk.link = Link(
                spec,
                desk.hear,
                desk.states.append,
                lambda way, data, _at: desk.raw.append((way, data)),
                lambda: desk.busy,
            )
            desk.link.start()
            stack.callback(desk.link.stop)
            assert until(lambda: bool(desk.states))
            return desk

        yield opening
