"""The timeline's sentences for orders on their way and requests to other zones; `telling` takes them into its table.

A unit's own answer (UnitChecked) has none: what it said is told by the fact beside it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from console.domain import desk_facts as facts
from console.domain.body import Body
from console.services.help_requests import KINDS, STATES
from console.services.speaker import Speaker

WAYS: Mapping[str, str] = {"terminal": "车载终端", "sms": "短信", "radio": "电台"}
"""How an order went out."""

TOLD: Mapping[str, str] = {
    "sent": "派警单已发往 {unit}（{way}）",
    "delivered": "派警单已送达 {unit}（{way}）",
    "undelivered": "派警单未送达 {unit}，请用电台通知",
    "radio": "已用电台通知 {unit}",
}


def _told(teller: Speaker, body: facts.OrderTold) -> str:
    way = teller.word(WAYS.get(body.channel, body.channel))
    return teller.told(teller.say(TOLD[body.state]).format(unit=teller.unit(body.assignment), way=way), body.why)


def _asked(teller: Speaker, body: facts.HelpAsked) -> str:
    request = body.request
    teller.requests[request.id] = request.recipient
    said = teller.say("请求{kind}协作 {recipient}")
    return teller.told(said.format(kind=teller.word(KINDS[request.kind]), recipient=request.recipient), request.text)


def _answered(teller: Speaker, body: facts.HelpAnswered) -> str:
    recipient = teller.requests.get(body.request, body.request)
    return teller.told(f"{recipient} {teller.word(STATES[body.state])}", body.by, body.answer)


ORDERS: Mapping[type[Body], Callable[[Speaker, Any], str]] = {
    facts.OrderTold: _told,
    facts.HelpAsked: _asked,
    facts.HelpAnswered: _answered,
}
"""Kind of fact -> its sentence."""
