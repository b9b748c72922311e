"""The handover sheet 交接班单: what one shift left to the next, signed by both, with the journal's head below it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from console.domain.handover import Handover
from console.paper.page import fonts, local, table, text, write

WIDTHS = (32 * mm, 148 * mm)


def print_handover(
    file: Path,
    handover: Handover,
    items: Sequence[tuple[str, str]],
    groups: Mapping[str, str],
    *,
    desk: str,
    head: str,
    at: datetime,
    font_folder: Path,
) -> Path:
    """Write the sheet; EnvironmentFault if the disk refuses. `items` are (kind, sentence), `groups` the kinds' names,
    `head` the journal's last number and hash when it was printed."""
    fonts(font_folder)
    signed = [
        ("席位", f"{handover.seat} 席"),
        ("交班", f"{handover.from_actor} {handover.from_name}　{_when(handover.given_at)}"),
        ("接班", f"{handover.to_actor} {handover.to_name}　{_when(handover.taken_at)}"),
        ("备注", handover.notes or "无"),
    ]
    rows = [(groups.get(kind, kind), sentence) for kind, sentence in items] or [("", "没有未了事项")]
    story: list[Flowable] = [
        text(f"{desk}　交接班单", 16, bold=True, space=6),
        table([(text(name, 10, bold=True), text(words, 11)) for name, words in signed], WIDTHS),
        Spacer(1, 5 * mm),
        text(f"未了事项 {len(items)} 项", 11, bold=True, space=3),
        table([(text(kind, 9), text(sentence, 10)) for kind, sentence in rows], WIDTHS),
        Spacer(1, 8 * mm),
        text("签名　交班人＿＿＿＿＿＿＿＿　接班人＿＿＿＿＿＿＿＿", 11),
    ]
    return write(file, f"交接班单 {handover.seat}席", story, f"打印 {local(at)}　日志 {head or '不可用'}")


def _when(at: datetime | None) -> str:
    return f"签收于 {local(at, '%Y-%m-%d %H:%M:%S')}" if at is not None else "尚未签收"
