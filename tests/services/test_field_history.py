"""A field's history is told from the journal: every writing, the oldest first, and what each replaced."""

from datetime import timedelta

from console.domain.body import Body
from console.domain.facts import Fact, IncidentEdited, IncidentOpened, NoteAdded, PriorityChanged
from console.domain.incident import Incident
from console.services.field_history import corrections, histories
from tests.support import EVENING

NUMBER = "ZZ20261121-0190"


def facts(*bodies: Body) -> list[Fact]:
    return [
        Fact(seq=n, at=EVENING + timedelta(seconds=n), actor=f"03{n}", seat="03", body=body)
        for n, body in enumerate(bodies, 1)
    ]


OPENED = IncidentOpened(
    incident=NUMBER, record=Incident(number=NUMBER, place="新华北路", kind="050301", created_at=EVENING)
)


def test_that_every_writing_of_a_field_stands_with_what_it_replaced() -> None:
    told = histories(
        facts(
            OPENED,
            IncidentEdited(incident=NUMBER, new={"place": "胜利路"}, old={"place": "新华北路"}),
            NoteAdded(incident=NUMBER, text="现场有烟"),
            IncidentEdited(incident=NUMBER, new={"place": "胜利路 12 号"}, old={"place": "胜利路"}),
        )
    )
    assert [(row.actor, row.old, row.new) for row in told["place"]] == [
        ("031", "", "新华北路"),
        ("032", "新华北路", "胜利路"),
        ("034", "胜利路", "胜利路 12 号"),
    ]
    assert told["place"][2].at == EVENING + timedelta(seconds=4)
    assert corrections(told["place"]) == 2


def test_that_filling_an_empty_field_corrects_nothing() -> None:
    told = histories(facts(OPENED, IncidentEdited(incident=NUMBER, new={"caller": "王女士"}, old={"caller": ""})))
    assert corrections(told["caller"]) == 0
    assert corrections(told["kind"]) == 0


def test_that_a_level_keeps_its_reason() -> None:
    told = histories(facts(OPENED, PriorityChanged(incident=NUMBER, old=3, new=4, reason="已现场解决")))
    assert (told["priority"][-1].old, told["priority"][-1].reason) == ("3", "已现场解决")
    assert corrections(told["priority"]) == 1


def test_that_a_field_nobody_wrote_has_no_history() -> None:
    assert "phone" not in histories(facts(OPENED))
