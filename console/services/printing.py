"""Printing: the slip of a handoff and 断网续接单, made from the picture and journaled.

Files go to the desk's own folder; PDF making takes some 50 ms and therefore runs in a thread.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from console.domain.alarm import ALARM_LABELS, Alarm
from console.domain.errors import EnvironmentFault
from console.domain.handoff import Handoff
from console.domain.handover import Handover
from console.domain.incident import Incident
from console.domain.repair import RepairOrder
from console.domain.site import Site
from console.domain.state import need
from console.domain.unit import UnitStatus
from console.paper.handover import print_handover
from console.paper.repair import print_repair
from console.paper.sheet import SheetContext, SheetRow, print_sheet
from console.paper.slip import SlipContext, print_slip
from console.services.desk import Desk
from console.services.event_words import event_text, third_field_is_user
from console.services.handovers import GROUPS, item_of
from console.services.protection import still_protects
from console.services.sight import visible
from resources import ROOT

FONTS = ROOT / "fonts"
CURRENT_SHEET = "断网续接单-最新.pdf"


def alarm_words(alarm: Alarm, site: Site | None) -> str:
    """一号柜台 防区 001 账号 5EF1 120 紧急报警 未复位（已确认）: which button, and that it still latches."""
    user = third_field_is_user(alarm)
    pieces = (
        site.spot(alarm.zone) if site is not None and not user else "",
        f"{'用户' if user else '防区'} {alarm.zone}" if alarm.zone else "",
        f"账号 {alarm.account}" if alarm.account else "",
        event_text(alarm),
        f"未复位（{ALARM_LABELS[alarm.state]}）",
    )
    return " ".join(piece for piece in pieces if piece)


@dataclass(frozen=True, slots=True)
class Printing:
    """One seat's printer. `folder` takes the files; `desk_name` stands on top of every page, `desk_phone` is the
    number an agency answers to (a desk that has no line of its own is rung at 110). `read_head` tells the journal's
    last number and hash, blocking: on paper they stand outside the database, where nobody can rewrite them."""

    desk: Desk
    folder: Path
    desk_name: str = "漳州市公安局"
    desk_phone: str = "110"
    read_head: Callable[[], str] = str

    async def slip(self, handoff: str) -> Path:
        """Make the slip of a handoff, journal it and answer the file; EnvironmentFault if the disk refuses."""
        found = need(self.desk.picture.state, Handoff, handoff)
        incident = need(self.desk.picture.state, Incident, found.incident)
        context = SlipContext(
            desk=self.desk_name,
            actor=self.desk.actor,
            seat=self.desk.seat,
            printed_at=self.desk.clock(),
            caller_phone=incident.phone,
            desk_phone=self.desk_phone,
        )
        file = self.folder / f"派单-{found.id.replace('#', '-')}.pdf"
        await asyncio.to_thread(print_slip, file, incident, found, self.desk.reference, context, FONTS)
        await self.desk.do("handoff.slip_printed", handoff=found.id, file=file.name)
        return file

    async def repair(self, order: str) -> Path:
        """Print a repair order and answer the file, which names no person; EnvironmentFault if the disk refuses."""
        found = need(self.desk.picture.state, RepairOrder, order)
        site, at = self.desk.picture.site(found.site), self.desk.clock()
        still = still_protects(self.desk.picture.state, found.site) if found.open else found.still
        file = self.folder / f"维修单-{found.site}-{found.id[:8]}.pdf"
        by = f"{self.desk.seat}席 {self.desk.actor}"
        make = partial(print_repair, desk=self.desk_name, by=by, at=at, font_folder=FONTS)
        await asyncio.to_thread(make, file, found, site, still)
        return file

    async def handover(self, handover: str) -> Path:
        """Print a handover as both signed it; EnvironmentFault if the disk refuses."""
        found = need(self.desk.picture.state, Handover, handover)
        items = [(item.kind, item.text) for item in map(item_of, found.items)]
        file = self.folder / f"交接班-{found.seat}-{found.drawn_at:%Y%m%dT%H%M%SZ}.pdf"
        head = await asyncio.to_thread(self._head)
        about = {"desk": self.desk_name, "head": head, "at": self.desk.clock(), "font_folder": FONTS}
        await asyncio.to_thread(partial(print_handover, file, found, items, GROUPS, **about))  # type: ignore[arg-type]
        return file

    async def sheet(self) -> Path:
        """A person prints 断网续接单: a file with its time in the name, journaled."""
        file = self.folder / f"断网续接单-{self.desk.clock():%Y%m%dT%H%M%SZ}.pdf"
        count = await self._write_sheet(file)
        await self.desk.do("sheet.printed", file=file.name, incidents=count)
        return file

    async def refresh_sheet(self) -> Path:
        """The minute's copy for the day the screens go dark; not journaled."""
        file = self.folder / CURRENT_SHEET
        await self._write_sheet(file)
        return file

    def _head(self) -> str:
        """The sheet is most wanted when the journal is away; then it carries none."""
        try:
            return self.read_head()
        except EnvironmentFault:
            return ""

    async def _write_sheet(self, file: Path) -> int:
        picture = self.desk.picture
        rows = [
            SheetRow(
                incident=incident,
                orders=picture.orders(incident.number),
                handoffs=picture.handoffs(incident.number),
                promises=picture.promises(incident.number),
                alarms=[alarm_words(a, picture.site(a.site)) for a in picture.alarms(incident.number) if a.open],
                site=picture.site(incident.site),
            )
            for incident in visible(self.desk)
            if incident.open
        ]
        units = [unit for unit in picture.units() if unit.status is not UnitStatus.OFF_DUTY]
        context = SheetContext(
            desk=self.desk_name,
            actor=self.desk.actor,
            seat=self.desk.seat,
            now=self.desk.clock(),
            head=await asyncio.to_thread(self._head),
            unsent=self.desk.health.unsent,
        )
        await asyncio.to_thread(print_sheet, file, rows, units, self.desk.reference, context, FONTS)
        return len(rows)
