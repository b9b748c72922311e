"""F9 again after an unknown outcome: one incident, with the last words that were typed."""

from typing import Any

import pytest

from console.domain.errors import JournalUnavailable
from console.domain.incident import Incident
from console.domain.ledger import Act
from tests.support import MemoryJournal
from tests.widgets.incident.scene import GAS_NARRATIVE, Bench, keys


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
