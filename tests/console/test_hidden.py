"""What is hidden from a person is hidden everywhere: by its number, in completions, on paper, at the terminal."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from console.__main__ import main
from console.commands import Context, interpret
from console.commands.completion import complete
from console.domain.account import MACHINE, Account, Role
from console.domain.body import Body
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.domain.facts import AccountRegistered, IncidentOpened, SheetPrinted
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Act, Ledger
from console.persistence.journal import Journal
from console.services.acts import ACTS
from console.services.desk import Desk
from console.services.printing import Printing
from console.services.sight import visible
from tests.console.test_commands import context_on
from tests.support import EVENING, MemoryJournal, make_desk, tell

PLAIN, COMPLAINT, CONFIDENTIAL, UNTAKEN = (f"ZZ20261121-019{n}" for n in range(4))
CALLER, PHONE, SAID = "张伟", "13805961234", "请回拨 13805961234"


def opened(number: str, **fields: Any) -> IncidentOpened:
    known = {"kind": "050301", "owner": "052", "state": IncidentState.INTAKE, "title": "燃气泄漏", "place": "钟法路"}
    told: dict[str, Any] = {**known, "caller": CALLER, "phone": PHONE, "narrative": SAID, **fields}
    return IncidentOpened(incident=number, record=Incident(number=number, created_at=EVENING, **told))


ROWS: tuple[Body, ...] = (
    opened(PLAIN),
    opened(COMPLAINT, kind="100201"),
    opened(CONFIDENTIAL, confidential=True),
    opened(UNTAKEN, kind="100201", owner="", state=IncidentState.NEW),
)


@pytest.fixture
def desk() -> Desk:
    made = make_desk()
    tell(made, *ROWS)
    made.actor, made.roles = "031", (Role.CALL_TAKER,)
    return made


def numbers(desk: Desk) -> list[str]:
    return [incident.number for incident in visible(desk)]


def test_that_a_call_taker_has_no_secret_of_others_but_the_call_nobody_has_taken(desk: Desk) -> None:
    assert numbers(desk) == [PLAIN, UNTAKEN]
    desk.roles = (Role.CALL_TAKER, Role.CHIEF)
    assert numbers(desk) == [PLAIN, COMPLAINT, CONFIDENTIAL, UNTAKEN]
    desk.actor, desk.roles = "052", (Role.CALL_TAKER,)
    assert numbers(desk) == [PLAIN, COMPLAINT, CONFIDENTIAL, UNTAKEN], "they are his own"


@pytest.mark.parametrize("role", [Role.UNIT, Role.LIAISON, Role.TECHNICIAN, Role.SYSTEM, Role.SECURITY, Role.AUDIT])
def test_that_who_works_on_no_incidents_has_none(desk: Desk, role: Role) -> None:
    desk.roles = (role,)
    assert numbers(desk) == []


def test_that_a_hidden_incident_is_not_there_by_its_number_nor_in_a_completion(desk: Desk) -> None:
    context = context_on(desk)
    with pytest.raises(UserError, match="查无此警情"):
        interpret(context, f"看 {COMPLAINT}")
    assert "0191" not in _offered(context)
    desk.roles = (Role.CHIEF,)
    assert interpret(context, f"看 {COMPLAINT}").echo
    assert "0191" in _offered(context)


def _offered(context: Context) -> str:
    return " ".join(str(found) for found in complete(context, "看 019"))


async def test_that_a_hidden_incident_is_on_no_sheet(desk: Desk, tmp_path: Path) -> None:
    await Printing(desk, tmp_path).sheet()
    assert isinstance(desk.journal, MemoryJournal)
    assert [fact.body.incidents for fact in desk.journal.facts if isinstance(fact.body, SheetPrinted)] == [2]


# -- at the terminal -----------------------------------------------------------------------------------------


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "conf"))
    return f"sqlite:///{tmp_path / 'a.db'}"


def lay(url: str, *bodies: Body) -> None:
    def scene(ledger: Ledger) -> None:
        for body in bodies:
            ledger.record(body)

    with closing(Journal.open(url, {**ACTS, "scene": scene}, system_clock)) as journal:
        journal.commit_blocking(Act(name="scene", actor="test", seat="00", roles=MACHINE, at=EVENING))


PERSON = AccountRegistered(account=Account(number="031", name="陈", roles=("chief",), registered_at=EVENING))


def test_that_the_journal_is_listed_without_persons_and_without_what_is_secret(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(url, *ROWS, PERSON)
    assert main(["journal", "--db", url, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    bodies = {row["incident"]: row["body"] for row in rows}
    assert bodies[COMPLAINT] == bodies[CONFIDENTIAL] == {"withheld": True}
    assert bodies[PLAIN]["record"]["phone"] == "138****1234"
    assert bodies[PLAIN]["record"]["narrative"] == "请回拨 138****1234"


@pytest.mark.parametrize("command", [("incidents",), ("search", "燃气泄漏")])
def test_that_where_people_have_accounts_a_terminal_is_not_the_way_around_them(
    url: str, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    def told() -> str:
        assert main([*command, "--db", url, "--json"]) == 0
        return capsys.readouterr().out

    lay(url, *ROWS)
    before = told()
    assert {row["number"] for row in map(json.loads, before.splitlines())} == {PLAIN, COMPLAINT, CONFIDENTIAL, UNTAKEN}
    assert PHONE in before
    lay(url, PERSON)
    after = told()
    assert [row["number"] for row in map(json.loads, after.splitlines())] == [PLAIN]
    assert PHONE not in after
    assert CALLER not in after
