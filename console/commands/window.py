"""Commands that move the person, not the incident: new call, command line, search, key card, sheet."""

from collections.abc import Callable, Sequence
from functools import partial

from console.commands import names, words
from console.commands.command import Context, Prepared, Surface, entry
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


_new = partial(_show, echo="新建警情", what=lambda surface: surface.new_incident())
_return_call = partial(_show, echo="回拨未接来电", what=lambda surface: surface.return_call())
_command_line = partial(_show, echo="命令行", what=lambda surface: surface.focus_command_line())
_search = partial(_show, echo="查询", what=lambda surface: surface.focus_search())
_key_card = partial(_show, echo="键位卡", what=lambda surface: surface.show_key_card())

_entry = partial(entry, "窗口")

COMMANDS = (
    _entry("window.new", "新建警情", "新", _new, "F9", also=("新建",)),
    _entry("window.return_call", "回拨未接来电", "", _return_call, "Shift+F9"),
    _entry("window.command", "命令行", "", _command_line, "Ctrl+K", hint="命令"),
    _entry("window.search", "查询", "", _search, "Ctrl+F", hint="查询"),
    _entry("window.find", "查找", "查 词语", _find),
    _entry("window.open", "打开警情", "看 警情号", _open),
    _entry("window.sheet", "打印断网续接单", "续接单", _sheet, "Ctrl+P"),
    _entry("window.slip", "补打派单纸", "打印 单位 [警情号]", _slip),
    _entry("window.language", "语言", "语言 [中文|英文]", _language, "Alt+L"),
    _entry("window.keys", "键位卡", "键位", _key_card, "?", "Ctrl+/", also=("帮助",), hint="键位"),
)
