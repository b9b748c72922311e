"""The command line: what is typed, what Enter will do with it, and the keys of the desk.

The echo is the answer of `interpret`; the deed it shows is the one Enter carries out. If what it touches was
changed by another hand within half a second before Enter, the person is asked to press again.
"""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from console.commands import Context, Prepared, interpret
from console.commands.card import hints
from console.commands.completion import Completion, complete
from console.commands.seen import Seen
from console.domain.errors import UserError
from console.services.desk import Desk
from console.services.picture import Changes
from widgets.layouts import ElidedLabel
from widgets.panels.key_caps import KeyHints
from widgets.panels.line_input import CompletionList, LineInput
from widgets.selection import Selection
from widgets.tasks import Tasks
from widgets.text import said, word
from widgets.theme import Theme
from widgets.tick import Tick


class CommandLine(QWidget):
    """The bar at the foot of the window. `attach` gives it the context of its window; `left` says that Esc was
    pressed and the queue should take the keys."""

    left = Signal()

    def __init__(self, desk: Desk, theme: Theme, selection: Selection, tick: Tick, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._theme, self._tasks = desk, theme, tasks
        self._context: Callable[[], Context] | None = None
        self._prepared: Prepared | None = None
        self._refusal = ""
        self._asked: float | None = None
        self._under_way: set[str] = set()
        self._history: list[str] = []
        self._place = 0
        self._draft = ""
        self._aside = ""
        self._list: CompletionList | None = None
        self.input = LineInput()
        self.echo = ElidedLabel(theme, "base", "muted", self.tr("回车将执行"), room=120)
        self.menu_button = QToolButton()
        self.seen = Seen(desk, lambda: tick.steady())
        self._build()
        self.input.textChanged.connect(self._typed)
        self.input.entered.connect(self._enter)
        self.input.left.connect(self._leave)
        self.input.taken.connect(self._take)
        self.input.stepped.connect(self._step)
        self.input.focus_turned.connect(self._turn)
        self._forget = desk.picture.observe(self._take_in)
        selection.changed.connect(self.refresh)
        tick.second.connect(self._beat)
        theme.changed.connect(self._dress)
        self._dress()

    def _build(self) -> None:
        px = self._theme.px
        self.setAccessibleName(self.tr("命令栏"))
        self.input.setAccessibleName(self.tr("命令行"))
        self.input.setPlaceholderText(self.tr("键入命令，如：派 巡05 0190"))
        prompt = QLabel("›")
        prompt.setProperty("role", "muted")
        prompt.setBuddy(self.input)
        self.hints = KeyHints(self._theme, [(key, word(text)) for key, text in hints()], self.tr("键位提示"))
        self.menu_button.setProperty("role", "flat")
        self.menu_button.setText(self.tr("菜单"))
        self.menu_button.setAccessibleName(self.tr("命令菜单"))
        self.menu_button.setToolTip(self.tr("全部命令和它们的键"))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), 0, px(8), 0)
        row.setSpacing(px(12))
        row.addWidget(prompt)
        row.addWidget(self.input)
        row.addWidget(self.echo, 1)
        row.addWidget(self.hints)
        row.addWidget(self.menu_button)

    def attach(self, context: Callable[[], Context]) -> None:
        """What the person has before them is asked of the window at every key stroke."""
        self._context = context
        self.refresh()

    def set_menu(self, menu: QMenu) -> None:
        """The menu of all commands, for a hand on the mouse."""
        self.menu_button.setMenu(menu)
        self.menu_button.show()

    def focus_line(self, prefix: str = "") -> None:
        """Ctrl+K: what stands there is marked, the next key replaces it. With a `prefix` (Ctrl+F) the line begins
        with it, and a half-typed command is put aside until that is done or left."""
        self.input.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if prefix and not self.input.text().startswith(prefix):
            self._aside = self._aside or self.input.text()
            self.input.setText(prefix)
        if prefix:
            self.input.end(False)
        else:
            self.input.selectAll()

    def _take_up_again(self) -> None:
        """What was put aside stands in the line again."""
        if self._aside:
            self.input.setText(self._aside)
            self._aside = ""
            self._offer([])

    @Slot(object)
    def begin(self, words: object) -> None:
        """A command chosen in the menu needs more words: they are typed here."""
        self.focus_line(str(words))

    def key_hints(self) -> list[tuple[str, str]]:
        return hints()

    # -- the echo --------------------------------------------------------------------------------------------

    @Slot()
    @Slot(object)
    def refresh(self, _: object = None) -> None:
        """Prepare the line anew from what stands on the screen now."""
        line = self.input.text()
        self._prepared, self._refusal = None, ""
        if not line.strip() or self._context is None:
            self.echo.show_text("", "muted")
            return
        try:
            self._prepared = interpret(self._context(), line)
            self.echo.show_text(self.tr("{echo}　↵ 执行").format(echo=said(self._prepared.echo)), "muted")
        except UserError as refused:
            self._refusal = said(str(refused))
            self.echo.show_text(f"⚠ {self._refusal}", "warn")

    @Slot(object)
    def _beat(self, _now: object) -> None:
        """What was refused may have become possible, and ways change; a finished echo stands still."""
        if self._refusal:
            self.refresh()

    def _take_in(self, changes: Changes) -> None:
        if self._prepared is None:
            return
        changed = {entity.key for entity in (*changes.added, *changes.updated, *changes.removed)}
        if not changed.isdisjoint(self._prepared.about):
            self.refresh()

    @Slot()
    def _typed(self) -> None:
        self._asked = None
        self._fit()
        self.refresh()
        typing = self.input.hasFocus() and self._context is not None
        self._offer(complete(self._context(), self.input.text()) if typing and self._context else [])

    # -- completion and history ------------------------------------------------------------------------------

    @property
    def completions(self) -> list[Completion]:
        """What the list offers now."""
        return self._list.offered if self._list is not None else []

    def _offer(self, completions: list[Completion]) -> None:
        if not completions and self._list is None:
            return
        if self._list is None:
            self._list = CompletionList(self._theme, self.window())
            self._list.picked.connect(self._pick)
        self._list.offer(completions, self)

    @Slot(object)
    def _pick(self, completion: Completion) -> None:
        self.input.setText(completion.line)
        self.input.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _take(self) -> None:
        """Tab: the row the arrows stand on, else the first."""
        if self._list is not None and self.completions:
            self._pick(self._list.chosen or self.completions[0])

    @Slot(int)
    def _step(self, by: int) -> None:
        """In the list if it is open, else through what was done in this shift."""
        if self._list is not None and self.completions:
            self._list.step(by)
            return
        if self._place == len(self._history):
            self._draft = self.input.text()
        place = min(max(self._place + by, 0), len(self._history))
        if place != self._place:
            self.input.setText(self._history[place] if place < len(self._history) else self._draft)
            self._offer([])
            self._place = place

    def _remember(self, line: str) -> None:
        line = line.strip()
        if line and self._history[-1:] != [line]:
            self._history.append(line)
        self._place = len(self._history)

    # -- Enter and Esc ---------------------------------------------------------------------------------------

    @Slot()
    def _enter(self) -> None:
        chosen = self._list.chosen if self._list is not None else None
        if chosen is not None:
            self._pick(chosen)
            return
        self._offer([])
        line = self.input.text()
        if not line.strip() or line in self._under_way:
            return
        if self._prepared is None:
            self.refresh()
        if self._prepared is None:
            self._tasks.messages.error(self._refusal)
        elif self.seen.changed_since(self._prepared.about, self._asked):
            self._ask_again()
        else:
            self._under_way.add(line)
            self._tasks.start(self._carry_out(line, self._prepared), line)

    def _ask_again(self) -> None:
        self.refresh()
        self._asked = self.seen.now()
        now = word("：") + (said(self._prepared.echo) if self._prepared is not None else self._refusal)
        self.echo.show_text(self.tr("⚠ 情况已变化，请再按回车") + now, "warn")

    async def _carry_out(self, line: str, prepared: Prepared) -> None:
        """The line is cleared only when its deed is done, and only if nobody has typed another since."""
        try:
            told = await prepared.deed()
        finally:
            self._under_way.discard(line)
            self.refresh()
        self._remember(line)
        if self.input.text() == line:
            self.input.clear()
            self._take_up_again()
        if told:
            self._tasks.messages.info(told)

    @Slot(bool)
    def _turn(self, has_focus: bool) -> None:
        """What was typed some time ago may mean something else now."""
        if has_focus:
            self.refresh()
        else:
            self._offer([])
        self.update()

    @Slot()
    def _leave(self) -> None:
        self._offer([])
        self._take_up_again()
        self.left.emit()

    # -- Qt's side -------------------------------------------------------------------------------------------

    @Slot()
    @Slot(object)
    def _dress(self, _: object = None) -> None:
        self.setFixedHeight(self._theme.px(44))
        self.hints.updateGeometry()
        self._fit()

    def _fit(self) -> None:
        """The field is as wide as its text, so that the echo stands beside it."""
        px = self._theme.px
        text = self._theme.metrics("base").horizontalAdvance(self.input.text() or self.input.placeholderText())
        self.input.setFixedWidth(min(max(text + px(24), px(120)), max(self.width() // 2, px(240))))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("accent" if self.input.hasFocus() else "line"))
        painter.setBrush(self._theme.color("bg"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, self._theme.px(6), self._theme.px(6))
        painter.end()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        self.close_down()
        super().closeEvent(event)

    def close_down(self) -> None:
        """Stop listening to the picture."""
        self._forget()
        self.seen.close()
