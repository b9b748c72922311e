"""Commands on the place of work: a pane to the second screen and home, the usual layout, undo; the sound test."""

from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import prepare
from console.domain.errors import UserError

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


_entry = partial(entry, "窗口")

COMMANDS = (
    _entry("layout.queue", "队列移屏", "", partial(_move, pane="队列"), "Ctrl+Alt+Q"),
    _entry("layout.map", "地图移屏", "", partial(_move, pane="地图"), "Ctrl+Alt+M"),
    _entry("layout.roster", "警力移屏", "", partial(_move, pane="警力"), "Ctrl+Alt+R"),
    _entry("layout.undo", "撤销布局改动", "", partial(_layout, what="撤销"), "Ctrl+Alt+U"),
    _entry("layout.reset", "恢复默认布局", "", partial(_layout, what="还原"), "Ctrl+Alt+0"),
    _entry("layout.move", "移屏", "移屏 队列|地图|警力", _move),
    _entry("window.sound", "试音", "试音", _sound, "Ctrl+Alt+S"),
    _entry("layout", "布局", "布局 还原|撤销", _layout),
)
