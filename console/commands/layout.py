"""Commands on the place of work: a pane to the second screen and home, the usual layout, undo; the sound test."""

from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Command, Context, Prepared
from console.commands.rehearsal import prepare
from console.domain.errors import UserError

GROUP = "窗口"
PANES = {"队列": "queue", "地图": "map", "警力": "roster"}


def _move(context: Context, args: Sequence[str], pane: str = "") -> Prepared:
    words.no_more(args[1:])
    chosen = pane or next(iter(args), "")
    if chosen not in PANES:
        raise UserError(f"请写移出哪一块：{'、'.join(PANES)}")
    echo = f"把{chosen}移到另一屏，或移回"
    return prepare(context, echo, done="", then=partial(context.surface.move_pane, PANES[chosen]))


def _layout(context: Context, args: Sequence[str], what: str = "") -> Prepared:
    words.no_more(args[1:])
    chosen = what or next(iter(args), "")
    if chosen == "还原":
        return prepare(context, "恢复默认布局", done="已恢复默认布局", then=context.surface.reset_layout)
    if chosen == "撤销":
        return prepare(context, "撤销上一次布局改动", done="", then=context.surface.undo_layout)
    raise UserError("请写：布局 还原，或 布局 撤销")


def _sound(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    return prepare(context, "试音：播放各种提示音，听到后再按一次", done="", then=context.surface.test_sound)


def _keyed(id_: str, title: str, key: str, prepared_by: partial[Prepared]) -> Command:
    return Command(id=id_, title=title, group=GROUP, keys=(key,), prepare=prepared_by)


COMMANDS = (
    _keyed("layout.queue", "队列移屏", "Ctrl+Alt+Q", partial(_move, pane="队列")),
    _keyed("layout.map", "地图移屏", "Ctrl+Alt+M", partial(_move, pane="地图")),
    _keyed("layout.roster", "警力移屏", "Ctrl+Alt+R", partial(_move, pane="警力")),
    _keyed("layout.undo", "撤销布局改动", "Ctrl+Alt+U", partial(_layout, what="撤销")),
    _keyed("layout.reset", "恢复默认布局", "Ctrl+Alt+0", partial(_layout, what="还原")),
    Command(
        id="layout.move",
        title="移屏",
        group=GROUP,
        verbs=("移屏",),
        grammar="移屏 队列|地图|警力",
        prepare=_move,
    ),
    Command(
        id="window.sound",
        title="试音",
        group=GROUP,
        keys=("Ctrl+Alt+S",),
        verbs=("试音",),
        grammar="试音",
        prepare=_sound,
    ),
    Command(id="layout", title="布局", group=GROUP, verbs=("布局",), grammar="布局 还原|撤销", prepare=_layout),
)
