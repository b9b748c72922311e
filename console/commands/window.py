"""Commands that move the person, not the incident: new call, command line, search, key card, sheet."""

from collections.abc import Callable, Sequence
from functools import partial

from console.commands import names, words
from console.commands.command import Command, Context, Prepared, Surface
from console.commands.rehearsal import prepare
from console.domain.errors import UserError


def _show(context: Context, args: Sequence[str], *, echo: str, what: Callable[[Surface], None]) -> Prepared:
    words.no_more(args)
    return prepare(context, echo, done="", then=partial(what, context.surface))


def _find(context: Context, args: Sequence[str]) -> Prepared:
    text = words.rest(args, "要查的内容")
    return prepare(context, f"查询 {text}", done="", then=partial(context.surface.find, text))


def _open(context: Context, args: Sequence[str]) -> Prepared:
    target = words.incident(context, words.number_only(args))
    show = partial(context.surface.show_incident, target.number)
    return prepare(context, f"打开 {words.name(target)}", done="", then=show)


def _sheet(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)

    async def deed() -> str:
        return f"已打印断网续接单 {await context.surface.print_sheet()}"

    return Prepared("打印断网续接单（警情、警力、承诺）", deed)


def _slip(context: Context, args: Sequence[str]) -> Prepared:
    agency = names.agency(context, args[0] if args else "")
    target = words.incident(context, words.number_only(args[1:]))
    handoff = words.handoff(context, target.number, agency.id)

    async def deed() -> str:
        return f"已打印派单纸 {await context.surface.print_slip(handoff.id)}"

    return Prepared(f"补打 {agency.short} 派单纸（{words.name(target)}）", deed, (handoff.id,))


LANGUAGES = {"中文": "zh", "英文": "en"}


def _language(context: Context, args: Sequence[str]) -> Prepared:
    """语言 alone is the other one; the lines go on, what is typed is kept."""
    words.no_more(args[1:])
    if args and args[0] not in LANGUAGES:
        raise UserError("语言 [中文|英文]")
    wanted = LANGUAGES[args[0]] if args else ""
    echo = f"窗口改用{args[0]}" if args else "切换中文和英文"
    return prepare(context, echo, done="", then=partial(context.surface.change_language, wanted))


COMMANDS = (
    Command(
        id="window.new",
        title="新建警情",
        group="窗口",
        keys=("F9",),
        verbs=("新", "新建"),
        grammar="新",
        prepare=partial(_show, echo="新建警情", what=lambda surface: surface.new_incident()),
    ),
    Command(
        id="window.return_call",
        title="回拨未接来电",
        group="窗口",
        keys=("Shift+F9",),
        prepare=partial(_show, echo="回拨未接来电", what=lambda surface: surface.return_call()),
    ),
    Command(
        id="window.command",
        title="命令行",
        group="窗口",
        keys=("Ctrl+K",),
        hint="命令",
        prepare=partial(_show, echo="命令行", what=lambda surface: surface.focus_command_line()),
    ),
    Command(
        id="window.search",
        title="查询",
        group="窗口",
        keys=("Ctrl+F",),
        hint="查询",
        prepare=partial(_show, echo="查询", what=lambda surface: surface.focus_search()),
    ),
    Command(id="window.find", title="查找", group="窗口", verbs=("查",), grammar="查 词语", prepare=_find),
    Command(id="window.open", title="打开警情", group="窗口", verbs=("看",), grammar="看 警情号", prepare=_open),
    Command(
        id="window.sheet",
        title="打印断网续接单",
        group="窗口",
        keys=("Ctrl+P",),
        verbs=("续接单",),
        grammar="续接单",
        prepare=_sheet,
    ),
    Command(
        id="window.slip",
        title="补打派单纸",
        group="窗口",
        verbs=("打印",),
        grammar="打印 单位 [警情号]",
        prepare=_slip,
    ),
    Command(
        id="window.language",
        title="语言",
        group="窗口",
        keys=("Alt+L",),
        verbs=("语言",),
        grammar="语言 [中文|英文]",
        prepare=_language,
    ),
    Command(
        id="window.keys",
        title="键位卡",
        group="窗口",
        keys=("?", "Ctrl+/"),
        verbs=("键位", "帮助"),
        grammar="键位",
        hint="键位",
        prepare=partial(_show, echo="键位卡", what=lambda surface: surface.show_key_card()),
    ),
)
