"""Who sits here: the header's piece with seat, person, roles and since when; a press opens what may be done here."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy
from typing_extensions import override

from console.domain.account import ROLE_LABELS, Account, Role, Seat
from console.services.desk import NO_ACCOUNTS, Desk
from widgets.text import minute_text, word
from widgets.theme import Theme


class PersonButton(QAbstractButton):
    """One elided line in a rounded frame; the whole of it stands in the tool tip."""

    def __init__(self, desk: Desk, theme: Theme, name: str, shift: str = "") -> None:
        super().__init__()
        self._desk, self._theme, self._shift = desk, theme, shift
        self._ink = "muted"
        self._menu: QMenu | None = None
        self.locked = False
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._open)
        self.refresh()

    def set_menu(self, menu: QMenu) -> None:
        """What may be done with the seat: lock it, hand it over, sign off."""
        self._menu = menu
        self.updateGeometry()

    def show_locked(self, locked: bool) -> None:
        self.locked = locked
        self.refresh()

    def refresh(self) -> None:
        """Say who sits here as things stand."""
        said, whole, ink = self._words()
        if (said, ink) != (self.text(), self._ink):
            self._ink = ink
            self.setText(said)
            self.setAccessibleDescription(said)
            self.updateGeometry()
            self.update()
        self.setToolTip(whole)

    def _words(self) -> tuple[str, str, str]:
        """(line, tool tip, token)."""
        desk, state = self._desk, self._desk.picture.state
        seat = self.tr("{seat} 席").format(seat=desk.seat)
        if not state.all(Account):
            role = word(ROLE_LABELS[Role(desk.roles[0])]) if desk.roles else ""
            said = self.tr("{seat} · {role} {actor} · 未建账号").format(seat=seat, role=role, actor=desk.actor)
            whole = self.tr("数据库没有账号：谁坐在这里都有全部席位权限。请由安全管理员导入账号（import users）")
            if desk.waits_for_accounts:
                whole = word(NO_ACCOUNTS)
            return self._with_shift(said), f"{said}\n{whole}", "warn"
        if not desk.actor:
            return self.tr("{seat} · 未登录").format(seat=seat), self.tr("请登录后操作"), "warn"
        account, sat = state.get(Account, desk.actor), state.get(Seat, desk.seat)
        name = account.name if account is not None else ""
        roles = word("、").join(word(ROLE_LABELS[Role(role)]) for role in desk.roles)
        parts = [seat, f"{desk.actor} {name}".strip(), roles]
        if sat is not None and sat.actor == desk.actor and sat.since is not None:
            parts.append(self.tr("{time} 起").format(time=minute_text(sat.since)))
        if self.locked:
            parts.insert(2, self.tr("已锁定"))
        said = " · ".join(part for part in parts if part)
        return self._with_shift(said), said.replace(" · ", "\n"), "warn" if self.locked else "text"

    def _with_shift(self, said: str) -> str:
        return f"{said} · {self._shift}" if self._shift else said

    @Slot()
    def _open(self) -> None:
        if self._menu is not None:
            self._menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    @property
    def _mark(self) -> int:
        return self._theme.px(16) if self._menu is not None else 0

    def _fitting(self, room: int) -> str:
        """As much as there is room for: first the hour goes, then the roles, the person last."""
        metrics, parts = self._theme.metrics("small"), self.text().split(" · ")
        while len(parts) > 2 and metrics.horizontalAdvance(" · ".join(parts)) > room:
            parts.pop()
        return metrics.elidedText(" · ".join(parts), Qt.TextElideMode.ElideRight, room)

    @override
    def sizeHint(self) -> QSize:
        width = self._theme.metrics("small").horizontalAdvance(self.text()) + self._theme.px(22) + self._mark
        return QSize(width, self._theme.px(26))

    @override
    def minimumSizeHint(self) -> QSize:
        """Seat and person are always told."""
        least = self._theme.metrics("small").horizontalAdvance(" · ".join(self.text().split(" · ")[:2]))
        return QSize(min(least + self._theme.px(22) + self._mark, self._theme.px(170)), self._theme.px(26))

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        edge = "accent" if self.hasFocus() else "muted" if self.underMouse() else "line"
        painter.setPen(QPen(theme.color(edge), 2 if self.hasFocus() else 1))
        painter.setBrush(theme.color("panel2"))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color(self._ink))
        room = QRectF(px(11), 0, self.width() - px(22) - self._mark, self.height())
        text = self._fitting(int(room.width()) + 1)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if self._menu is not None:
            painter.drawText(QRectF(self.width() - px(22), 0, px(14), self.height()), Qt.AlignmentFlag.AlignCenter, "▾")
        painter.end()
