"""The timeline's sentences for question protocols; `telling` takes them into its table."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from console.domain.body import Body
from console.domain.desk_facts import ProtocolChosen, QuestionAnswered
from console.domain.reference import Reference


class Says(Protocol):
    """The part of `telling.Teller` that these sentences use."""

    reference: Reference

    def say(self, sentence: str) -> str: ...
    def word(self, label: str) -> str: ...
    def told(self, sentence: str, *details: str) -> str: ...


def _answered(teller: Says, body: QuestionAnswered) -> str:
    answer = body.answer
    if answer.skipped:
        return teller.told(teller.say("跳过问询 {question}").format(question=teller.word(answer.text)), answer.reason)
    return teller.say("问询 {answer}").format(answer=teller.word(answer.text))


def _chosen(teller: Says, body: ProtocolChosen) -> str:
    if not body.protocol:
        return teller.say("问询要点随警情类别")
    known = teller.reference.protocols.protocols.get(body.protocol)
    return teller.say("问询要点改为 {title}").format(title=teller.word(known.title.zh if known else body.protocol))


QUESTIONS: Mapping[type[Body], Callable[[Any, Any], str]] = {QuestionAnswered: _answered, ProtocolChosen: _chosen}
