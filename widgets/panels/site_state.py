"""How a site stands: what protects it, what is being mended, when it was heard and tested last. Read only."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.repair import CAUSES, REPAIR_LABELS, RepairOrder
from console.domain.site import Signal, Site
from console.domain.state import State
from console.domain.test_run import RUN_LABELS, TestRun
from console.domain.trouble import TROUBLE_KIND_LABELS
from console.services.due_tests import due_test
from console.services.protection import still_protects, unwell
from widgets.panels.parts import label
from widgets.text import date_text, local, word
from widgets.theme import Theme

SIGNALS = 4
"""So many of the last signals are named."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("SiteState", text)


def signal_text(signal: Signal) -> str:
    """11-21 14:30 线路 A1 防区 003 事件 120: what came when."""
    event = signal.event_code or signal.sia_code or signal.type
    zone = _tr("防区 {zone}").format(zone=signal.zone) if signal.zone else ""
    at = local(signal.received_at).strftime("%m-%d %H:%M:%S")
    restore = _tr("恢复") if signal.qualifier == "restore" else ""
    return " ".join(filter(None, (at, signal.line, event, restore, zone)))


def test_text(state: State, site: Site, now: datetime) -> str:
    """上次测试 2026-08-22 合格，应于 2026-11-20 前再测（逾期 1 天）."""
    runs = sorted(state.where(TestRun, site=site.id), key=lambda run: run.started_at)
    said = _tr("还没有测试过")
    if runs:
        last = runs[-1]
        said = f"{date_text(last.ended_at or last.started_at)} {word(RUN_LABELS[last.state])}"
    due = due_test(state, site)
    if due is None:
        return said
    late = due.days_late(now)
    rest = _tr("逾期 {n} 天").format(n=late) if due.due <= now else _tr("还有 {n} 天").format(n=-late)
    return _tr("{said}，应于 {day} 前测试（{rest}）").format(said=said, day=date_text(due.due), rest=rest)


def repair_text(order: RepairOrder) -> str:
    """设备故障 断线：维修中 林工 11-25 前."""
    due = _tr("{day} 前").format(day=local(order.due).strftime("%m-%d")) if order.due else ""
    state = word(REPAIR_LABELS[order.state])
    return f"{word(CAUSES.get(order.cause, order.cause))} {word(order.text)}{word('：')}" + " ".join(
        filter(None, (state, order.who, due))
    )


class SiteState(QWidget):
    """The card; `show_site` tells it all anew, `show_signals` what the database said of the last signals."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(4))
        self.still = label("", "small", wrap=True)
        self.wrong = label("", "wrong", wrap=True)
        self.repairs = label("", "small", wrap=True)
        self.test = label("", "small", wrap=True)
        self.signals = label("", "small", wrap=True)
        for text in (self.still, self.wrong, self.repairs, self.test, self.signals):
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for head, text in (
            (self.tr("仍在保护"), self.still),
            ("", self.wrong),
            (self.tr("维修"), self.repairs),
            (self.tr("测试"), self.test),
            (self.tr("最近信号"), self.signals),
        ):
            if head:
                layout.addWidget(label(head, "muted"))
            layout.addWidget(text)
        layout.addStretch(1)

    def show_site(self, state: State, site: Site | None, now: datetime) -> None:
        """None: a site that is not on file yet."""
        self.setVisible(site is not None)
        if site is None:
            return
        self.still.setText(word(still_protects(state, site.id)))
        wrong = [
            f"{word(TROUBLE_KIND_LABELS[t.kind])} {site.spot(t.zone) or t.zone}".strip() for t in unwell(state, site.id)
        ]
        self.wrong.setText("⚠ " + word("、").join(wrong) if wrong else "")
        self.wrong.setVisible(bool(wrong))
        running = [repair_text(order) for order in state.where(RepairOrder, site=site.id) if order.open]
        self.repairs.setText("\n".join(running) or self.tr("没有未完工的维修单"))
        self.test.setText(test_text(state, site, now))

    def show_signals(self, signals: Sequence[Signal] | None, why: str = "") -> None:
        """None: they are being read, or `why` they could not be."""
        if signals is None:
            self.signals.setText(why or self.tr("正在读取…"))
        else:
            said = [signal_text(signal) for signal in signals[:SIGNALS]]
            self.signals.setText("\n".join(said) or self.tr("30 天内没有收到信号"))
