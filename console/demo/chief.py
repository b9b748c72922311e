"""The demo's duty chief: grants what a technician asks for, after as long as a person takes to read it."""

import asyncio
from dataclasses import replace

from console.demo.accounts import CHIEF
from console.domain.account import Account
from console.domain.approval import Approval
from console.domain.errors import UserError
from console.domain.state import need
from console.services.desk import Desk

READS_S = 3.0
GRANTS = ("test_window.open",)
"""What he may be asked for here; the rest waits for whoever watches."""


async def grant_windows(desk: Desk) -> None:
    """Look once a second what waits, and grant it; until cancelled."""
    while True:
        await asyncio.sleep(1.0)
        state = desk.picture.state
        for asked in [row for row in state.all(Approval) if row.open and row.act in GRANTS]:
            await asyncio.sleep(READS_S)
            roles = need(state, Account, CHIEF).roles
            act = desk.act("approval.decide", {"approval": asked.id, "granted": True, "answer": "同意"})
            try:
                await desk.carry_out(replace(act, actor=CHIEF, seat="01", roles=roles))
            except UserError:
                # It was decided or withdrawn meanwhile.
                continue
