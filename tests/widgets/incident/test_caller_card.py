"""The caller's strip: what stands about him, opened by a click, put into empty fields only, quiet where nothing is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from console.domain.call import Call
from console.domain.equipment_facts import CallRang, CallTaken
from console.domain.errors import JournalUnavailable
from console.domain.facts import IncidentOpened, SiteRegistered
from console.domain.incident import Incident, IncidentState
from console.domain.site import Site
from console.services.desk import Desk
from tests.support import EVENING, tell
from tests.widgets.later import a_moment_later
from widgets.panels.caller_card import CallerCard, fill_empty
from widgets.panels.card import Show
from widgets.panels.drafts import Draft
from widgets.tasks import Tasks
from widgets.theme import Theme

NUMBER = "13812345678"


def opened(desk: Desk, number: int, **fields: object) -> Incident:
    known = {"kind": "050301", "created_at": desk.clock(), "state": IncidentState.INTAKE, **fields}
    record = Incident(number=f"ZZ20261121-{number:04}", **known)  # type: ignore[arg-type]
    tell(desk, IncidentOpened(incident=record.number, record=record))
    return record


def chips(card: CallerCard) -> list[QPushButton]:
    return [made for made in card.findChildren(QPushButton) if made.property("does") and not made.isHidden()]


async def test_that_a_repeat_caller_is_marked_in_shape_and_words(desk: Desk, theme: Theme, tasks: Tasks) -> None:
    card = CallerCard(desk, theme, tasks, lambda number: 7 if number == NUMBER else 0)
    card.show_incident(None, workable=False)
    assert card.isHidden()
    opened(desk, 1, phone=NUMBER)
    opened(desk, 2, phone=NUMBER, state=IncidentState.CLOSED)
    tell(desk, SiteRegistered(site=Site(id="S1", name="实验小学", account="2101", guard_phone=NUMBER)))
    card.show_draft(Draft(phone=NUMBER))
    await tasks.idle()
    assert card.shown is Show.OPEN
    assert card.badge.accessibleName() == "◆ 重复来电 7 次"
    assert card.summary == "今日 2 次 · 30天 7 次"
    texts = [made.text() for made in chips(card)]
    assert texts[0].startswith("0001 · ")
    assert texts[0].endswith(" · 同号码")
    assert texts[2] == "点位 实验小学 · 保安"
    told: list[object] = []
    card.opened.connect(told.append)
    card.wanted.connect(told.append)
    for made in chips(card)[1:]:
        QTest.mouseClick(made, Qt.MouseButton.LeftButton)
    assert told == ["ZZ20261121-0002", "点位 2101"]


async def test_that_it_is_one_line_for_a_stranger_and_lives_without_the_database(
    desk: Desk, theme: Theme, tasks: Tasks
) -> None:
    def away(_number: str) -> int:
        raise JournalUnavailable("数据库没有应答")

    card = CallerCard(desk, theme, tasks, away)
    card.show_draft(Draft(phone=NUMBER))
    await tasks.idle()
    assert (card.shown, card.summary, chips(card)) == (Show.LINE, "今日 0 次", [])


def test_that_what_happens_near_by_is_seen_as_soon_as_the_place_is_known_and_when_it_comes(
    desk: Desk, theme: Theme, tasks: Tasks
) -> None:
    card = CallerCard(desk, theme, tasks)
    card.show_draft(Draft(place="某处"))
    assert card.shown is Show.HIDDEN
    card.show_draft(Draft(place="某处", lat=24.51, lon=117.65))
    record = opened(desk, 1, lat=24.512, lon=117.65)
    card.changes(desk.picture.apply([]))
    card.show_draft(Draft(place="某处", lat=24.51, lon=117.65))
    a_moment_later()
    assert card.summary == "300 米内在办 1 起"
    assert chips(card)[0].text().endswith("附近 222 米")
    card.show_incident(record, workable=True)
    assert chips(card) == []


@pytest.mark.parametrize(("typed", "after"), [("", "张三"), ("王", "王")])
def test_that_what_the_exchange_knows_is_put_into_empty_fields_only(
    desk: Desk, theme: Theme, tasks: Tasks, typed: str, after: str
) -> None:
    row = Call(
        id="c1", number=NUMBER, line="T1", subscriber="张三", address="延安北路 12 号", recording="R7", rang_at=EVENING
    )
    tell(desk, CallRang(call=row), CallTaken(call="c1"))
    card = CallerCard(desk, theme, tasks)
    card.show_draft(Draft(phone=NUMBER, recording="R1"))
    assert [made.text() for made in chips(card)] == ["填入机主 张三", "填入地址 延安北路 12 号"]
    form = QPushButton()
    form.caller = QLineEdit(typed)  # type: ignore[attr-defined]
    edited: list[str] = []
    form.caller.textEdited.connect(edited.append)  # type: ignore[attr-defined]
    card.on_fill(lambda field, text: fill_empty(form, field, text))
    QTest.mouseClick(chips(card)[0], Qt.MouseButton.LeftButton)
    assert form.caller.text() == after  # type: ignore[attr-defined]
    assert edited == ([] if typed else ["张三"])
