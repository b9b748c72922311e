"""The command that takes back 反悔 what this seat did within the last ten seconds, where an act can be taken back."""

from collections.abc import Sequence

from console.commands import words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import about, rehearse
from console.services import undo


def _undo(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    desk = context.desk
    done = desk.undo.last(desk.clock(), desk.actor)
    steps = undo.inverse(desk.picture.state, done)
    rehearse(desk, *steps)
    what = f"{undo.title(done)}（{_subject(done)}）"

    async def carry_out() -> None:
        for name, said in steps:
            await desk.do(name, **said)

    async def deed() -> str:
        await desk.undo.take_back(done, carry_out)
        return f"已反悔：{what}"

    return Prepared(f"反悔：{what}", deed, about(*steps))


def _subject(done: undo.Done) -> str:
    named = (done.args.get(name) for name in ("unit", "incident", "handoff"))
    number = next((str(value) for value in named if value), "")
    return number.split("-", 1)[-1]


COMMANDS = (entry("窗口", "window.undo", "反悔", "反悔", _undo, "Ctrl+Alt+Z"),)
