"""The repair order 维修单 on one page: what is wrong where, what protects the site meanwhile, and lines for the answer.

No person of the site stands on it (domain.md B6): the technician gets names and numbers from the desk.
"""

from datetime import datetime
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from console.domain.repair import CAUSES, REPAIR_LABELS, RepairOrder
from console.domain.site import Site
from console.paper.page import fonts, local, table, text, write

BLANK = "＿＿＿＿＿＿＿＿"
WIDTHS = (24 * mm, 156 * mm)


def _rows(order: RepairOrder, site: Site | None, still: str) -> list[tuple[str, str]]:
    panel = f"账号 {site.account or '—'}　线路 {site.line or '任何'}　设备 {site.equipment or '—'}" if site else "—"
    return [
        ("点位", f"{site.name}（{site.id}）" if site is not None else order.site),
        ("地址", (site.address if site is not None else "") or "—"),
        ("主机", panel),
        ("原因", f"{CAUSES.get(order.cause, order.cause)}：{order.text}"),
        ("报修", f"{local(order.opened_at, '%Y-%m-%d %H:%M')}　{order.opened_by}"),
        ("状态", REPAIR_LABELS[order.state]),
        ("维修人", order.who or BLANK),
        ("限期", local(order.due, "%Y-%m-%d") or BLANK),
        ("仍在保护", still or order.still or "—"),
        ("开放时间", (site.hours if site is not None else "") or "—"),
    ]


def print_repair(
    file: Path,
    order: RepairOrder,
    site: Site | None,
    still: str,
    *,
    desk: str,
    by: str,
    at: datetime,
    font_folder: Path,
) -> Path:
    """Write the page; EnvironmentFault if the disk refuses. `by` prints it at `at`."""
    fonts(font_folder)
    answers = [
        ("故障原因", BLANK * 3),
        ("更换部件", order.part or BLANK * 3),
        ("维修结果", order.result or BLANK * 3),
        ("复测", f"每个防区各按一次，收到 {BLANK} 个；时间{BLANK}"),
        ("签名", f"维修人{BLANK}　点位{BLANK}　日期{BLANK}"),
    ]
    story: list[Flowable] = [
        text(f"{desk}　一键报警维修单", 16, bold=True, space=6),
        table([(text(n, 10, bold=True), text(words, 11)) for n, words in _rows(order, site, still)], WIDTHS),
        Spacer(1, 5 * mm),
        text("维修人填写", 11, bold=True, space=3),
        table([(text(n, 10, bold=True), text(words, 11)) for n, words in answers], WIDTHS),
    ]
    foot = f"{by}　打印 {local(at)}　{order.id}"
    return write(file, f"维修单 {site.name if site is not None else order.site}", story, foot)
