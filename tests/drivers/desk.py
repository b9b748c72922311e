"""The console's side of a line, as the tests of ports and links use it: hears, answers, remembers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from drivers.address import parse_line
from drivers.link import Link, LinkPhase, LinkState
from drivers.report import Report
from drivers.wire import PortError, Wire


@dataclass
class Desk:
    """What the console's side heard; it acknowledges at once, as intake does after the commit."""

    reports: list[Report] = field(default_factory=list)
    states: list[LinkState] = field(default_factory=list)
    raw: list[tuple[str, bytes]] = field(default_factory=list)
    link: Link | None = None

    def hear(self, reports: list[Report], _at: float, _wire: Wire | None) -> None:
        self.reports += reports
        assert self.link is not None
        for report in reports:
            if report.ack:
                with suppress(PortError):
                    self.link.write(report.ack)

    @property
    def phases(self) -> list[LinkPhase]:
        return [state.phase for state in self.states]


@contextmanager
def desk_on(line: str) -> Iterator[Desk]:
    desk = Desk()
    desk.link = Link(
        parse_line(line), desk.hear, desk.states.append, lambda way, data, _at: desk.raw.append((way, data))
    )
    desk.link.start()
    # Opening a port discards what came before: senders repeat it, these tests rather wait.
    assert until(lambda: bool(desk.states))
    try:
        yield desk
    finally:
        desk.link.stop()


def until(condition: Callable[[], bool], seconds: float = 3.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()
