"""Requests to other zones on the incident: waiting, answered by name, told to the chief."""

import pytest

from console.domain.report_up import HelpRequest
from tests.widgets.incident.scene import GAS, Bench, gas, school
from widgets.panels.card import Show
from widgets.panels.help import HelpCard


@pytest.fixture
def card(bench: Bench) -> HelpCard:
    gas(bench.desk)
    made = HelpCard(bench.desk, bench.theme, bench.tasks, bench.panel.sheet)
    bench.panel.plug("help", made)
    return made


async def ask(bench: Bench) -> str:
    said = {"incident": GAS, "kind": "zone", "recipient": "龙文区", "text": "协助堵截"}
    return str(await bench.desk.do("help.ask", **said))


async def test_that_a_request_stands_open_with_its_clock_until_somebody_named_answered(
    bench: Bench, card: HelpCard
) -> None:
    await bench.choose(GAS)
    seen = [card.shown]
    key = await ask(bench)
    await bench.beat(63)
    seen.append(card.shown)
    assert seen == [Show.HIDDEN, Show.OPEN]
    assert card.rows[key].text.text() == "跨区 龙文区 · 等待答复 01:03 · 协助堵截"
    card.rows[key].chips["REFUSED"].click()
    card._answered(key, "REFUSED", "do", {"by": "王队", "answer": "警力不足"})
    await bench.settle()
    row = bench.desk.picture.state.get(HelpRequest, key)
    assert row is not None
    assert (row.state, row.answered_by) == ("REFUSED", "王队")
    assert card.shown is Show.LINE
    assert card.summary == "龙文区 不同意"
    assert not card.rows[key].buttons.isVisible()


async def test_that_the_chief_is_told_whichever_incident_he_looks_at(bench: Bench, card: HelpCard) -> None:
    await bench.choose(school(bench.desk))
    await ask(bench)
    assert bench.tasks.messages.last[-1].text == "跨区协作：龙文区 等待答复（0190）"
    assert card.shown is Show.HIDDEN
