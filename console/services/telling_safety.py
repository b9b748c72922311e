"""The timeline's sentences for officer safety; `telling` takes them into its table."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from console.domain.body import Body
from console.domain.desk_facts import EmergencyMoved, EmergencyStarted

SOURCES = {"unit": "本人发出", "radio": "电台报告", "clock": "安全核实无应答"}


class Says(Protocol):
    """The part of `telling.Teller` that these sentences use."""

    def say(self, sentence: str) -> str: ...
    def word(self, label: str) -> str: ...
    def told(self, sentence: str, *details: str) -> str: ...


def _started(teller: Says, body: EmergencyStarted) -> str:
    said = teller.say("{unit} 民警紧急求助").format(unit=body.emergency.unit)
    return teller.told(said, teller.word(SOURCES.get(body.emergency.source, body.emergency.source)))


def _moved(teller: Says, body: EmergencyMoved) -> str:
    if body.act == "acknowledge":
        return teller.say("确认民警紧急求助")
    return teller.told(teller.say("解除民警紧急求助"), body.reason)


SAFETY: Mapping[type[Body], Callable[[Any, Any], str]] = {EmergencyStarted: _started, EmergencyMoved: _moved}
