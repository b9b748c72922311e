"""Drafts: what a call-taker has typed but not saved yet, kept on this machine from the first key stroke.

The first stroke is written at once, the following ones at most every 200 ms and always the newest text, in a
thread, into the spool file (fsynced): a killed process loses at most what was typed in the last fifth of a
second.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol

PAUSE_S = 0.2
"""Strokes within this time share one write."""

Body = Mapping[str, Any]


class DraftStore(Protocol):
    """The part of `persistence.spool.Spool` that drafts need. Calls block for one fsync."""

    def save_draft(self, id: str, body: dict[str, Any]) -> None:  # noqa: A002 -- the spool's word
        """Durable on return; JournalUnavailable if it cannot be."""

    def drafts(self) -> dict[str, dict[str, Any]]:
        """Every draft by its id, the oldest first."""

    def drop_draft(self, id: str) -> None:  # noqa: A002 -- the spool's word
        """Forget a draft; nothing if it is not there."""


class Drafts:
    """The drafts of this machine. `kept` holds what is known to be open, by id, the oldest first."""

    def __init__(self, store: DraftStore, pause_s: float = PAUSE_S) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self._store = store
        self._pause_s = pause_s
        self._newest: dict[str, dict[str, Any]] = {}
        self._writing: set[str] = set()
        self._store_is_free = asyncio.Lock()

    async def load(self) -> dict[str, dict[str, Any]]:
        """Drafts that an earlier run left; those typed meanwhile stay as they are."""
        stored = await asyncio.to_thread(self._store.drafts)
        self.kept = {**stored, **self.kept}
        return self.kept

    def keep(self, id: str, body: Body) -> Coroutine[Any, Any, None]:  # noqa: A002 -- the spool's word
        """Keep a draft, in memory at once; what is answered ends when the newest text of it is durable.

        JournalUnavailable if this machine's file cannot be written: the text stands in memory only.
        """
        self.kept[id] = self._newest[id] = dict(body)
        return self._make_durable(id)

    async def _make_durable(self, id: str) -> None:  # noqa: A002 -- the spool's word
        if id in self._writing:
            return
        self._writing.add(id)
        try:
            while id in self._newest:
                await self._write(id)
                await asyncio.sleep(self._pause_s)
        finally:
            self._writing.discard(id)

    async def _write(self, id: str) -> None:  # noqa: A002 -- the spool's word
        async with self._store_is_free:
            body = self._newest.pop(id, None)
            if body is not None:
                await asyncio.to_thread(self._store.save_draft, id, body)

    def drop(self, id: str) -> Coroutine[Any, Any, None]:  # noqa: A002 -- the spool's word
        """Forget a draft, in memory at once: it was saved as an incident, or a person threw it away.

        What is answered ends when its file has forgotten it too.
        """
        self.kept.pop(id, None)
        self._newest.pop(id, None)
        return self._forget(id)

    async def _forget(self, id: str) -> None:  # noqa: A002 -- the spool's word
        async with self._store_is_free:
            await asyncio.to_thread(self._store.drop_draft, id)
