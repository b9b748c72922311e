"""The gate of a window: sign-on page, lock bar and hand-over sheet, and what of the window they leave in sight.

Nobody signed on: the page stands where the panes were. Locked: everything stays where it is and can be read, a bar
asks for the password, a clear pane takes every press. Header, strip and sounds are never touched.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRect, Qt, Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from console.commands.seen import MOMENT_S
from console.domain.account import Account
from console.domain.errors import EnvironmentFault, UserError
from console.services.desk import Desk
from console.services.handing_over import standing
from console.services.handovers import open_items
from console.services.sight import Sight
from widgets.idle import Idle
from widgets.panels.cover import Cover, Shade
from widgets.panels.hand_over import HandOver
from widgets.panels.lock_bar import LockBar
from widgets.panels.sign_on import SignOnForm, Somebody
from widgets.seating import Mode, Seating
from widgets.tasks import Tasks
from widgets.text import said, span_text, word
from widgets.theme import Theme
from widgets.tick import Tick
from widgets.windows.handing_over import Signatures

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Behind:
    """What the gate shows, hides and covers: the ground everything lies on, the panes, the command line, and the
    pane that a cover leaves in sight (a running intake is never hidden)."""

    ground: QWidget
    panes: QWidget
    command_line: QWidget
    never_hidden: QWidget


class Gate(QObject):
    """`before_lock` saves what a person has half typed; `refreshed` is called when another person sits here;
    `to_queue` gives the keys to the queue; `goes_on` and `kept` say what this window does while nobody may act."""

    def __init__(
        self,
        seating: Seating,
        desk: Desk,
        theme: Theme,
        tick: Tick,
        tasks: Tasks,
        behind: Behind,
        *,
        before_lock: Callable[[], None],
        refreshed: Callable[[], None],
        to_queue: Callable[[], None],
        lock_after_s: float = 0.0,
        goes_on: str = "",
        kept: str = "",
    ) -> None:
        super().__init__(behind.ground)
        self._goes_on = goes_on or self.tr("报警条和声音照常")
        self._kept = kept or self.tr("报警条和声音照常，正在填写的警情保留")
        self.seating, self._desk, self._theme, self._tasks, self._behind = seating, desk, theme, tasks, behind
        self.kept_free: Callable[[], int] = lambda: 0
        self._before_lock, self._refreshed, self._to_queue, self._clock = before_lock, refreshed, to_queue, tick.now
        self._steady = tick.steady
        self._turned_at = -MOMENT_S
        self._typed_in: QWidget | None = None
        self._account: Account | None = None
        self._releasing = False
        self._changing_hands = False
        self._mode: Mode | None = None
        self.form = SignOnForm(theme)
        self.page = self._build_page()
        self.bar = LockBar(theme)
        self.hand_over = HandOver(theme)
        self.cover = Cover(behind.ground, theme, self.hand_over, self.free_place, 980)
        self.shade = Shade(behind.ground, behind.panes)
        self.signatures = Signatures(desk, tasks)
        self.idle = Idle(behind.ground.window(), tick, lock_after_s)
        tick.second.connect(self._beat)
        self._connect()

    def _build_page(self) -> QWidget:
        page = QWidget()
        page.setAccessibleName(self.tr("登录页"))
        column = QVBoxLayout(page)
        column.addStretch(2)
        self.form.setFixedWidth(self._theme.px(440))
        # Between stretches and not aligned: an aligned item is asked for its height at the page's width, where
        # sentences need fewer lines than in the form.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.form)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)
        page.hide()
        return page

    def _connect(self) -> None:
        for form in (self.form, self.hand_over.form):
            form.tried.connect(self._tried)
            form.entered.connect(self._entered)
            form.picked.connect(self._picked)
            form.chosen.connect(self._chosen)
            form.left.connect(self._left)
        self.bar.tried.connect(self._unlock)
        self.bar.switched.connect(self._switch)
        self.bar.released.connect(self._release)
        self.idle.passed.connect(self._idle_passed)
        self.seating.changed.connect(self.show_mode)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    # -- what is in sight ------------------------------------------------------------------------------------

    def free_place(self) -> QRect:
        """The ground's part that a cover may take: the panes without the one that is never hidden, and without what
        `kept_free` asks for above."""
        whole, kept = self._behind.panes.geometry(), self._behind.never_hidden
        left = kept.mapTo(self._behind.ground, kept.rect().topLeft()).x()
        width = max(1, left - whole.left() - self._theme.px(3))
        return QRect(whole.left(), whole.top(), width, whole.height()).adjusted(0, self.kept_free(), 0, 0)

    @Slot()
    def show_mode(self) -> None:
        """The window as the seat's state asks for; between two persons it stays as it is."""
        if self._changing_hands:
            return
        mode, before = self.seating.mode, self._mode
        self._account, self._releasing, self._mode = None, False, mode
        self.cover.hide()
        self._behind.panes.setVisible(mode is not Mode.EMPTY)
        self._behind.command_line.setVisible(mode in (Mode.OPEN, Mode.SIGNED))
        self.page.setVisible(mode is Mode.EMPTY)
        self.bar.setVisible(mode is Mode.LOCKED)
        self.shade.setVisible(mode is Mode.LOCKED)
        if mode is Mode.EMPTY:
            self._ask_to_sign_on()
        elif mode is Mode.LOCKED:
            self._show_lock()
        elif mode is not before:
            self._begin()
        self._refreshed()

    def _begin(self) -> None:
        """Keys go on in the field that was typed in, else in the queue: Qt would take whatever comes next, and a
        second Enter after the password must not press a button."""
        field, self._typed_in = self._typed_in, None
        if field is not None and isValid(field) and field.isVisible():
            field.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._to_queue()

    def _ask_to_sign_on(self) -> None:
        self._typed_in = None
        seat = self._desk.seat
        said = self.tr("{goes_on}；登录后才能操作").format(goes_on=self._goes_on)
        self.form.ask(self.tr("{seat} 席 · 登录").format(seat=seat), said, enter=self.tr("登录"))
        self._offer(self.form)
        self.form.take_focus()

    def _offer(self, form: SignOnForm, but: str = "") -> None:
        people = [Somebody(a.number, a.name, a.roles) for a in self.seating.passwordless() if a.number != but]
        form.offer_people(people, fields=self.seating.needs_password)

    def _show_lock(self) -> None:
        person = self.seating.person
        if person is not None:
            why = self.seating.why_locked
            self.bar.show_locked(person.number, person.name, why=why, password=not person.passwordless)
        self.shade.open()

    def refuses(self) -> bool:
        """Whether a key may do nothing now: the person is told why, and what opens the seat takes the keys."""
        refusal = self.seating.refusal
        if refusal:
            self._tasks.messages.warn(refusal)
            self.bring_forward()
        return bool(refusal)

    def bring_forward(self) -> None:
        """The field that opens the seat takes the keys, unless one of them has them."""
        now = self._behind.ground.window().focusWidget()
        asking = (self.bar, self.hand_over, self.form)
        if now is not None and now.isVisible() and any(part.isAncestorOf(now) for part in asking):
            return
        if self.cover.isVisible():
            self.hand_over.form.take_focus()
        elif self.seating.mode is Mode.LOCKED:
            self.bar.take_focus()
        else:
            self.form.take_focus()

    @Slot(QWidget, QWidget)
    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        """While locked no field behind the clear pane takes a key."""
        if self._mode is Mode.LOCKED and now is not None and self._behind.panes.isAncestorOf(now):
            self.bring_forward()

    # -- signing on ------------------------------------------------------------------------------------------

    @property
    def _asking(self) -> SignOnForm:
        return self.hand_over.form if self.cover.isVisible() else self.form

    @Slot(str, str)
    def _tried(self, number: str, password: str) -> None:
        self._tasks.start(self._try(number, password), "sign on")

    async def _try(self, number: str, password: str) -> None:
        """A wrong password is said in the form, where the person looks, not at the window's edge."""
        form = self._asking
        try:
            if self._releasing:
                await self.seating.release(number, password)
                return
            account = await self.seating.check(number, password)
        except UserError as refusal:
            form.show_wrong(said(str(refusal)))
            return
        if self.seating.must_change(account):
            self._account = account
            form.offer_change(f"{account.number} {account.name}", self.seating.password_due(account))
        else:
            await self._go_on(form, account)

    async def _go_on(self, form: SignOnForm, account: Account) -> None:
        """The person is known: the roles are chosen, unless there is one only."""
        self._account = account
        if len(account.roles) > 1:
            form.offer_roles(f"{account.number} {account.name}", account.roles)
        else:
            await self._enter(form, account, account.roles)

    @Slot(str)
    def _chosen(self, password: str) -> None:
        if self._account is not None:
            self._tasks.start(self._choose(self._asking, self._account, password), "new password")

    async def _choose(self, form: SignOnForm, account: Account, password: str) -> None:
        try:
            account = await self.seating.choose_password(account, password)
        except UserError as refusal:
            form.show_weak(said(str(refusal)))
            return
        except EnvironmentFault as fault:
            # Nobody is kept from an alarm by this: it is asked for again at the next sign-on.
            self._tasks.messages.warn(self.tr("密码没有改成，下次登录再改：{why}").format(why=fault))
        form.end_change()
        await self._go_on(form, account)

    async def _enter(self, form: SignOnForm, account: Account, roles: Sequence[str]) -> None:
        hands_over = self._hands_over(form, account)
        if hands_over and self._unread():
            self._ask_again(form, account)
            return
        give = form is self.hand_over.form and self.seating.mode is Mode.SIGNED and self.hand_over.with_incidents
        handover = await self._give() if hands_over else ""
        self._changing_hands = True
        try:
            await self.seating.enter(account, roles, with_incidents=give)
        except UserError as refusal:
            self._changing_hands = False
            if self.seating.mode is Mode.EMPTY:
                self.show_mode()
            self._asking.show_wrong(word(str(refusal)))
            return
        finally:
            self._changing_hands = False
        self.show_mode()
        if handover:
            await self.signatures.take(handover, account.name)
        said = self.tr("{who} 已登录 {seat} 席").format(who=f"{account.number} {account.name}", seat=self._desk.seat)
        due = self.seating.password_due(account)
        if due:
            self._tasks.messages.warn(f"{said}{word('；')}{due}")
        else:
            self._tasks.messages.info(said)

    def _hands_over(self, form: SignOnForm, account: Account) -> bool:
        """Whether somebody hands over with this sign-on: not where he has gone, nor where it is the same person."""
        person = self.seating.person
        if form is not self.hand_over.form or self.seating.mode is not Mode.SIGNED or person is None:
            return False
        return person.number != account.number

    def _unread(self) -> bool:
        """Whether the list has turned since it was read; it stands there now as it is."""
        turned_at, self._turned_at = self._turned_at, -MOMENT_S
        return self._read_list() or self._steady() - turned_at < MOMENT_S

    def _ask_again(self, form: SignOnForm, account: Account) -> None:
        """Both sign what both have read: one more Enter, and no password typed twice (in the demo the same key)."""
        self.hand_over.tell(self.tr("未了事项刚刚变化，请看清后再按一次"))
        if not account.passwordless and not form.chips:
            form.offer_roles(f"{account.number} {account.name}", account.roles)

    async def _give(self) -> str:
        """The giver signs what he leaves, before he is signed off; answers the handover's id."""
        person, sheet = self.seating.person, self.hand_over
        name = person.name if person is not None else ""
        handover = await self.signatures.give(sheet.items, sheet.notes.toPlainText(), name)
        sheet.notes.clear()
        return handover

    @Slot(object)
    def _entered(self, roles: Sequence[str]) -> None:
        if self._account is not None:
            self._tasks.start(self._enter(self._asking, self._account, roles), "sign on")

    @Slot(str)
    def _picked(self, number: str) -> None:
        self._tasks.start(self._try_picked(number), "sign on")

    async def _try_picked(self, number: str) -> None:
        """One key for one of the demo's people: all his roles at once."""
        account = self._desk.picture.state.get(Account, number)
        if account is not None and account.passwordless:
            await self._enter(self._asking, account, account.roles)

    # -- lock and hand-over ----------------------------------------------------------------------------------

    def tell(self, text: str) -> None:
        """A word to whoever sits here."""
        self._tasks.messages.info(text)

    def lock(self, why: str = "") -> None:
        """F12, or nobody has touched anything for a while. What was typed in a field is saved by its author first."""
        if self.seating.mode is Mode.SIGNED:
            self._before_lock()
            at = self._behind.ground.window().focusWidget()
            self._typed_in = at if isinstance(at, QLineEdit | QTextEdit | QPlainTextEdit) else None
            self.seating.lock(why or self.tr("只读：可以看，不能操作；{goes_on}").format(goes_on=self._kept))

    @Slot()
    def _idle_passed(self) -> None:
        after = span_text(self.idle.after_s)
        self.lock(self.tr("{after} 无操作，已自动锁定；可以看，不能操作，报警照常").format(after=after))

    @Slot(str)
    def _unlock(self, password: str) -> None:
        self._tasks.start(self._try_unlock(password), "unlock")

    async def _try_unlock(self, password: str) -> None:
        try:
            await self.seating.unlock(password)
        except UserError as refusal:
            self.bar.show_wrong(said(str(refusal)))

    def open_hand_over(self) -> None:
        """Shift+F12: the one who comes signs on over the running window."""
        self._read_list()
        self._turned_at = -MOMENT_S
        self.hand_over.tell("")
        said = self.tr("接班人登录后，{whom} 即退出").format(whom=self._whom)
        self._open_cover(self.tr("接班人登录"), said, self.tr("接班"))

    @property
    def _whom(self) -> str:
        """Who leaves."""
        person = self.seating.person
        return f"{person.number} {person.name}" if person is not None else self._desk.actor

    def _read_list(self) -> bool:
        """Show what stands open at this moment; answers whether it is another list than the one that was shown."""
        desk, sheet, now, before = self._desk, self.hand_over, self._clock(), self.hand_over.items
        left = standing(desk.picture, desk.health, desk.actor, now)
        items = open_items(desk.picture, desk.health, desk.actor, now, Sight(desk).hidden)
        # Only the owner himself gives his incidents away.
        may_give = self.seating.mode is not Mode.LOCKED
        sheet.show_standing(desk.seat, self._whom, left, items, now, may_give=may_give)
        return {item.news for item in before} != {item.news for item in items}

    @Slot(object)
    def _beat(self, _: object) -> None:
        """An open sheet tells what is open now, not what was when it was opened."""
        if self.cover.isVisible() and not self._changing_hands and self._read_list():
            self._turned_at = self._steady()

    def _open_cover(self, title: str, said: str, enter: str) -> None:
        form = self.hand_over.form
        form.ask(title, said, enter=enter, may_leave=True)
        self._offer(form, but=self._desk.actor)
        self.cover.open()
        form.take_focus()

    @Slot()
    def _switch(self) -> None:
        self._releasing = False
        self.open_hand_over()

    @Slot()
    def _release(self) -> None:
        self.open_hand_over()
        self._releasing = True
        said = self.tr("值班长的警号和密码；原操作人退出，席位空出")
        self._open_cover(self.tr("值班长解除锁定"), said, self.tr("解除"))

    @Slot()
    def _left(self) -> None:
        """Esc: nothing has changed."""
        self._releasing, self._account = False, None
        self.cover.hide()
        if self.seating.mode is Mode.LOCKED:
            self.bar.take_focus()

    def sign_off(self) -> None:
        """The seat is left empty."""
        self._before_lock()
        self._tasks.start(self.seating.sign_off(), "sign off")

    async def close(self) -> None:
        """The window goes: whoever sits here is signed off, if that can still be stored."""
        self.seating.close()
        self._changing_hands = True  # the panes stay as they are to the end
        if self.seating.mode in (Mode.SIGNED, Mode.LOCKED):
            try:
                await self.seating.sign_off("closed")
            except (UserError, EnvironmentFault) as fault:
                log.warning("the sign-off was not stored: %s", fault)
