"""Commands that change what of the queue stands before a person, and nothing else: filter, look, tab."""

from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import prepare
from console.domain.errors import UserError
from console.services.queue_filter import COLUMNS, EVERYTHING, LINES, choices, named, read, told
from console.services.sight import visible

TABS = {
    "待处": "waiting",
    "处警中": "under_way",
    "暂缓": "held",
    "联动": "linked",
    "待回访": "callback",
    "全部": "all",
}


def _filter(context: Context, args: Sequence[str]) -> Prepared:
    if not args:
        return prepare(context, "选择要看的警情", done="", then=partial(context.surface.narrow_queue, None))
    known = choices(context.desk.reference, (incident.beat for incident in visible(context.desk)))
    wanted = read(args, known)
    echo = f"队列只看：{'、'.join(told(wanted, known))}"
    return prepare(context, echo, done="", then=partial(context.surface.narrow_queue, wanted))


def _clear(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    return prepare(context, "清除筛选，看到全部", done="", then=partial(context.surface.narrow_queue, EVERYTHING))


def _look(context: Context, args: Sequence[str]) -> Prepared:
    if not args:
        return prepare(context, "选择队列显示的内容", done="", then=partial(context.surface.dress_queue, ""))
    words.no_more(args[1:])
    wanted = named(args[0], [*LINES, *COLUMNS])
    echo = f"队列每起{wanted}" if wanted in LINES else f"队列显示或不显示{wanted}"
    return prepare(context, echo, done="", then=partial(context.surface.dress_queue, wanted))


def _tab(context: Context, args: Sequence[str]) -> Prepared:
    if not args:
        raise UserError(f"请写栏名：{'、'.join(TABS)}")
    words.no_more(args[1:])
    wanted = named(args[0], list(TABS))
    return prepare(context, f"队列转到{wanted}", done="", then=partial(context.surface.show_tab, TABS[wanted]))


def _turn(context: Context, args: Sequence[str], *, by: int) -> Prepared:
    words.no_more(args)
    echo = "队列下一栏" if by > 0 else "队列上一栏"
    return prepare(context, echo, done="", then=partial(context.surface.turn_queue, by))


_entry = partial(entry, "队列")

COMMANDS = (
    _entry(
        "queue.filter",
        "筛选队列",
        "筛 [一级|二级|三级|四级|我的|超时|电话|一键报警|短信]",
        _filter,
        "Alt+F",
        also=("筛选",),
    ),
    _entry("queue.clear", "清除筛选", "清筛", _clear, "Alt+C"),
    _entry("queue.look", "队列显示", "显示 [一行|两行|警情号|报警人|警组|联动单位|警区]", _look, "Alt+V"),
    _entry("queue.tab", "队列转栏", "栏 待处|处警中|暂缓|联动|待回访|全部", _tab),
    _entry("queue.next", "队列下一栏", "", partial(_turn, by=1), "Ctrl+PgDown"),
    _entry("queue.previous", "队列上一栏", "", partial(_turn, by=-1), "Ctrl+PgUp"),
)
