"""What the strip said of an alarm and must not be lost with it: where exactly, which button, whom to ring.

It stands in the incident column for every alarm that is not reset yet. Of a silent alarm it says first that
nobody may ring the place (protocols.md section 2).
"""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from typing_extensions import override

from console.domain.alarm import ALARM_LABELS, Alarm
from console.domain.incident import Incident
from console.domain.site import Site
from console.domain.trouble import TROUBLE_KIND_LABELS
from console.services.event_words import event_text, third_field_is_user
from console.services.picture import Picture
from console.services.protection import still_protects, unwell
from widgets.alarm_text import call_back, keyholder_text
from widgets.panels.parts import label
from widgets.text import word
from widgets.theme import Theme


def silent_text() -> str:
    """The words of the warning; the same on strip, column and paper."""
    return QCoreApplication.translate("alarm", "静默报警：不得回拨现场")


def button_text(alarm: Alarm, site: Site | None) -> str:
    """一号柜台 · 防区 001 · 账号 5EF1 · 120 紧急报警 · 未复位（已确认）: which button, and that it still latches."""
    user = third_field_is_user(alarm)
    spot = site.spot(alarm.zone) if site is not None and not user else ""
    zone = QCoreApplication.translate("alarm", "防区 {zone}")
    if user:
        zone = QCoreApplication.translate("alarm", "用户 {zone}")
    account = QCoreApplication.translate("alarm", "账号 {account}").format(account=alarm.account)
    presses = QCoreApplication.translate("alarm", "第{n}次按压").format(n=alarm.presses)
    latched = QCoreApplication.translate("alarm", "未复位（{state}）").format(state=word(ALARM_LABELS[alarm.state]))
    pieces = (
        spot,
        zone.format(zone=alarm.zone) if alarm.zone else "",
        account if alarm.account else "",
        word(event_text(alarm)),
        presses if alarm.presses > 1 else "",
        latched,
    )
    return " · ".join(piece for piece in pieces if piece)


def ring_text(picture: Picture, alarm: Alarm, *, masked: bool = False) -> str:
    """回拨核实 0596-…（漳州市实验小学）· 联络员 王某 138…: whom to ring; never the place of a silent alarm."""
    site = picture.site(alarm.site)
    if site is None:
        return QCoreApplication.translate("alarm", "账号未登记：派警前先核对地址")
    pieces = []
    if not alarm.silent:
        pieces.append("{} {}".format(*call_back(picture, alarm)))
    elif site.kind == "bank" and site.callback_phone:
        office = QCoreApplication.translate("alarm", "保卫部 {number}（不得打柜台）")
        pieces.append(office.format(number=site.callback_phone))
    if site.keyholder:
        pieces.append(keyholder_text(site, masked=masked))
    return " · ".join((*pieces, site.address)).strip(" ·")


def unwell_text(picture: Picture, site: str) -> str:
    """设备异常 断线；仍在保护：…: what of the panel is not well, and who is there; '' while all of it is."""
    wrong = dict.fromkeys(word(TROUBLE_KIND_LABELS[trouble.kind]) for trouble in unwell(picture.state, site))
    if not site or not wrong:
        return ""
    said = QCoreApplication.translate("alarm", "⚠ 设备异常 {wrong} · 仍在保护：{still}")
    return said.format(wrong=word("、").join(wrong), still=word(still_protects(picture.state, site, patrols=False)))


class SilentLine(QWidget):
    """The warning of a silent incident, under its head as long as it is open: white on red, never scrolled away."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.text = silent_text()
        self.setFixedHeight(theme.px(26))
        self.setAccessibleName(self.text)
        self.hide()

    def show_incident(self, incident: Incident | None) -> None:
        """Shown for a silent incident that is not over."""
        self.setVisible(incident is not None and incident.silent and incident.open)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("alarm"))
        painter.setPen(self._theme.color("alarm_text"))
        painter.setFont(self._theme.font("strong"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, f"⚠ {self.text}")
        painter.end()


class AlarmCard(QFrame):
    """The alarms of the incident that are not reset, two lines each, and what of their panel is not well."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        px = theme.px
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(10), px(3), px(6), px(3))
        self.text = label("", "small", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(self.text)
        self.setAccessibleName(self.tr("报警点与回拨"))
        self.hide()

    def show_alarms(self, picture: Picture, alarms: Sequence[Alarm], *, masked: bool = False) -> None:
        """Say what is known of the alarms."""
        lines = []
        for alarm in alarms:
            if alarm.open:
                lines += [button_text(alarm, picture.site(alarm.site)), ring_text(picture, alarm, masked=masked)]
        lines += [unwell_text(picture, site) for site in dict.fromkeys(alarm.site for alarm in alarms if alarm.open)]
        self.text.setText("\n".join(line for line in lines if line))
        self.setVisible(bool(lines))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = QRectF(self.rect())
        painter.fillRect(box, self._theme.color("panel2"))
        painter.fillRect(QRectF(0, 0, self._theme.px(3), box.height()), self._theme.color("bad"))
        painter.end()
