"""Drafts are durable from the first key stroke and never older than a fifth of a second."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from console.domain.clock import system_clock
from console.domain.errors import JournalUnavailable
from console.persistence.spool import Spool
from console.services.drafts import Drafts


class Notebook:
    """A store in memory that remembers every write."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.writes: list[str] = []
        self.failure: Exception | None = None

    def save_draft(self, id: str, body: dict[str, Any]) -> None:  # noqa: A002
        if self.failure is not None:
            raise self.failure
        self.writes.append(body["narrative"])
        self.rows[id] = body

    def drafts(self) -> dict[str, dict[str, Any]]:
        return dict(self.rows)

    def drop_draft(self, id: str) -> None:  # noqa: A002
        self.rows.pop(id, None)


async def test_that_the_first_stroke_is_written_at_once_and_the_rest_together() -> None:
    notebook = Notebook()
    drafts = Drafts(notebook, pause_s=0.05)
    text = "煤气泄漏有人被困"
    async with asyncio.TaskGroup() as strokes:
        for end in range(1, len(text) + 1):
            strokes.create_task(drafts.keep("d1", {"narrative": text[:end]}))
            await asyncio.sleep(0.003)
    assert notebook.writes[0] == "煤"
    assert notebook.writes[-1] == text
    assert len(notebook.writes) < len(text)


async def test_that_a_dropped_draft_does_not_come_back() -> None:
    notebook = Notebook()
    drafts = Drafts(notebook, pause_s=0.02)
    async with asyncio.TaskGroup() as strokes:
        strokes.create_task(drafts.keep("d1", {"narrative": "一"}))
        await asyncio.sleep(0.005)
        strokes.create_task(drafts.keep("d1", {"narrative": "一二"}))
        await asyncio.sleep(0)
        strokes.create_task(drafts.drop("d1"))
    assert notebook.rows == {}
    assert drafts.kept == {}


async def test_that_an_earlier_run_is_offered_and_newer_text_wins() -> None:
    notebook = Notebook()
    notebook.rows = {"old": {"narrative": "昨夜"}, "mine": {"narrative": "旧"}}
    drafts = Drafts(notebook, pause_s=0)
    await drafts.keep("mine", {"narrative": "新"})
    assert await drafts.load() == {"old": {"narrative": "昨夜"}, "mine": {"narrative": "新"}}


async def test_that_a_full_disk_is_told_and_the_next_stroke_tries_again() -> None:
    notebook = Notebook()
    notebook.failure = JournalUnavailable("本机暂存无法写入", "请清理磁盘")
    drafts = Drafts(notebook, pause_s=0)
    with pytest.raises(JournalUnavailable):
        await drafts.keep("d1", {"narrative": "一"})
    notebook.failure = None
    await drafts.keep("d1", {"narrative": "一二"})
    assert notebook.rows["d1"]["narrative"] == "一二"


TYPIST = """
import asyncio, os, signal, sys
from pathlib import Path
from console.domain.clock import system_clock
from console.persistence.spool import Spool
from console.services.drafts import Drafts

async def main():
    drafts = Drafts(Spool.open(Path(sys.argv[1]), system_clock))
    strokes = asyncio.create_task(drafts.keep("d1", {"narrative": "煤"}))
    await asyncio.sleep(float(sys.argv[2]))
    drafts.keep("d1", {"narrative": "煤气泄漏"}).close()
    await asyncio.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
"""Types once, then again within the pause, and is killed half a second later."""


def test_that_a_draft_survives_kill_9(tmp_path: Path) -> None:
    spool = tmp_path / "spool.db"
    killed = subprocess.run([sys.executable, "-c", TYPIST, str(spool), "0.1"], check=False)
    assert killed.returncode == -signal.SIGKILL
    store = Spool.open(spool, system_clock)
    assert store.drafts() == {"d1": {"narrative": "煤气泄漏"}}
    store.close()
