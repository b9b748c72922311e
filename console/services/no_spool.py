"""In the place of a spool that could not be opened: takes nothing, says why, and lets the desk work on."""

from datetime import datetime
from typing import Any

from console.domain.errors import JournalUnavailable
from console.domain.ledger import Act
from console.persistence.spool import SpoolRow, Unloaded


class NoSpool:
    """The face of `persistence.spool.Spool` without a file behind it."""

    def __init__(self, fault: JournalUnavailable) -> None:
        self._fault = fault

    def put(self, act: Act) -> bool:
        raise self._fault

    def hold(self, act: Act) -> None:
        raise self._fault

    def wait_for_held(self) -> None:
        """Nothing is held."""

    def let_go(self, act_id: str) -> None:
        """Nothing is held."""

    def count(self) -> int:
        return 0

    def clashes(self) -> list[SpoolRow]:
        return []

    def pending(self) -> list[SpoolRow]:
        return []

    async def unload(self, journal: object, gone: object = None) -> Unloaded:
        return Unloaded()

    def local_number(self, prefix: str, seat: str, at: datetime) -> str:
        raise self._fault

    def save_draft(self, draft_id: str, body: dict[str, Any]) -> None:
        raise self._fault

    def drafts(self) -> dict[str, dict[str, Any]]:
        return {}

    def drop_draft(self, draft_id: str) -> None:
        """There is none."""

    def close(self) -> None:
        """There is nothing to close."""
