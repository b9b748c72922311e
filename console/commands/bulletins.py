"""Commands on bulletins 布控、协查、通播 and on major incidents 重大警情.

Issuing and declaring open the sheet and the card in which a person sees who will be told before he presses Enter;
cancelling, ticking and logging are done from the line, whose echo says the same.
"""

from collections.abc import Sequence
from functools import partial

from console.commands import words
from console.commands.command import Context, Prepared, entry
from console.commands.rehearsal import prepare
from console.domain.bulletin import BULLETIN_KINDS
from console.domain.errors import UserError
from console.domain.incident import Incident
from console.domain.report_up import ReportUp
from console.services import bulletins, major
from console.spelling.initials import initials


def _open(context: Context, args: Sequence[str]) -> Prepared:
    words.no_more(args)
    return prepare(context, "布控通播", done="", then=partial(context.surface.show_bulletins, "", ""))


def _issue(context: Context, args: Sequence[str], *, kind: str) -> Prepared:
    said = words.rest(args)
    echo = f"写{BULLETIN_KINDS[kind]}，发布前列出通知对象" + (f"：{said}" if said else "")
    return prepare(context, echo, done="", then=partial(context.surface.show_bulletins, kind, said))


def _cancel(context: Context, args: Sequence[str]) -> Prepared:
    found = bulletins.by_short(context.desk.picture.state, args[0] if args else "")
    reason = words.rest(args[1:], "撤销的理由")
    told = len(bulletins.receipts_of(context.desk.picture.state, found.id))
    step = ("bulletin.cancel", {"bulletin": found.id, "reason": reason})
    echo = f"撤销{BULLETIN_KINDS[found.kind]} {found.short} {found.title}（通知 {told} 处）"
    return prepare(context, echo, step, done=f"已撤销 {found.short}")


def _declare(context: Context, args: Sequence[str]) -> Prepared:
    number, others = words.take_number(args)
    target = words.incident(context, number)
    concerned = major.table().concerned(target)
    if not target.open:
        raise UserError(f"警情{target.short}已结束，不能再报重大警情")
    echo = f"报重大警情 {words.name(target)}：确认后报告 {'、'.join(one.title for one in concerned)}"
    show = partial(context.surface.declare_major, target.number, words.rest(others))
    return prepare(context, echo, done="", then=show)


def _report(context: Context, word: str, target: Incident) -> ReportUp:
    """The one of the list that is not told yet; by name, a part of it, initials or its place in the list."""
    rows = major.reports_of(context.desk.picture.state, target.number)
    if not rows:
        raise UserError(f"警情{target.short}没有报重大警情")
    if word.isdigit() and 1 <= int(word) <= len(rows):
        return rows[int(word) - 1]
    fits = [row for row in rows if word and (word in row.name or initials(row.name).startswith(word.lower()))]
    open_ones = [row for row in fits if row.told_at is None] or fits
    if len(open_ones) == 1:
        return open_ones[0]
    raise UserError(f"请写明报告了谁：{'、'.join(row.name for row in (open_ones or rows))}")


def _told(context: Context, args: Sequence[str]) -> Prepared:
    if not args:
        raise UserError("请写明报告了谁")
    number, others = words.take_number(args[1:])
    report = _report(context, args[0], words.incident(context, number))
    by, answer = (others[0] if others else ""), words.rest(others[1:])
    step = ("report_up.told", {"report": report.id, "by": by, "answer": answer})
    echo = f"已报告 {report.name}" + (f"（接报人 {by}）" if by else "") + (f"：{answer}" if answer else "")
    return prepare(context, echo, step, done=f"已记：报告 {report.name}")


def _command(context: Context, args: Sequence[str]) -> Prepared:
    if not args:
        raise UserError("请写明口令给谁、内容是什么")
    number, others = words.take_number(args[1:])
    target, text = words.incident(context, number), words.rest(others, "口令内容")
    step = ("command.log", {"incident": target.number, "to": args[0], "text": text})
    return prepare(context, f"记口令 → {args[0]}（{words.name(target)}）：{text}", step, done=f"已记口令 → {args[0]}")


_bulletin = partial(entry, "布控通播")
_major = partial(entry, "重大警情")

COMMANDS = (
    _bulletin("bulletin.open", "布控通播", "", _open, "Ctrl+Shift+K"),
    _bulletin("bulletin.control", "发布布控", "布控 [内容]", partial(_issue, kind="control")),
    _bulletin("bulletin.assist", "发布协查", "协查 [内容]", partial(_issue, kind="assist")),
    _bulletin("bulletin.broadcast", "发布通播", "通播 [内容]", partial(_issue, kind="broadcast")),
    _bulletin("bulletin.cancel", "撤销布控通播", "撤控 编号 理由", _cancel),
    _major("incident.major", "报重大警情", "重大 [警情号] [理由]", _declare, "Ctrl+Shift+M"),
    _major("report_up.told", "已报告上级", "已报 上级 [警情号] [接报人] [答复]", _told),
    _major("command.log", "记口令", "口令 对象 [警情号] 内容", _command),
)
