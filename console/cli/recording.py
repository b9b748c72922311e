"""How a technician's command puts on record what it did: one act in the journal, by the person of the settings."""

import argparse
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from console.cli.words import settings_of
from console.domain.account import Role
from console.domain.clock import system_clock
from console.domain.ledger import Act, new_id
from console.persistence.journal import Journal
from console.services.acts import ACTS
from console.station import database_url


def record(options: argparse.Namespace, name: str, args: Mapping[str, Any], role: Role, act_id: str = "") -> Any:
    """Carry the act out and answer its value. UserError (refused) and JournalUnavailable (nobody confirmed it)."""
    settings = settings_of(options)
    act = Act(
        name=name,
        args=args,
        actor=settings.actor,
        seat=settings.seat,
        roles=(role.value,),
        at=system_clock(),
        act_id=act_id or new_id(),
    )
    with closing(Journal.open(database_url(settings, options.db), ACTS, system_clock)) as journal:
        return journal.commit_blocking(act).value
