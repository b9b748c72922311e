"""Commands on the question protocol 接警问询: answer what the card asks by a digit or a word, skip, go back, choose.

A key answers the question that stands before the person (`Focus.question`), never one that another seat's answer has
just put in its place; the same answer asked for twice is one.
"""

from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import prepare
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.protocol import PLACE_OF_OPTION, Protocol, Question, open_questions
from console.services import questions


def _asked(context: Context) -> tuple[Incident, Protocol, Question]:
    """The incident, its protocol, and the question that stands before the person, else the next one."""
    target = words.incident(context)
    protocol = questions.protocol_of(target, context.desk.reference.protocols)
    if protocol is None:
        raise UserError("没有问询要点：请先选定警情类别")
    shown = protocol.question(context.focus.question)
    left = open_questions(protocol, questions.known(context.desk.picture.state, target, protocol))
    question = shown or next(iter(left), None)
    if question is None:
        raise UserError(f"{target.short} 的问询已问完；改答请按 Alt+← 回到前面的问题")
    return target, protocol, question


def _answer(context: Context, said: str) -> Prepared:
    target, protocol, question = _asked(context)
    step = questions.answer_step(target.number, protocol, question, said)
    text = step[1]["text"]
    raised = step[1].get("raise_to", 0)
    higher = f"（升为{'一二三四'[raised - 1]}级）" if raised and raised < target.priority else ""
    # What the person sees is the question itself; another seat's change of the incident does not make it another.
    made = prepare(context, f"问询 {text}{higher}", step, done="")
    return Prepared(made.echo, made.deed)


def _option(context: Context, args: Sequence[str], *, place: int) -> Prepared:
    """Alt+1…9: the option with this digit."""
    words.no_more(args)
    _, _, question = _asked(context)
    if not question.choices:
        raise UserError(f"“{question.short.zh}”要打字回答：Alt+Q 到问询栏")
    if place >= len(question.choices):
        raise UserError(f"“{question.short.zh}”只有 {len(question.choices)} 个选项")
    return _answer(context, question.choices[place].value)


def _ask(context: Context, args: Sequence[str]) -> Prepared:
    """`问` goes to the card; `问 2`, `问 刀具`, `问 穿黑衣往北` answer what it asks."""
    if not args:
        words.incident(context)
        return prepare(context, "到问询栏", done="", then=context.surface.show_questions)
    _, _, question = _asked(context)
    said = " ".join(args)
    picked = [_value(question, word) for word in said.replace("、", ",").replace("，", ",").split(",")]
    return _answer(context, ",".join(picked) if question.choices else said)


def _value(question: Question, word: str) -> str:
    """The option that a digit or a word names; the word itself if none does, for the refusal to tell."""
    options = question.choices
    if word in PLACE_OF_OPTION and 0 < int(word) <= len(options):
        return options[int(word) - 1].value
    named = [o.value for o in options if o.zh == word] or [o.value for o in options if o.zh.startswith(word)]
    return named[0] if len(named) == 1 else word


def _skip(context: Context, args: Sequence[str]) -> Prepared:
    target, protocol, question = _asked(context)
    reason = words.rest(args)
    step = questions.skip_step(target.number, protocol, question, reason)
    made = prepare(context, f"跳过问询 {question.short.zh}{'：' + reason if reason else ''}", step, done="")
    return Prepared(made.echo, made.deed)


def _back(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    words.incident(context)
    return prepare(context, "回到上一问", done="", then=partial(context.surface.show_questions, back=True))


def _protocol(context: Context, args: Sequence[str]) -> Prepared:
    """`要点 纠纷` asks another protocol whatever the kind is; `要点` alone follows the kind again."""
    target, book = words.incident(context), context.desk.reference.protocols
    name = words.rest(args)
    if not name:
        step = ("incident.protocol", {"incident": target.number, "protocol": ""})
        return prepare(context, f"{words.name(target)} 问询要点随警情类别", step, done="问询要点随警情类别")
    known = book.protocols.values()
    found = [p for p in known if p.title.zh == name or p.id == name] or [p for p in known if name in p.title.zh]
    if len(found) != 1:
        titles = "、".join(p.title.zh for p in found or known)
        raise UserError(f"{'可能是' if found else '没有这样的问询要点，可选'}：{titles}")
    step = ("incident.protocol", {"incident": target.number, "protocol": found[0].id})
    return prepare(context, f"问询要点改为 {found[0].title.zh}", step, done=f"问询要点：{found[0].title.zh}")


_entry = partial(entry, "问询")

COMMANDS = (
    _entry("question.ask", "问询", "问 [内容]", _ask, "Alt+Q", also=("问询",)),
    _entry("question.skip", "跳过这一问", "跳过 [理由]", _skip, "Alt+S"),
    _entry("question.back", "回到上一问", "", _back, "Alt+Left"),
    _entry("question.protocol", "换问询要点", "要点 [词语]", _protocol),
    *(
        _entry(f"question.option{digit}", f"答问询选项{digit}", "", partial(_option, place=place), f"Alt+{digit}")
        for place, digit in enumerate(PLACE_OF_OPTION)
    ),
)
