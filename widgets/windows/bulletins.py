"""Bulletins 布控、协查、通播 in a window: how many are unread here, the sheet to read, issue and cancel them.

Opening one is this seat's receipt. Who would be told is named before anything is sent, and exactly those are told.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QRect, Signal, Slot
from PySide6.QtWidgets import QWidget

from console.domain.bulletin import ANSWERED, BULLETIN_KINDS, RECEIPT_STATES, SEAT, Bulletin, BulletinReceipt
from console.domain.errors import EnvironmentFault, UserError
from console.services import bulletins
from console.services.desk import Desk
from console.services.photos import Photos
from console.services.picture import Changes
from console.services.receivers import beats, find
from console.services.telling_waiting import until_text
from widgets.allowed import why_not
from widgets.panels.bulletin_form import Written
from widgets.panels.bulletins import BulletinRow, BulletinsSheet
from widgets.panels.confirm_strip import Told
from widgets.panels.cover import Cover
from widgets.tasks import Tasks
from widgets.text import minute_text, said, word
from widgets.theme import Theme
from widgets.tick import Tick

CHANNELS = {"screen": "屏幕", "terminal": "车载终端", "sms": "短信", "radio": "电台告知", "phone": "打电话告知"}
"""By what somebody is told."""

ENDED_SHOWN = 50
"""So many that are over stand in the list."""


class Bulletins(QObject):
    """`counted` carries how many nobody at this seat has opened, and how many are in force."""

    counted = Signal(int, int)

    def __init__(
        self, desk: Desk, theme: Theme, tick: Tick, tasks: Tasks, ground: QWidget, place: Callable[[], QRect]
    ) -> None:
        super().__init__(ground)
        self._desk, self._tick, self._tasks = desk, tick, tasks
        self._photos: Photos | None = None
        self._form: Written | None = None
        self._told: tuple[int, int] | None = None
        self._known: set[str] = set()
        self.sheet = BulletinsSheet(theme, beats())
        self.cover = Cover(ground, theme, self.sheet, place, 920)
        self.sheet.chosen_one.connect(self._read)
        self.sheet.written.connect(self._name)
        self.sheet.issued.connect(self._issue)
        self.sheet.cancelled.connect(self._cancel)
        self.sheet.told.connect(self._tick_receipt)
        self.sheet.left.connect(self.cover.hide)
        tick.second.connect(self._beat)
        self.close = desk.picture.observe(self._take_in)

    def keep_photos_in(self, photos: Photos) -> None:
        """Where picked pictures go."""
        self._photos = photos

    # -- what it shows -------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Count, and show anew what is open."""
        state, now = self._desk.picture.state, self._tick.now()
        running = bulletins.in_force(state, now)
        counts = (len(bulletins.unread(state, self._desk.seat, now)), len(running))
        if counts != self._told:
            self._told = counts
            self.counted.emit(*counts)
        if self.cover.isVisible():
            self._show_rows(running)

    def _show_rows(self, running: Sequence[Bulletin]) -> None:
        state, now = self._desk.picture.state, self._tick.now()
        over = bulletins.ended(state, now)[:ENDED_SHOWN]
        unread = {bulletin.id for bulletin in bulletins.unread(state, self._desk.seat, now)}
        rows = [self._in_words(row, now, fresh=row.id in unread) for row in (*running, *over)]
        title = self.tr("布控通播 · 有效 {n} · 已结束 {m}").format(n=len(running), m=len(over))
        self.sheet.show_rows(title, rows, why_not(self._desk, "bulletin.issue"))

    def _in_words(self, row: Bulletin, now: datetime, *, fresh: bool) -> BulletinRow:
        kind = word(BULLETIN_KINDS[row.kind])
        receipts = bulletins.receipts_of(self._desk.picture.state, row.id)
        path = self._photos.path(row.photo) if self._photos is not None else None
        body = [f"{kind} {row.short} · {row.title}", row.text]
        if row.plate:
            body.append(self.tr("车牌 {plate}").format(plate=row.plate))
        if row.person:
            body.append(self.tr("人员 {person}").format(person=row.person))
        area = " ".join(row.area) or self.tr("全部")
        body.append(self.tr("警区 {area} · {stands}").format(area=area, stands=self._stands(row, now)))
        body.append(self._counted(receipts))
        if row.photo and path is None:
            body.append(self.tr("照片存在发布的电脑上，本机没有"))
        mark = self.tr("● 未读 ") if fresh else ""
        return BulletinRow(
            key=row.id,
            text=f"{mark}{kind} {row.plate} {row.title}".replace("  ", " "),
            said=f"{row.short} · {self._stands(row, now)}",
            body="\n".join(body),
            receipts=tuple((receipt.id, self._receipt(receipt)) for receipt in receipts),
            photo=path,
            over=not row.in_force(now),
            fresh=fresh,
        )

    def _stands(self, row: Bulletin, now: datetime) -> str:
        if row.cancelled_at is not None:
            told = self.tr("{time} 由 {who} 撤销").format(time=until_text(row.cancelled_at), who=row.cancelled_by)
            return f"{told}{word('：')}{row.reason}"
        if now >= row.until:
            return self.tr("{time} 到期").format(time=until_text(row.until))
        return self.tr("至 {time}").format(time=until_text(row.until))

    def _receipt(self, receipt: BulletinReceipt) -> str:
        by_hand = receipt.channel in bulletins.BY_HAND and receipt.state == "SENT"
        state = self.tr("待告知") if by_hand else word(RECEIPT_STATES[receipt.state])
        at = minute_text(receipt.told_at) if receipt.told_at is not None else ""
        found = find(receipt.recipient) if receipt.channel == "phone" else None
        phone = found.phone if found is not None else ""
        told = " ".join(filter(None, [state, at, word(receipt.told_by), receipt.text]))
        glyph = {"FAILED": "⚠", "READ": "✓", "ANSWERED": "✓"}.get(receipt.state, "○")
        way = " ".join(filter(None, [word(CHANNELS.get(receipt.channel, receipt.channel)), phone]))
        return f"{glyph} {self._name_of(receipt.recipient, receipt.name)} · {way} · {told}"

    def _name_of(self, recipient: str, name: str) -> str:
        return said(name) if recipient.startswith(SEAT) else name

    def _counted(self, receipts: Sequence[BulletinReceipt]) -> str:
        """回执：已知 3 · 未送达 1 · 待告知 12 · 等回执 2."""
        by_hand = [row for row in receipts if row.channel in bulletins.BY_HAND and row.state == "SENT"]
        read = sum(row.state in ANSWERED for row in receipts)
        failed = sum(row.state == "FAILED" for row in receipts)
        pattern = self.tr("共 {all} 处：已知 {n} · 未送达 {m} · 待人告知 {k}")
        return pattern.format(all=len(receipts), n=read, m=failed, k=len(by_hand))

    def _take_in(self, changes: Changes) -> None:
        rows = (*changes.added, *changes.updated, *changes.removed)
        for row in changes.added:
            if isinstance(row, Bulletin):
                self._announce(row)
        if any(isinstance(row, (Bulletin, BulletinReceipt)) for row in rows):
            self.refresh()

    def _announce(self, row: Bulletin) -> None:
        """Another seat's is told here at once, without taking the keys from anything."""
        if row.issued_by != self._desk.actor and row.in_force(self._tick.now()):
            pattern = self.tr("新{kind}：{title}（Ctrl+Shift+K 查看）")
            self._tasks.messages.info(pattern.format(kind=word(BULLETIN_KINDS[row.kind]), title=row.title))

    @Slot(object)
    def _beat(self, now: datetime) -> None:
        if now.second % 10 == 0 or self._told is None:
            self.refresh()

    # -- what a person does --------------------------------------------------------------------------------------

    def open(self, kind: str = "", text: str = "") -> None:
        """Ctrl+Shift+K: the list; with a kind the form."""
        self._show_rows(bulletins.in_force(self._desk.picture.state, self._tick.now()))
        self.cover.open()
        if kind:
            why = why_not(self._desk, "bulletin.issue")
            if why:
                self._tasks.messages.warn(why)
            else:
                self.sheet.form.begin(kind, text)
                self.sheet.write()
        elif self.sheet.page == "detail":
            self.sheet.show_detail()
            if self.sheet.chosen is not None:
                self._read(self.sheet.chosen.key)
        self.sheet.take_focus()

    @Slot(str)
    def show_one(self, key: str) -> None:
        """A hit in the column leads here."""
        self.open()
        self.sheet.choose(key)

    @Slot(str)
    def _read(self, key: str) -> None:
        """Opening it is the receipt of this seat."""
        state, now = self._desk.picture.state, self._tick.now()
        unread = [row.id for row in bulletins.unread(state, self._desk.seat, now)]
        if self.cover.isVisible() and key in unread and not why_not(self._desk, "bulletin.told"):
            receipt = f"{key}@{SEAT}{self._desk.seat}"
            self._tasks.start(self._desk.do("bulletin.told", receipt=receipt, state="READ"), "bulletin.told")

    @Slot(object)
    def _name(self, form: Written) -> None:
        """Name who would be told; nothing has been sent yet."""
        try:
            named = bulletins.named(self._desk.picture.state, form.area, self._desk.seat)
        except UserError as fault:
            self.sheet.form.tell(said(str(fault)))
            return
        self._form = form
        rows = [
            Told(one.recipient, self._name_of(one.recipient, one.name), word(CHANNELS[one.channel])) for one in named
        ]
        machines = sum(one.channel not in bulletins.BY_HAND for one in named)
        title = self.tr("{kind}“{title}”将通知 {n} 处：程序 {m}，须人告知 {k}").format(
            kind=word(BULLETIN_KINDS[form.kind]),
            title=form.title,
            n=len(named),
            m=machines,
            k=len(named) - machines,
        )
        until = self.tr("至 {time}").format(time=until_text(self._desk.clock() + timedelta(hours=form.hours)))
        area = " ".join(form.area) or self.tr("全部")
        told = self.tr("{text} · 警区 {area} · {until}").format(text=form.text, area=area, until=until)
        self.sheet.show_strip()
        self.sheet.strip.ask(title, told, rows, self.tr("确认发布"))

    @Slot(object)
    def _issue(self, recipients: Sequence[str]) -> None:
        form, self._form = self._form, None  # A second Enter while this one is under way issues nothing.
        if form is not None:
            self._tasks.start(self._issued(form, recipients), "bulletin.issue")

    async def _issued(self, form: Written, recipients: Sequence[str]) -> None:
        try:
            photo = await self._kept(form)
            until = (self._desk.clock() + timedelta(hours=form.hours)).isoformat()
            said_so = {"plate": form.plate, "person": form.person, "photo": photo, "area": list(form.area)}
            key = await self._desk.do(
                "bulletin.issue",
                kind=form.kind,
                title=form.title,
                text=form.text,
                until=until,
                recipients=list(recipients),
                **said_so,
            )
        except (UserError, EnvironmentFault) as fault:
            self._form = self._form or form
            self.sheet.write()
            self.sheet.form.tell(said(str(fault)))
            return
        self.sheet.form.clear()
        self.refresh()
        self.sheet.choose(str(key))
        done = self.tr("已发布{kind}“{title}”，通知 {n} 处")
        told = {"kind": word(BULLETIN_KINDS[form.kind]), "title": form.title, "n": len(recipients)}
        self._tasks.messages.info(done.format(**told))

    async def _kept(self, form: Written) -> str:
        if form.photo is None or self._photos is None:
            return ""
        return await asyncio.to_thread(self._photos.keep, form.photo)

    @Slot(str, str)
    def _cancel(self, key: str, reason: str) -> None:
        self._tasks.start(self._desk.do("bulletin.cancel", bulletin=key, reason=reason), "bulletin.cancel")

    @Slot(str)
    def _tick_receipt(self, receipt: str) -> None:
        said_so = self.sheet.take_line()
        step = self._desk.do("bulletin.told", receipt=receipt, state="READ", text=said_so)
        self._tasks.start(step, "bulletin.told")
