"""The handoff slip 联动派单: what an agency is told on paper.

Number, place, duty text, legal basis with its jurisdiction, the promise in clock time, and lines for what the
agency writes back. Source: 漳平市 2023 第十二条; 潢川县 2021 第七、八条; requirements Z1-27 ff.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from console.domain.handoff import Handoff
from console.domain.incident import Incident
from console.domain.reference import Agency, Reference
from console.paper.page import fonts, local, table, text, write

LEVELS = {1: "▲ 一级 特别紧急", 2: "◆ 二级 紧急", 3: "● 三级 一般", 4: "■ 四级 非紧急"}
BLANK = "＿＿＿＿＿＿＿＿"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipContext:
    """Who prints: the desk's name, number, seat and person, and the caller's phone as the agency may see it."""

    desk: str
    actor: str
    seat: str
    printed_at: datetime
    caller_phone: str = ""
    desk_phone: str = "110"


def _promise(handoff: Handoff, incident: Incident) -> str:
    if handoff.t_sent is None or handoff.arrive_s is None:
        where = "城区外请尽快到场" if not incident.urban else "无到场时限"
        return f"{where}；请于 {handoff.sign_s // 60 if handoff.sign_s else 5} 分钟内签收"
    due = handoff.t_sent + timedelta(seconds=handoff.arrive_s)
    return f"{handoff.arrive_s // 60} 分钟内到场（{local(due, '%H:%M')} 前），自接到指令起算"


def _rows(incident: Incident, handoff: Handoff, agency: Agency, reference: Reference) -> list[tuple[str, str]]:
    duty = reference.duties.get(handoff.duty)
    quoted = "" if duty is None or duty.quoted else "（摘要）"
    kind = " › ".join(node.name for node in reference.path(incident.kind)) or "未定"
    return [
        ("派单编号", handoff.id),
        ("受令单位", f"{agency.name}（{agency.phone_text}）"),
        ("指令时间", local(handoff.t_sent)),
        ("警情", f"{kind}　{LEVELS[incident.priority]}"),
        ("地点", incident.place or f"地点不明：{incident.place_unknown}"),
        ("位置", _position(incident)),
        ("情况", incident.narrative or incident.title or "—"),
        ("职责", (duty.zh if duty is not None else "—") + quoted),
        ("依据", handoff.basis or "—"),
        ("时限", _promise(handoff, incident)),
    ]


def _position(incident: Incident) -> str:
    area = "城区" if incident.urban else "城区外"
    beat = f"警区 {incident.beat}　" if incident.beat else ""
    if incident.lat is None or incident.lon is None:
        return f"{beat}{area}"
    return f"{beat}{area}　{incident.lat:.6f}, {incident.lon:.6f}（WGS-84）"


def print_slip(
    file: Path, incident: Incident, handoff: Handoff, reference: Reference, context: SlipContext, font_folder: Path
) -> Path:
    """Write the slip; EnvironmentFault if the disk refuses. The caller's phone is on it only if given."""
    fonts(font_folder)
    agency = reference.agencies[handoff.agency]
    rows = _rows(incident, handoff, agency, reference)
    if context.caller_phone:
        rows.insert(7, ("报警人电话", context.caller_phone))
    answers = [
        ("签收", f"签收人{BLANK}　时间{BLANK}"),
        ("到场", f"到场时间{BLANK}　现场现状{BLANK}"),
        ("结果", f"处置结果{BLANK}{BLANK}"),
        ("退回", f"□ 非本单位职责　建议单位{BLANK}　理由{BLANK}"),
    ]
    answer_to = f"请电话 {context.desk_phone}，找 {context.seat} 席；或书面回复 110 指挥中心"
    widths = (24 * mm, 156 * mm)
    story: list[Flowable] = [
        text(f"{context.desk}　110 社会联动派单", 16, bold=True, space=2),
        text(f"致：{agency.name}", 13, bold=True, space=6),
        table([(text(name, 10, bold=True), text(words, 11)) for name, words in rows], widths),
        Spacer(1, 5 * mm),
        text(
            f"受令单位反馈（{answer_to}）",
            11,
            bold=True,
            space=3,
        ),
        table([(text(name, 10, bold=True), text(words, 11)) for name, words in answers], widths),
    ]
    foot = f"{context.seat}席 {context.actor}　打印 {local(context.printed_at)}　{handoff.id}"
    return write(file, f"联动派单 {handoff.id}", story, foot)
