"""The register and its repair orders on a real journal: what is stored is what the journal rebuilds, on both."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

from console.domain.account import MACHINE, Role
from console.domain.alarm import Alarm
from console.domain.clock import ManualClock
from console.domain.fold import fold
from console.domain.incident import Incident
from console.domain.ledger import Act
from console.domain.repair import RepairOrder, RepairState
from console.domain.site import Site
from console.domain.state import KINDS, MemoryState, need
from console.persistence.journal import Journal
from console.persistence.queries import Queries
from console.services.acts import ACTS
from tests.persistence.acts import NOON
from tests.persistence.test_rebuild import stored_state

SITE = {
    "id": "S1",
    "name": "第一中学",
    "account": "1234",
    "line": "A1",
    "zones": {"003": "门卫室"},
    "keyholders": ["李某 0596-1234567"],
    "lat": 24.5,
    "lon": 117.6,
    "test_days": 90,
}


def rebuilt(journal: Journal) -> MemoryState:
    state = MemoryState()
    for fact in journal.read(limit=10_000):
        fold(state, fact)
    return state


def test_that_register_placed_alarm_and_repairs_are_the_fold_of_the_journal(
    prepared: Callable[[], str], clock: ManualClock
) -> None:
    url = prepared()
    with closing(Journal.open(url, ACTS, clock)) as journal:

        def do(role: str, name: str, **args: Any) -> Any:
            act = Act(name=name, args=args, actor="031", seat="03", roles=(role,), at=NOON)
            return journal.commit_blocking(act).value

        report = {"type": "signal", "raw_hex": "01", "account": "1234", "zone": "003", "event_code": "120"}
        stamp = {"line": "A1", "protocol": "surgard", "received_at": NOON.isoformat()}
        told = do(*MACHINE, "intake.receive", ingest_id="p1", report={**report, "qualifier": "new"}, **stamp)
        technician, taker = Role.TECHNICIAN.value, Role.CALL_TAKER.value
        do(technician, "site.register", site=SITE)
        clock.advance(60)
        do(technician, "site.register", site={"id": "S1", "guards": 3})
        do(taker, "alarm.acknowledge", alarm=told["alarm"])
        order = do(technician, "repair.open", site="S1", cause="manual", text="按钮松动")
        do(technician, "repair.assign", order=order, who="林工", due=(NOON + timedelta(days=3)).isoformat())
        do(technician, "repair.finish", order=order, result="已更换", part="按钮")
        state = rebuilt(journal)
    stored = stored_state(url)
    assert {kind: state.all(kind) for kind in KINDS} == {kind: stored[kind] for kind in KINDS}
    site = need(state, Site, "S1")
    assert (site.guards, site.keyholders, site.registered_at) == (3, ("李某 0596-1234567",), NOON)
    assert need(state, Alarm, told["alarm"]).site == "S1"
    assert need(state, Incident, told["incident"]).place == "第一中学 门卫室"
    assert need(state, RepairOrder, order).state is RepairState.DONE


def test_that_an_accounts_last_signals_are_found_newest_first_and_by_its_line(
    prepared: Callable[[], str], clock: ManualClock
) -> None:
    url = prepared()
    with closing(Journal.open(url, ACTS, clock)) as journal:
        for n in range(6):
            at = NOON + timedelta(minutes=n)
            report = {"type": "signal", "raw_hex": f"{n:02}", "account": "1234", "event_code": "602", "test": True}
            stamp = {"line": "AB"[n % 2], "protocol": "surgard", "received_at": at.isoformat()}
            args = {"ingest_id": f"i{n}", "report": {**report, "qualifier": "new"}, **stamp}
            act = Act(name="intake.receive", args=args, actor="A", seat="00", roles=MACHINE, at=NOON)
            journal.commit_blocking(act)
    with closing(Queries(url)) as queries:
        said = [
            [signal.ingest_id for signal in queries.signals_of(account, line, since, 3)]
            for account, line, since in (
                ("1234", "", NOON),
                ("1234", "B", NOON),
                ("1234", "", NOON + timedelta(minutes=5)),
                ("9999", "", NOON),
            )
        ]
    assert said == [["i5", "i4", "i3"], ["i5", "i3", "i1"], ["i5"], []]
