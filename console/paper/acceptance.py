"""The acceptance sheet 验收单 of one site's alarm equipment: on paper for the signatures, as JSON for the file.

Site, equipment, each step with its time and figure, what was left out and why, who did it, and the journal's head, so
that the sheet can be held against the journal later. Source: issue 4, the bench; GB/T 29315-2022, GA 38-2021.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from console.domain.errors import EnvironmentFault
from console.domain.site import Site
from console.domain.test_run import RUN_LABELS, STEP_LABELS, StepState, TestRun, TestStep
from console.paper.page import fonts, local, table, text, write

BLANK = "＿＿＿＿＿＿＿＿"
MARKS = {StepState.PASSED: "✓", StepState.FAILED: "✗", StepState.SKIPPED: "—"}
FOOTNOTE = "“毫秒”自接收机报文最后一个字节到达起，至测试台取得已入库的信号、可以显示止；“秒”自该项开始或线路恢复起。"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContext:
    """Who prints, and where; `head` is the journal's last number and hash, `line` how the site's signals came."""

    desk: str
    technician: str
    seat: str
    printed_at: datetime
    head: str = ""
    line: str = ""


def figure_text(step: TestStep) -> str:
    """11.8 ms, 6/10, what came, or what stands for it."""
    if step.state is StepState.SKIPPED:
        return "未测"
    count = f"{step.seen}/{step.needed}" if step.needed > 1 else ""
    shown = "" if step.figure is None else f"{step.figure:g} {step.unit}".strip()
    return "，".join(part for part in (count, shown) if part) or step.note or "—"


def as_json(site: Site, run: TestRun, steps: Sequence[TestStep], context: SheetContext) -> dict[str, Any]:
    """The sheet's data: times in ISO 8601 UTC, figures in the unit that stands beside them."""
    return {
        "site": {
            "id": site.id,
            "name": site.name,
            "address": site.address,
            "account": site.account,
            "equipment": run.equipment or site.equipment,
            "zones": dict(site.zones),
        },
        "run": {
            "id": run.id,
            "state": run.state.value,
            "started_at": _iso(run.started_at),
            "ended_at": _iso(run.ended_at),
            "started_by": run.started_by,
            "ended_by": run.ended_by,
            "remark": run.remark,
        },
        "steps": [_step(step) for step in sorted(steps, key=lambda step: step.place)],
        "printed": {
            "at": _iso(context.printed_at),
            "by": context.technician,
            "seat": context.seat,
            "line": context.line,
            "journal_head": context.head,
        },
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds") if at is not None else None


def _step(step: TestStep) -> Mapping[str, Any]:
    return {
        "code": step.code,
        "title": step.title,
        "state": step.state.value,
        "seen": step.seen,
        "needed": step.needed,
        "figure": step.figure,
        "unit": step.unit,
        "target": step.target,
        "note": step.note,
        "started_at": _iso(step.started_at),
        "ended_at": _iso(step.ended_at),
        "by": step.done_by,
    }


def write_json(file: Path, site: Site, run: TestRun, steps: Sequence[TestStep], context: SheetContext) -> Path:
    """Write the data beside the paper; EnvironmentFault if the disk refuses, and then there is no half a file."""
    half = file.with_suffix(".half")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(json.dumps(as_json(site, run, steps, context), ensure_ascii=False, indent=1), encoding="utf-8")
        half.replace(file)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        raise EnvironmentFault(
            f"无法写入 {file.name}：{error.strerror or error}", "请检查磁盘空间和目录权限"
        ) from error
    return file


def print_sheet(
    file: Path, site: Site, run: TestRun, steps: Sequence[TestStep], context: SheetContext, font_folder: Path
) -> Path:
    """Write the sheet as PDF; EnvironmentFault if the disk refuses."""
    fonts(font_folder)
    story: list[Flowable] = [
        text(f"{context.desk}　一键报警验收单", 16, bold=True, space=2),
        text(f"结论：{RUN_LABELS[run.state]}", 13, bold=True, space=6),
        table([(text(n, 10, bold=True), text(w, 11)) for n, w in _about(site, run, context)], (24 * mm, 156 * mm)),
        Spacer(1, 5 * mm),
        _step_table(steps),
        text(FOOTNOTE, 8, grey=True, space=4),
        Spacer(1, 4 * mm),
        table(_signatures(context), (45 * mm, 45 * mm, 45 * mm, 45 * mm)),
    ]
    head = f"　日志 {context.head[:40]}" if context.head else ""
    foot = f"{context.seat}席 {context.technician}　打印 {local(context.printed_at)}{head}"
    return write(file, f"验收单 {site.name}", story, foot)


def _about(site: Site, run: TestRun, context: SheetContext) -> list[tuple[str, str]]:
    zones = "；".join(f"{zone} {spot}" for zone, spot in sorted(site.zones.items()))
    ended = local(run.ended_at) or "未结束"
    rows = [
        ("点位", f"{site.name}（{site.id}）"),
        ("地址", site.address or "—"),
        ("账号", f"{site.account or '—'}　线路 {context.line or site.line or '—'}"),
        ("设备", run.equipment or site.equipment or "—"),
        ("防区", zones or "—"),
        ("测试时间", f"{local(run.started_at)} 至 {ended}"),
    ]
    return [*rows, ("备注", run.remark)] if run.remark else rows


def _step_table(steps: Sequence[TestStep]) -> Flowable:
    head = [text(word, 10, bold=True) for word in ("", "项目", "结果", "实测", "要求", "时间", "说明")]
    rows = [
        [
            text(MARKS.get(step.state, "·"), 11, bold=True),
            text(step.title, 10),
            text(STEP_LABELS[step.state], 10),
            text(figure_text(step), 10),
            text(step.target, 10),
            text(local(step.ended_at, "%H:%M:%S"), 10),
            text(step.note, 9),
        ]
        for step in sorted(steps, key=lambda step: step.place)
    ]
    return table([head, *rows], [width * mm for width in (8, 40, 18, 32, 26, 20, 36)], head=True)


def _signatures(context: SheetContext) -> list[list[Any]]:
    return [
        [text("技术员", 10, bold=True), text(context.technician, 10), text("点位负责人", 10, bold=True), text(BLANK)],
        [text("签字 / 日期", 10, bold=True), text(BLANK), text("签字 / 日期", 10, bold=True), text(BLANK)],
    ]
