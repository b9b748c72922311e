"""The timeline's sentences for officer safety; `telling` takes them into its table."""

from collections.abc import Callable, Mapping
from typing import Any

from console.domain.body import Body
from console.domain.desk_facts import EmergencyMoved, EmergencyStarted
from console.services.speaker import Speaker

SOURCES = {"unit": "本人发出", "radio": "电台报告", "clock": "安全核实无应答"}


def _started(teller: Speaker, body: EmergencyStarted) -> str:
    said = teller.say("{unit} 民警紧急求助").format(unit=body.emergency.unit)
    return teller.told(said, teller.word(SOURCES.get(body.emergency.source, body.emergency.source)))


def _moved(teller: Speaker, body: EmergencyMoved) -> str:
    if body.act == "acknowledge":
        return teller.say("确认民警紧急求助")
    return teller.told(teller.say("解除民警紧急求助"), body.reason)


SAFETY: Mapping[type[Body], Callable[[Speaker, Any], str]] = {EmergencyStarted: _started, EmergencyMoved: _moved}
