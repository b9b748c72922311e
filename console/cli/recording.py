"""How a technician's command puts on record what it did, and how it asks a second person.

Whoever has the database's own address is its administrator already; what he does is journaled under his name on this
machine, with the seat CLI. What takes two persons is asked for here and decided by another at a seat (双人审批); where
people have passwords the asker proves who he is, or he could grant it himself under his other name.
"""

import argparse
import json
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from console.cli.terminal import act_of, open_office
from console.cli.words import say, url_of
from console.domain.account import Role
from console.domain.approval import Approval, ApprovalState
from console.domain.clock import system_clock
from console.persistence.codec import encode
from console.persistence.journal import Journal
from console.persistence.retention import every
from console.services.acts import ACTS

VALID = timedelta(hours=24)
"""How long what was granted may be done."""


def record(options: argparse.Namespace, name: str, args: Mapping[str, Any], role: Role) -> Any:
    """Carry the act out and answer its value. UserError (refused) and JournalUnavailable (nobody confirmed it)."""
    with closing(Journal.open(url_of(options), ACTS, system_clock)) as journal:
        return journal.commit_blocking(act_of(name, args, role)).value


def ask(options: argparse.Namespace, name: str, args: Mapping[str, Any], reason: str, role: Role) -> str:
    """Ask a second person for the act; answers the approval's id. UserError if it is being asked for already.

    The role is what the asker must prove to hold (`--as`).
    """
    with open_office(options) as office:
        if any(not account.passwordless for account in office.accounts.values()):
            office.sign_on(options.by, role)
        asked = str(office.do("approval.ask", act=name, args=dict(args), reason=reason))
    say(f"已申请双人审批（{asked[:8]}）：由另一人在席位上批准")
    return asked


def granted(url: str, name: str, args: Mapping[str, Any], now: datetime) -> bool:
    """Whether another person has granted exactly this, within the last day."""
    wanted = encode(dict(args))
    return any(
        approval.act == name
        and approval.state is ApprovalState.GRANTED
        and approval.decided_at is not None
        and now - approval.decided_at < VALID
        and _same(approval, wanted)
        for approval in every(url, Approval)
    )


def _same(approval: Approval, wanted: str) -> bool:
    return encode(json.loads(approval.args)) == wanted
