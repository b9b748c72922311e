"""Commands on equipment 技术: the lane of technical events, and test windows, asked for and ended.

A test window is asked for by whoever tests and granted by the duty chief; by a command line it takes the site's
account, the zones, the minutes and why.
"""

import re
from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import Step, prepare
from console.domain.errors import UserError
from console.domain.site import Site
from console.domain.test_window import TestWindow
from console.domain.trouble import TROUBLE, TROUBLE_KIND_LABELS, Trouble
from console.services.test_windows import open_windows

_ZONES = re.compile(r"[,，、]")


def site_named(context: Context, word: str) -> Site:
    """The site of an account, an id, or a name that only one has; UserError names the candidates."""
    known = context.desk.picture.state.all(Site)
    if not word:
        raise UserError("请写明点位的账号或名称")
    for same in (
        [site for site in known if word in (site.id, site.account, site.name)],
        [site for site in known if site.account and site.account.lstrip("0") == word.upper().lstrip("0")],
        [site for site in known if word in site.name],
    ):
        if len(same) == 1:
            return same[0]
        if same:
            raise UserError(f"“{word}”有多个点位：" + "、".join(f"{s.account} {s.name}" for s in same[:5]))
    raise UserError(f"查无此点位：{word}")


def _minutes(word: str) -> int:
    found = re.fullmatch(r"(\d{1,4})(?:分钟|分)?", word)
    if found is None:
        raise UserError(f"看不懂分钟数：{word}" if word else "请写明分钟数")
    return int(found[1])


def _lane(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    return prepare(context, "打开技术事件", done="", then=context.surface.show_technical)


def _troubles(context: Context, site: Site, act: str) -> list[Trouble]:
    rows = context.desk.picture.state.where(Trouble, site=site.id)
    found = [row for row in rows if TROUBLE.may(row.state, act)]
    if not found:
        raise UserError(f"{site.name} 没有可{TROUBLE.words[act]}的技术事件")
    return found


def _shelve(context: Context, args: Sequence[str]) -> Prepared:
    site = site_named(context, args[0] if args else "")
    minutes = _minutes(args[1] if len(args) > 1 else "")
    reason = words.rest(args[2:], "搁置的理由")
    found = _troubles(context, site, "shelve")
    steps: list[Step] = [("trouble.shelve", {"trouble": r.id, "minutes": minutes, "reason": reason}) for r in found]
    kinds = "、".join(dict.fromkeys(TROUBLE_KIND_LABELS[row.kind] for row in found))
    echo = f"搁置 {minutes} 分钟 → {site.name} {kinds}：{reason}"
    return prepare(context, echo, *steps, done=f"已搁置 {site.name} {kinds}，{minutes} 分钟后自动恢复")


def _close(context: Context, args: Sequence[str]) -> Prepared:
    site = site_named(context, args[0] if args else "")
    reason = words.rest(args[1:], "处理结果")
    found = _troubles(context, site, "close")
    steps: list[Step] = [("trouble.close", {"trouble": row.id, "reason": reason}) for row in found]
    kinds = "、".join(dict.fromkeys(TROUBLE_KIND_LABELS[row.kind] for row in found))
    return prepare(context, f"关闭技术事件 → {site.name} {kinds}：{reason}", *steps, done=f"已关闭 {site.name} {kinds}")


def _ask_window(context: Context, args: Sequence[str]) -> Prepared:
    site = site_named(context, args[0] if args else "")
    zones = [zone for zone in _ZONES.split(args[1] if len(args) > 1 else "") if zone]
    minutes = _minutes(args[2] if len(args) > 2 else "")
    reason = words.rest(args[3:], "测试事由")
    step = ("test_window.open", {"site": site.id, "zones": zones, "minutes": minutes, "reason": reason})
    echo = f"测试报备 {site.name} 防区 {'、'.join(zones)} {minutes} 分钟：{reason}"
    return prepare(context, echo, step, done=f"测试报备已开始：{site.name}")


def _end_window(context: Context, args: Sequence[str]) -> Prepared:
    running = open_windows(context.desk.picture.state, context.desk.clock())
    if args:
        site = site_named(context, args[0])
        words.no_more(args[1:])
        running = [window for window in running if window.site == site.id]
    if not running:
        raise UserError("没有进行中的测试报备")
    if not args and len(running) > 1:
        raise UserError("有多个测试报备，请写明点位：" + "、".join(_named(context, window) for window in running))
    steps: list[Step] = [("test_window.end", {"window": window.id}) for window in running]
    told = "、".join(_named(context, window) for window in running)
    return prepare(context, f"结束测试报备 → {told}，恢复报警", *steps, done="")


def _named(context: Context, window: TestWindow) -> str:
    site = context.desk.picture.site(window.site)
    return site.name if site is not None else window.site


_entry = partial(entry, "技术")

COMMANDS = (
    _entry("technical.lane", "技术事件", "技术", _lane, "Ctrl+J"),
    _entry("technical.shelve", "搁置技术事件", "搁置 点位 分钟 理由", _shelve),
    _entry("technical.close", "关闭技术事件", "销障 点位 结果", _close),
    _entry("technical.test", "申请测试报备", "报备 点位 防区 分钟 理由", _ask_window),
    _entry("technical.test_end", "结束测试报备", "结束报备 [点位]", _end_window, "Ctrl+Shift+J"),
)
