"""Printing the acceptance sheet 验收单 of a test run, as PDF and JSON, and journaling that it was."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from console.domain.account import Account
from console.domain.errors import EnvironmentFault
from console.domain.facts import SheetPrinted
from console.domain.ledger import Ledger
from console.domain.site import Site
from console.domain.state import need
from console.domain.test_run import TestRun, TestStep
from console.paper.acceptance import SheetContext, print_sheet, write_json
from console.services.desk import Desk
from console.services.printing import FONTS


def printed(ledger: Ledger, *, run: str, file: str) -> None:
    """The act: a person printed the sheet of this run."""
    need(ledger, TestRun, run)
    ledger.record(SheetPrinted(file=file, incidents=0))


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One seat's printer of acceptance sheets; `folder` takes the files, `read_head` is as in Printing."""

    desk: Desk
    folder: Path
    desk_name: str = "漳州市公安局"
    read_head: Callable[[], str] = str

    async def sheet(self, run: str) -> tuple[Path, Path]:
        """Write the PDF and the JSON, journal it, answer both files; EnvironmentFault if the disk refuses."""
        state = self.desk.picture.state
        found = need(state, TestRun, run)
        site = need(state, Site, found.site)
        steps = state.where(TestStep, run=found.id)
        context = SheetContext(
            desk=self.desk_name,
            technician=self._name(),
            seat=self.desk.seat,
            printed_at=self.desk.clock(),
            head=await asyncio.to_thread(self._head),
            line=site.line,
        )
        stem = self.folder / f"验收单-{site.id}-{found.started_at:%Y%m%dT%H%M%SZ}"
        pdf, data = stem.with_suffix(".pdf"), stem.with_suffix(".json")
        await asyncio.to_thread(print_sheet, pdf, site, found, steps, context, FONTS)
        await asyncio.to_thread(write_json, data, site, found, steps, context)
        await self.desk.do("test_run.printed", run=found.id, file=pdf.name)
        return pdf, data

    def _name(self) -> str:
        account = self.desk.picture.state.get(Account, self.desk.actor)
        return f"{self.desk.actor} {account.name}" if account is not None else self.desk.actor

    def _head(self) -> str:
        try:
            return self.read_head()
        except EnvironmentFault:
            return ""
