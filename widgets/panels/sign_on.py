"""The sign-on form 登录: number and password, then the roles the account holds; in the demo a list with one key each.

Nothing tells whether a number exists before its password was right, so the roles appear in a second step. The
form decides nothing: it says what was typed and shows what it is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from console.domain.account import ROLE_LABELS, Role
from widgets.controls import KeyButton
from widgets.layouts import ElidedLabel
from widgets.panels.finder import ENTER
from widgets.panels.parts import FlowLayout, Tag, ToggleChip, label
from widgets.panels.password import PasswordLine
from widgets.text import word
from widgets.theme import Theme

WIDTH = 440

DIGITS = "1234567890"
"""One key for each of the demo's people."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person who may sign on without a password (the demo's)."""

    number: str
    name: str
    roles: tuple[str, ...]


def roles_text(roles: Sequence[str]) -> str:
    """接警员、派警员"""
    return word("、").join(word(ROLE_LABELS[Role(role)]) for role in roles)


class SignOnForm(QFrame):
    """`tried`: number and password. `entered`: the roles to sign on with. `picked`: a number that needs no
    password. `chosen`: a new password, typed twice. `left`: Esc, where the form may be left."""

    tried = Signal(str, str)
    entered = Signal(object)
    picked = Signal(str)
    chosen = Signal(str)
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._may_leave = False
        self._verified = False
        self._choosing = False
        self._people: Sequence[Somebody] = ()
        self.chips: dict[str, ToggleChip] = {}
        self.people_buttons: list[KeyButton] = []
        self.setProperty("role", "panel")
        self.setAccessibleName(self.tr("登录"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title = ElidedLabel(theme, "spot", "text", self.tr("登录标题"), room=200)
        self.said = label("", "muted", wrap=True)
        self.banner = Tag(theme, "warn")
        self.number = QLineEdit()
        self.password = PasswordLine(self.tr("密码"))
        self.new = PasswordLine(self.tr("新密码"))
        self.again = PasswordLine(self.tr("再输一次"))
        self.capitals = label("", "small")
        self.wrong = label("", "strong", wrap=True)
        self.enter = QPushButton(self.tr("登录　↵"))
        self.leave = QPushButton(self.tr("返回 Esc"))
        self._build()
        self._connect()

    # -- building --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        px = self._theme.px
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(24), px(20), px(24), px(20))
        outer.setSpacing(px(10))
        outer.addWidget(self.title)
        outer.addWidget(self.said)
        outer.addWidget(self.banner)
        self._list = QWidget()
        self._list_rows = QVBoxLayout(self._list)
        self._list_rows.setContentsMargins(0, 0, 0, 0)
        self._list_rows.setSpacing(px(4))
        outer.addWidget(self._list)
        outer.addWidget(self._build_fields())
        outer.addWidget(self._build_new())
        self._roles = QWidget()
        self._role_flow = FlowLayout(px(6))
        self._roles.setLayout(self._role_flow)
        self._roles_label = label(self.tr("以哪些角色登录（可多选）"), "muted")
        outer.addWidget(self._roles_label)
        outer.addWidget(self._roles)
        self.wrong.setProperty("role", "wrong")
        self.wrong.setAccessibleName(self.tr("登录提示"))
        outer.addWidget(self.wrong)
        outer.addLayout(self._build_buttons())
        self.setMaximumWidth(px(WIDTH))

    def _build_fields(self) -> QWidget:
        px = self._theme.px
        self._fields = QWidget()
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(10))
        self.number.setAccessibleName(self.tr("警号"))
        self.number.setMaxLength(16)
        self.number.setInputMethodHints(Qt.InputMethodHint.ImhLatinOnly | Qt.InputMethodHint.ImhNoPredictiveText)
        for row, (text, field) in enumerate(((self.tr("警号"), self.number), (self.tr("密码"), self.password))):
            field.setMinimumHeight(px(38))
            grid.addWidget(label(text, "muted"), row, 0)
            grid.addWidget(field, row, 1)
        grid.addWidget(self.capitals, 2, 1)
        self.capitals.hide()
        grid.setColumnStretch(1, 1)
        return self._fields

    def _build_new(self) -> QWidget:
        self._new = QWidget()
        grid = QGridLayout(self._new)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self._theme.px(12))
        grid.setVerticalSpacing(self._theme.px(10))
        for row, field in enumerate((self.new, self.again)):
            field.setMinimumHeight(self._theme.px(38))
            grid.addWidget(label(field.accessibleName(), "muted"), row, 0)
            grid.addWidget(field, row, 1)
            field.textEdited.connect(self._typed)
        grid.setColumnStretch(1, 1)
        self._new.hide()
        return self._new

    def _build_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.enter.setProperty("role", "primary")
        self.enter.setAccessibleName(self.tr("登录"))
        for button in (self.enter, self.leave):
            button.setMinimumHeight(self._theme.px(44))
            button.setAutoDefault(False)
        row.addWidget(self.enter, 1)
        row.addWidget(self.leave)
        return row

    def _connect(self) -> None:
        self.password.capitals.connect(self._show_capitals)
        self.enter.clicked.connect(self.submit)
        self.leave.clicked.connect(self.left)
        self.number.textEdited.connect(self._typed)
        self.password.textEdited.connect(self._typed)

    # -- what it shows ---------------------------------------------------------------------------------------

    def ask(self, title: str, said: str = "", *, enter: str, may_leave: bool = False) -> None:
        """Begin anew: an empty form under this title; `enter` is the word on its button."""
        self.title.show_text(title)
        self.said.setText(said)
        self.said.setVisible(bool(said))
        self.enter.setText(f"{enter}　↵")
        self.enter.setAccessibleName(enter)
        self._may_leave = may_leave
        self.leave.setVisible(may_leave)
        self.number.clear()
        self._begin_again()
        self.show_wrong("")

    def offer_people(self, people: Sequence[Somebody], *, fields: bool) -> None:
        """The demo's people, each with a key; `fields`: others may still sign on with number and password."""
        self._people = people[: len(DIGITS)]
        for button in self.people_buttons:
            self._list_rows.removeWidget(button)
            button.deleteLater()
        self.people_buttons = []
        for key, person in zip(DIGITS, self._people, strict=False):
            text = f"{person.number} {person.name} · {roles_text(person.roles)}"
            button = KeyButton(self._theme, key, text, height=30)
            button.setProperty("number", person.number)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(self._clicked_person)
            self._list_rows.addWidget(button)
            self.people_buttons.append(button)
        self._list.setVisible(bool(people))
        self.banner.show_text(self.tr("演示：免密码登录") if people else "")
        self._fields.setVisible(fields)
        self.enter.setVisible(fields)

    def offer_roles(self, name: str, roles: Sequence[str]) -> None:
        """The password was right: which of the roles? All are on at first; Enter takes them."""
        self._verified = True
        self.number.setReadOnly(True)
        self.password.hide()
        self.said.setText(self.tr("{name}，请确认角色后按回车").format(name=name))
        self.said.show()
        for role in roles:
            chip = ToggleChip(word(ROLE_LABELS[Role(role)]), self.tr("以{role}登录").format(role=role))
            chip.setMinimumHeight(self._theme.px(32))
            chip.setChecked(True)
            self._role_flow.addWidget(chip)
            self.chips[role] = chip
        self._roles.show()
        self._roles_label.show()
        self.show_wrong("")
        self.enter.setFocus(Qt.FocusReason.OtherFocusReason)

    def offer_change(self, name: str, why: str) -> None:
        """The password was right, but must be changed: the person types a new one, twice."""
        self._choosing = True
        self._fields.hide()
        self.said.setText(
            self.tr("{name}，初始密码须更改：至少 8 位，含大写、小写、数字、符号中的三种").format(name=name)
        )
        self.said.show()
        self._new.show()
        self.show_weak("")

    def show_weak(self, text: str) -> None:
        """Why the new password was not taken; it is typed anew."""
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))
        self.wrong.setAccessibleDescription(text)
        self.new.clear()
        self.again.clear()
        self.new.setFocus(Qt.FocusReason.OtherFocusReason)

    def end_change(self) -> None:
        """The new password was taken."""
        self._choosing = False
        self._new.hide()
        self._fields.show()

    def show_wrong(self, text: str) -> None:
        """Why it was refused, in one sentence; the password is typed anew."""
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))
        self.wrong.setAccessibleDescription(text)
        if text:
            self._begin_again()
            self.take_focus()

    def _begin_again(self) -> None:
        """Back to the first step; the number stays."""
        self._verified = False
        if self._choosing:
            self.end_change()
        self.new.clear()
        self.again.clear()
        self.password.clear()
        self.password.show()
        self.number.setReadOnly(False)
        for chip in self.chips.values():
            self._role_flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = {}
        self._roles.hide()
        self._roles_label.hide()
        self._show_capitals(False)

    def take_focus(self) -> None:
        """The first thing that is still to be typed takes the keys."""
        at: QWidget = self.password if self.number.text() else self.number
        if self._choosing:
            at = self.again if self.new.text() else self.new
        elif self._verified:
            at = self.enter
        elif self._fields.isHidden() or (self._people and not self.number.text()):
            at = self
        at.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(bool)
    def _show_capitals(self, on: bool) -> None:
        self.capitals.setText(self.tr("⚠ 大写锁定已打开") if on else "")
        self.capitals.setVisible(on)

    # -- what a person does ----------------------------------------------------------------------------------

    @Slot()
    def submit(self) -> None:
        """Enter: the next empty field, else try, else sign on with the chosen roles."""
        if self._choosing:
            self._submit_new()
        elif self._verified:
            chosen = tuple(role for role, chip in self.chips.items() if chip.isChecked())
            if chosen:
                self.entered.emit(chosen)
            else:
                self.wrong.setText(self.tr("请至少选一个角色"))
                self.wrong.show()
        elif not self.number.text().strip():
            self.number.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not self.password.text():
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.tried.emit(self.number.text().strip(), self.password.take())

    def _submit_new(self) -> None:
        if not self.new.text():
            self.new.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not self.again.text():
            self.again.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.new.text() != self.again.text():
            self.show_weak(self.tr("两次输入的新密码不一样"))
        else:
            self.again.clear()
            self.chosen.emit(self.new.take())

    @Slot()
    def _typed(self) -> None:
        self.wrong.hide()

    @Slot()
    def _clicked_person(self) -> None:
        button = self.sender()
        if button is not None:
            self.picked.emit(str(button.property("number")))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = DIGITS.find(event.text()) if event.text() else -1
        if event.key() in ENTER:
            self.submit()
        elif event.key() == Qt.Key.Key_Escape:
            if self._verified or self._choosing:
                self._begin_again()
                self.take_focus()
            elif self._may_leave:
                self.left.emit()
        elif 0 <= place < len(self._people):
            self.picked.emit(self._people[place].number)
        else:
            super().keyPressEvent(event)
