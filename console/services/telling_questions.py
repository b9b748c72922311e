"""The timeline's sentences for question protocols; `telling` takes them into its table."""

from collections.abc import Callable, Mapping
from typing import Any

from console.domain.body import Body
from console.domain.desk_facts import ProtocolChosen, QuestionAnswered
from console.services.speaker import Speaker


def _answered(teller: Speaker, body: QuestionAnswered) -> str:
    answer = body.answer
    if answer.skipped:
        return teller.told(teller.say("跳过问询 {question}").format(question=teller.word(answer.text)), answer.reason)
    return teller.say("问询 {answer}").format(answer=teller.word(answer.text))


def _chosen(teller: Speaker, body: ProtocolChosen) -> str:
    if not body.protocol:
        return teller.say("问询要点随警情类别")
    known = teller.reference.protocols.protocols.get(body.protocol)
    return teller.say("问询要点改为 {title}").format(title=teller.word(known.title.zh if known else body.protocol))


QUESTIONS: Mapping[type[Body], Callable[[Speaker, Any], str]] = {QuestionAnswered: _answered, ProtocolChosen: _chosen}
