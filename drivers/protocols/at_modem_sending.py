"""Texts a modem sends by order: one part at a time, each with its message reference, then what became of them.

A text is `sms_sent` when the network took all its parts, `sms_delivered` when the phone has them all, `sms_failed`
with the reason otherwise; whether to try again is for whoever ordered it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.protocols.sms_pdu_submit import submit
from drivers.report import Report

# Longer than this an order does not wait for a modem that cannot send.
PATIENCE_S = 120.0
MOST_WAITING = 100
# So many sent parts are remembered until word of their delivery comes.
MOST_SENT = 300
# 3GPP TS 27.005 section 3.2.5 and TS 24.011 annex E.
CAUSES = {
    1: "the number is not assigned",
    8: "barred by the operator",
    10: "the SIM may not call",
    21: "rejected",
    27: "the phone is switched off or unreachable",
    28: "the number is not known",
    38: "the network is out of order",
    41: "a temporary failure of the network",
    42: "the network is congested",
    50: "texts are not subscribed to",
    310: "no SIM is inserted",
    311: "the SIM asks for its PIN",
    330: "the message centre's number is not set",
    331: "no network service",
    332: "the network did not answer in time",
}
_HOPELESS = frozenset({1, 8, 10, 28, 50})


@dataclass(slots=True)
class _Order:
    ref: str
    to: str
    pdus: deque[bytes]
    references: list[int] = field(default_factory=list)
    undelivered: set[int] = field(default_factory=set)
    since: float | None = None


class Sending:
    """What is to be sent, and what was sent and not told delivered."""

    def __init__(self) -> None:
        self._orders: deque[_Order] = deque()
        self._sent: dict[int, _Order] = {}
        self._told: list[Report] = []
        self._joint = 0

    def order(self, order: Mapping[str, object]) -> None:
        """Take `{"sms": text, "to": number, "ref": word}`; what cannot be sent is told as failed.

        One that waits here already is asked for again by whoever saw the line go and come: it goes out once.
        """
        ref, to, text = (str(order.get(name) or "") for name in ("ref", "to", "sms"))
        if ref and any(waiting.ref == ref for waiting in self._orders):
            return
        self._joint = (self._joint + 1) % 256
        try:
            if len(self._orders) >= MOST_WAITING:
                raise ValueError("too many texts wait to be sent")
            self._orders.append(_Order(ref, to, deque(submit(to, text, self._joint))))
        except ValueError as problem:
            # More of the same would be refused again, but for the full queue.
            hopeless = not str(problem).startswith("too many")
            self._tell(Report(type="message", raw=b"", more=_failed(ref, to, str(problem), hopeless=hopeless)))

    def next_pdu(self) -> bytes | None:
        """Return the PDU to be sent now, None if there is none."""
        return self._orders[0].pdus[0] if self._orders else None

    def referenced(self, reference: int) -> None:
        """Take the network's reference of the part just sent; word of its delivery may come before its result."""
        if not self._orders:
            return
        order = self._orders[0]
        order.references.append(reference)
        order.undelivered.add(reference)
        # A reference has one octet: an older part of the same number will not be told any more.
        self._sent.pop(reference, None)
        self._sent[reference] = order
        while len(self._sent) > MOST_SENT:
            del self._sent[next(iter(self._sent))]

    def taken(self, raw: bytes) -> list[Report]:
        """Take that the network took the part; word of it if that was the last one."""
        order = self._orders[0]
        order.pdus.popleft()
        if order.pdus:
            return []
        self._orders.popleft()
        said = {"sms_sent": order.ref, "to": order.to, "references": list(order.references)}
        sent = Report(type="message", raw=raw, more=said)
        return (
            [sent] if order.undelivered else [sent, Report(type="message", raw=raw, more={"sms_delivered": order.ref})]
        )

    def refused(self, raw: bytes, code: int | None) -> list[Report]:
        """Take that the part was refused, by the code of `+CMS ERROR`: the whole text is."""
        why = CAUSES.get(code or 0, "the modem refused it" if code is None else f"refused with error {code}")
        return self.failed(raw, why, hopeless=code in _HOPELESS)

    def failed(self, raw: bytes, why: str, *, hopeless: bool = False) -> list[Report]:
        """Give up the text at hand; nothing if there is none."""
        if not self._orders:
            return []
        order = self._orders.popleft()
        return [Report(type="message", raw=raw, more=_failed(order.ref, order.to, why, hopeless=hopeless))]

    def delivery(self, report: Report) -> Report:
        """Return a status report with the word of the order it is about, '' where that is not known any more."""
        said = dict(report.more or {})
        reference = said.get("reference")
        order = self._sent.get(reference) if isinstance(reference, int) else None
        ref = order.ref if order is not None else ""
        if order is not None and said["delivered"]:
            order.undelivered.discard(reference)
        parts_out = order is not None and bool(order.undelivered or order.pdus)
        if said.get("trying") or (said["delivered"] and parts_out):
            return report
        if said["delivered"]:
            return _with(report, {"sms_delivered": ref})
        return _with(report, _failed(ref, str(said.get("recipient")), "the phone did not get it", hopeless=False))

    def tick(self, now: float) -> None:
        """Give up orders that waited too long, though the modem was asked all the time."""
        for order in self._orders:
            order.since = now if order.since is None else order.since
        while self._orders and now - (self._orders[0].since or now) > PATIENCE_S:
            self._told += self.failed(b"", "the modem could not send it in time")

    def told(self) -> list[Report]:
        """Return what was found by itself since the last time."""
        told, self._told = self._told, []
        return told

    def _tell(self, report: Report) -> None:
        self._told.append(report)


def _with(report: Report, more: Mapping[str, object]) -> Report:
    return Report(type=report.type, raw=report.raw, ack=report.ack, more={**(report.more or {}), **more})


def _failed(ref: str, to: str, why: str, *, hopeless: bool) -> dict[str, object]:
    return {"sms_failed": ref, "to": to, "reason": why, "hopeless": hopeless}
