"""The timeline's sentences for what waits and what belongs together: holds, marks, call-backs, links, stacked jobs.

`telling` takes them into its one table.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from console.domain import desk_facts as facts
from console.domain.body import Body
from console.domain.link import LINK_KINDS
from console.domain.marks import MARKS, OUTCOMES
from console.persistence.numbers import SHANGHAI
from console.services.speaker import Speaker

ENDED = {"dispatched": "已派警", "moved": "改由他组", "taken off": "撤下", "ended": "警情已结束"}
"""Why a job left a stack."""


def until_text(at: datetime) -> str:
    """11-21 14:30 at the desk."""
    return f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"


def _held(teller: Speaker, body: facts.IncidentHeld) -> str:
    said = teller.say("预约至 {until}") if body.kind == "scheduled" else teller.say("暂缓至 {until}")
    return teller.told(said.format(until=until_text(body.until)), body.reason)


def _woken(teller: Speaker, body: facts.IncidentWoken) -> str:
    return teller.say("到时唤醒，时限重新计") if body.why == "time" else teller.say("唤醒，时限重新计")


def _marked(teller: Speaker, body: facts.IncidentMarked) -> str:
    said = teller.say("标为{mark}来电").format(mark=teller.word(MARKS[body.mark])) if body.mark else ""
    return teller.told(said or teller.say("撤销来电标记"), body.reason)


def _rung_back(teller: Speaker, body: facts.CallBackTried) -> str:
    return teller.told(teller.say("回拨"), teller.word(OUTCOMES[body.outcome]), body.text)


def _seen(teller: Speaker, _: facts.LateSeen) -> str:
    return teller.say("已知晓超时")


def _linked(teller: Speaker, body: facts.IncidentLinked) -> str:
    said = teller.say("关联{kind} {other}")
    return teller.told(
        said.format(kind=teller.word(LINK_KINDS[body.link.kind]), other=body.link.other), body.link.reason
    )


def _unlinked(teller: Speaker, body: facts.IncidentUnlinked) -> str:
    one, _, two = body.link.partition("~")
    other = two if one == body.incident else one
    return teller.told(teller.say("取消关联 {other}").format(other=other), body.reason)


def _stacked(teller: Speaker, body: facts.JobStacked) -> str:
    return teller.say("叠放给 {unit}，第 {place} 件").format(unit=body.job.unit, place=body.job.place)


def _stack_ended(teller: Speaker, body: facts.StackEnded) -> str:
    unit = body.job.partition(">")[0]
    return teller.told(teller.say("{unit} 的叠放结束").format(unit=unit), teller.word(ENDED[body.why]))


WAITING: Mapping[type[Body], Callable[[Speaker, Any], str]] = {
    facts.IncidentHeld: _held,
    facts.IncidentWoken: _woken,
    facts.IncidentMarked: _marked,
    facts.CallBackTried: _rung_back,
    facts.LateSeen: _seen,
    facts.IncidentLinked: _linked,
    facts.IncidentUnlinked: _unlinked,
    facts.JobStacked: _stacked,
    facts.StackEnded: _stack_ended,
}
"""Kind of fact -> its sentence."""
