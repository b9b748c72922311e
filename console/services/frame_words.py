"""Words for what passed a line, for the bench: what a frame says, in one line a technician reads at a glance."""

from collections.abc import Mapping
from typing import Any

from console.services.unread_words import unread
from drivers.events import event
from drivers.report import Report

QUALIFIERS = {"new": "E", "restore": "R", "status": "P"}
TYPES = {
    "heartbeat": "心跳",
    "position": "位置",
    "message": "消息",
    "text": "短信",
    "call": "来电",
    "link": "链路",
    "signal": "信号",
}


def frame_words(report: Report) -> str:
    """`账号 1234 · E120 紧急报警 · 分区 01 · 防区 003`; why, where it could not be read."""
    if report.type == "garbage":
        return f"✗ 无法解析：{unread(report.why or '')}"
    more: Mapping[str, Any] = report.more or {}
    pieces = [
        "" if report.type == "signal" else TYPES.get(report.type, report.type),
        f"账号 {report.account}" if report.account else "",
        _event(report),
        f"分区 {report.partition}" if report.partition else "",
        f"{'用户' if report.zone_is_user else '防区'} {report.zone}" if report.zone else "",
        *(_more(name, more[name]) for name in _SHOWN if name in more),
    ]
    return " · ".join(piece for piece in pieces if piece)


_SHOWN = {"msg_id": "消息", "emergency": "紧急", "number": "号码", "sender": "发自", "text": "内容", "function": "功能"}


def _more(name: str, value: object) -> str:
    if isinstance(value, bool):
        return _SHOWN[name] if value else ""
    shown = f"{value:04X}" if name == "msg_id" and isinstance(value, int) else str(value)
    return f"{_SHOWN[name]} {shown}" if shown else ""


def _event(report: Report) -> str:
    mark = QUALIFIERS.get(report.qualifier or "", "")
    if report.event_code:
        return f"{mark}{report.event_code} {event(report.event_code).zh}"
    return f"{report.sia_code}{'（恢复）' if report.qualifier == 'restore' else ''}" if report.sia_code else ""


def out_words(data: bytes) -> str:
    """What we answered: ACK, NAK, or nothing to add to the bytes."""
    return {b"\x06": "ACK", b"\x15": "NAK"}.get(data, "应答")
