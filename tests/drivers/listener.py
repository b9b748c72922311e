"""A listening port of many senders under test: the console's side of it, and who calls."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.link import Link, LinkState
from drivers.protocols.surgard_panel import signal_frame
from drivers.report import Report
from drivers.wire import Wire

ACK = b"\x06"


@dataclass
class Desk:
    """The console's side: hears, answers each frame on its own wire, remembers."""

    reports: list[Report] = field(default_factory=list)
    wires: list[Wire | None] = field(default_factory=list)
    states: list[LinkState] = field(default_factory=list)
    raw: list[tuple[str, bytes]] = field(default_factory=list)
    answering: bool = True
    busy: bool = False
    link: Link = field(init=False)

    def hear(self, reports: list[Report], _at: float, wire: Wire | None) -> None:
        for report in reports:
            self.reports.append(report)
            self.wires.append(wire)
            if report.ack and self.answering and wire is not None and wire.open:
                self.link.write_now(report.ack, wire)

    @property
    def zones(self) -> list[str | None]:
        return [report.zone for report in self.reports if report.type == "signal"]

    @property
    def dropped(self) -> dict[str, int]:
        figures = self.link.figures
        return {} if figures is None else dict(figures.dropped)

    @property
    def peers(self) -> int:
        figures = self.link.figures
        return 0 if figures is None else figures.peers


Opened = Callable[..., Desk]


def call(port: int) -> socket.socket:
    sender = socket.create_connection(("127.0.0.1", port), 5)
    sender.settimeout(5)
    return sender


def hung_up(sender: socket.socket) -> bool:
    """Whether the far end closed the connection within the sender's patience."""
    try:
        while sender.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def press(sender: socket.socket, zone: int) -> bool:
    sender.sendall(signal_frame(zone=f"{zone:03}"))
    return sender.recv(1) == ACK
