"""F9 again after an unknown outcome: one incident, with the last words that were typed."""

from pathlib import Path
from typing import Any

import pytest

from console.domain.errors import JournalUnavailable
from console.domain.incident import Incident
from console.domain.ledger import Act
from console.services.places import Places
from tests.support import MemoryJournal
from tests.widgets.incident.scene import GAS_NARRATIVE, Bench, build, keys


async def test_that_saving_again_after_an_unknown_outcome_opens_no_second_incident(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, expected_log: list[str]
) -> None:
    expected_log.append("incident.open: 结果未知")
    journal, spool = bench.desk.journal, bench.desk.spool
    assert isinstance(journal, MemoryJournal)
    commit = journal.commit

    async def late(act: Act) -> Any:
        await commit(act)
        raise JournalUnavailable("日志 2 秒内没有写成")

    def full(*_: object) -> None:
        raise JournalUnavailable("磁盘已满")

    with monkeypatch.context() as broken:
        broken.setattr(journal, "commit", late)
        broken.setattr(spool, "put", full)
        bench.panel.new_incident()
        keys(bench.panel.form.place, "钟法路")
        keys(bench.panel.form.narrative, GAS_NARRATIVE)
        bench.panel.save()
        await bench.settle()
    assert "结果未知" in bench.tasks.messages.last[-1].text
    assert bench.notebook.rows, "the draft stays"
    bench.desk.health.journal_answered(0.01)
    keys(bench.panel.form.caller, "Wang")
    bench.panel.save()
    await bench.settle()
    (incident,) = journal.state.all(Incident)
    assert (incident.place, incident.caller) == ("钟法路", "Wang")
    assert bench.notebook.rows == {}


async def test_that_a_draft_a_crash_left_of_a_saved_call_becomes_an_edit_of_it(
    bench: Bench, places: Places, tmp_path: Path
) -> None:
    bench.panel.new_incident()
    keys(bench.panel.form.place, "钟法路")
    keys(bench.panel.form.narrative, GAS_NARRATIVE)
    await bench.settle()
    left = dict(bench.notebook.rows)
    bench.panel.save()
    await bench.settle()
    bench.notebook.rows.update(left)
    after_the_crash = build(
        bench.desk, bench.clock, bench.theme, bench.selection, bench.tick, bench.tasks, places, tmp_path, bench.notebook
    )
    await after_the_crash.panel.start()
    (draft,) = after_the_crash.panel.drafts.shown
    after_the_crash.panel.drafts.resumed.emit(draft)
    keys(after_the_crash.panel.form.caller, "Wang")
    after_the_crash.panel.save()
    await after_the_crash.settle()
    journal = bench.desk.journal
    assert isinstance(journal, MemoryJournal)
    (incident,) = journal.state.all(Incident)
    assert (incident.place, incident.caller) == ("钟法路", "Wang")
    assert bench.notebook.rows == {}
    after_the_crash.panel.close_panel()
