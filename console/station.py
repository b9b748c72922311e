"""Station: the composition without Qt.

Journal, spool, picture, desk, lines, watch and unloading, built in that order by constructor arguments. The
same station stands behind the windows, the command `lines`, the demo and the tests. `start` and `stop` need
a running loop; stopping follows DESIGN section 5.
"""

import asyncio
import hashlib
import logging
import socket
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from console import logs
from console.domain.clock import Clock, SteeredClock, system_clock
from console.domain.errors import EnvironmentFault, JournalUnavailable, UserError
from console.domain.reference import Reference
from console.domain.site import Signal
from console.domain.state import MemoryState
from console.persistence import store
from console.persistence.dialect import identity, is_server, named
from console.persistence.feed import Feed
from console.persistence.journal import Journal
from console.persistence.leases import LEASE_S
from console.persistence.presence import PresenceBoard
from console.persistence.queries import Queries
from console.persistence.secrets import Secrets
from console.persistence.server_clock import ServerClock
from console.persistence.spool import Spool, SpoolRow
from console.services import order_text
from console.services import reference as reference_tables
from console.services.acts import ACTS
from console.services.calls_in_hand import OfferWatch
from console.services.catching_up import catch_up
from console.services.desk import Desk
from console.services.equipment_clock import EquipmentClock
from console.services.exchange_worker import ExchangeOrders
from console.services.ground import ground_chores
from console.services.health import Health
from console.services.kept_lines import keep, read_kept, with_kept
from console.services.leases import LineLeases, this_process
from console.services.lines import Lines, read_specs
from console.services.no_spool import NoSpool
from console.services.order_word import ReceiptWatch
from console.services.outbox import Outbox
from console.services.picture import Picture, log_bug
from console.services.presence import Presence
from console.services.repair_watch import RepairWatch
from console.services.repeats import REPEAT_GAP_S, Heard
from console.services.rights import COMMAND_LINE
from console.services.seat_number import seat_chore
from console.services.sign_on import SignOn
from console.services.supervision import Supervision
from console.services.terminal_texts import TerminalTexts
from console.services.unloading import Unloading
from console.services.vehicle_following import Following
from console.services.vehicles import Vehicles
from console.services.verifying import Verifying
from console.services.watch import Chore, Watch
from console.settings import Settings

log = logging.getLogger(__name__)

DRAIN_S = 2.0
AGAIN_AFTER_S = 1.0
HEAD_EVERY_S = 3600.0
PASSWORDS_EVERY_S = 60.0
"""How old the hashes may be by which people sign on while the database is away."""
RECENT = 1000
"""How far back in the journal the last signal of a line is looked for."""
TAKEN_OVER = timedelta(seconds=LEASE_S + REPEAT_GAP_S)
"""A sender whose host died unanswered repeats to the next one for so long after the frame was stored."""


def database_url(settings: Settings, url: str | None = None) -> str:
    """The URL to use: the one asked for, the one of the settings, else SQLite in the data folder."""
    chosen = url or settings.db
    if chosen:
        return chosen
    try:
        settings.data_folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UserError(f"不能建立数据文件夹 {settings.data_folder}：{problem.strerror}") from problem
    return f"sqlite:///{settings.data_folder / 'console110.db'}"


def spool_file(settings: Settings, url: str) -> Path:
    """This machine's spool for this database, however its address is written.

    What waits for one journal must never reach another: whoever names the file in the settings answers for that.
    """
    mark = hashlib.sha256(identity(url).encode()).hexdigest()[:12]
    return settings.spool or settings.data_folder / f"spool-{mark}.db"


def heads_file(settings: Settings, url: str) -> Path:
    """Where this host keeps the heads of the journal: beside a file, in the data folder for a server's."""
    if not is_server(url):
        return store.heads_file(url)
    return settings.data_folder / f"heads-{hashlib.sha256(identity(url).encode()).hexdigest()[:12]}.jsonl"


def _open_spool(settings: Settings, url: str, clock: Clock, health: Health) -> Spool | NoSpool:
    """The spool; NoSpool and a lamp if it cannot be opened."""
    file = spool_file(settings, url)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return Spool.open(file, clock)
    except (OSError, JournalUnavailable) as problem:
        remedy = f"检查 {file.parent} 的权限和磁盘空间"
        health.fault("spool", "本机暂存打不开，数据库失灵时将不能应答", remedy)
        log.warning("no spool at %s: %s", file, problem)
        return NoSpool(JournalUnavailable("本机暂存不可用", remedy))


def _tell_bug(health: Health, where: str, error: Exception) -> None:
    log_bug(where, error)
    health.fault(f"bug:{where}", f"程序内部错误（{where}）", "请保存日志并报告")


@dataclass(slots=True, eq=False)
class Station:
    """Everything but windows. Made by `build_station`."""

    settings: Settings
    url: str
    clock: SteeredClock
    reference: Reference
    journal: Journal
    spool: Spool | NoSpool
    queries: Queries
    picture: Picture
    health: Health
    desk: Desk
    server_clock: ServerClock | None
    line_texts: tuple[str, ...] = ()
    lines: Lines | None = None
    leases: LineLeases | None = None
    watch: Watch = field(init=False)
    presence: Presence = field(init=False)
    vehicles: Vehicles = field(init=False)
    supervision: Supervision = field(init=False)
    secrets: Secrets = field(init=False)
    sign_on: SignOn = field(init=False)
    _feed: Feed | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.secrets = Secrets(self.url)
        host = self.settings.host or socket.gethostname()
        self.sign_on = SignOn(self.desk, self.secrets, host)
        self.vehicles = Vehicles(self.picture, self.journal)
        self.presence = Presence(self.desk, partial(PresenceBoard, self.url))
        self.watch = Watch(self.desk, tracking=self.settings.tracking)
        self.watch.add_chore(Outbox(self.desk, lambda: self.lines or ()).chore)
        self.watch.add_chore(ExchangeOrders(self.desk, lambda: self.lines or ()).chore)
        self.watch.add_chore(OfferWatch(self.desk).chore)
        self.watch.add_chore(TerminalTexts(self.desk, self.vehicles).chore)
        self.watch.add_chore(ReceiptWatch(self.desk).chore)
        self.watch.add_chore(Chore("head", HEAD_EVERY_S, self._note_head))
        self.watch.add_chore(seat_chore(self.desk, host))
        self.watch.add_chore(Chore("passwords", PASSWORDS_EVERY_S, self.sign_on.learn))
        self.watch.add_chore(Verifying(self.desk, self.url, heads_file(self.settings, self.url)).chore)
        self.supervision = Supervision(self.desk, lambda: self.lines or ())
        for due in (*RepairWatch(self.desk).chores, EquipmentClock(self.desk).chore, *self.supervision.chores):
            self.watch.add_chore(due)
        folders = (self.settings.data_folder, spool_file(self.settings, self.url).parent)
        offset = self.server_clock.offset if self.server_clock is not None else None
        for chore in ground_chores(self.health, folders, offset, self.clock.steer, logs.trouble):
            self.watch.add_chore(chore)

    async def start(self) -> None:
        """Open the lines and begin to follow the journal and the clock. UserError for a bad line."""
        specs = with_kept(read_specs(self.line_texts), self.settings.data_folder, self.health)
        waiting = await asyncio.to_thread(self._waiting)
        self.health.spooled(len(waiting))
        await self.desk.show_spooled([row.act for row in waiting])
        self._keep("feed", self._follow)
        self._keep("unloading", Unloading(self.desk, self.journal, self.spool).run)
        self._keep("watch", self.watch.run)
        self._keep("passwords", self.sign_on.learn)
        last = await asyncio.to_thread(self._last_signals)
        self.leases = self._new_leases()
        host = self.leases.holder.host
        self.lines = Lines(specs, self.desk, last, self.settings.capture, host, self.vehicles)
        self.lines.tap.listen_to_frames(self.supervision.hear)
        self.lines.start()
        self._keep("supervision", partial(self.supervision.remember, self.queries))
        self._keep("vehicles", self.vehicles.run)
        self._keep("following", Following(self.picture, self.queries.track, self.clock).run)
        self._keep("leases", partial(self.leases.run, {line.name: line for line in self.lines}))

    def add_line(self, text: str) -> str:
        """One more line, now and at every start of this machine; answers its name.

        UserError: it is written wrongly, or the name is taken. EnvironmentFault: it works, but could not be kept.
        """
        if self.lines is None or self.leases is None:
            raise UserError("还在启动，请稍候再添加线路")
        line = self.lines.add(text)
        self.leases.add(line)
        keep(self.settings.data_folder, [*read_kept(self.settings.data_folder), text])
        return line.name

    def _waiting(self) -> list[SpoolRow]:
        """What this machine's spool holds from before this start."""
        self.spool.wait_for_held()
        return self.spool.pending()

    async def stop(self) -> None:
        """Shut down: no more bytes read and no ACK; what is on its way is stored or spooled; then close."""
        if self.lines is not None:
            await self.lines.stop()
            await self.vehicles.flush()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._feed is not None:
            await asyncio.to_thread(self._feed.close)
        await asyncio.to_thread(self.close)
        if self.leases is not None:
            await self.leases.release()

    def close(self) -> None:
        """Drain the writer, keep the rest in the spool, close both. Blocks; `stop` calls it."""
        for act in self.journal.close(DRAIN_S):
            try:
                self.spool.put(act)
            except JournalUnavailable as fault:
                log.error("an act could not be kept: %s %s: %s", act.name, act.act_id, fault)
        self.queries.close()
        self.secrets.close()
        if self.server_clock is not None:
            self.server_clock.close()
        self.spool.close()

    # -- tasks -----------------------------------------------------------------------------------------------

    def _keep(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tasks.append(asyncio.create_task(self._keep_running(name, run), name=name))

    async def _keep_running(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a task of the house; if it trips over our own bug, say so and begin again."""
        while True:
            try:
                return await run()
            except Exception:
                log.exception("%s failed", name)
                self.health.fault(f"bug:{name}", f"程序内部错误（{name}），已自动重新开始", "请保存日志并报告")
                await asyncio.sleep(AGAIN_AFTER_S)

    def _feed_changed(self, fault: JournalUnavailable | None) -> None:
        """The feed fell behind, or is up again: what other seats do is not seen meanwhile."""
        if fault is None:
            self.health.mended("feed")
        else:
            self.health.fault("feed", f"看不到其他席位的变化：{fault.what}", fault.remedy)
            if is_server(self.url):
                # Nobody need wait two seconds to find the same: acts go to the spool at once.
                self.journal.doubt(fault)
                self.health.journal_failed(fault)

    async def _follow(self) -> None:
        """Follow the journal from where the picture is; one that was away at the start fills the picture first."""
        await self._answered()
        self._feed = self._feed or Feed(self.journal.url, self.picture.seq, self._feed_changed)
        async for facts in self._feed:
            await catch_up(self.picture, self.journal, facts)

    async def _answered(self) -> None:
        """Until the journal is up."""
        changed = asyncio.Event()
        end = self.health.observe(changed.set, lasting=True)
        try:
            while not self.health.journal_up:
                await changed.wait()
                changed.clear()
        finally:
            end()

    def read_head(self) -> str:
        """The journal's last number and hash, for paper. Blocks; JournalUnavailable."""
        head = self.journal.head()
        return f"第 {head.seq} 条 {head.hash}"

    async def _note_head(self) -> None:
        await asyncio.to_thread(store.note_head, self.url, heads_file(self.settings, self.url))

    def _new_leases(self) -> LineLeases:
        """The leases of this machine's lines; what was seen of them last is kept beside the spool."""
        file = spool_file(self.settings, self.url)
        return LineLeases(
            self.url,
            this_process(self.desk.seat, self.settings.host),
            file.with_name(f"{file.stem}-lines.json"),
            self._unattended,
            partial(self._last_signals, TAKEN_OVER),
        )

    def _unattended(self, lines: Mapping[str, str]) -> None:
        """A lamp for each line whose receiver is gone, until another has taken it."""
        for source in [source for source in self.health.faults if source.startswith("unattended:")]:
            if source.removeprefix("unattended:") not in lines:
                self.health.mended(source)
        for name, receiver in lines.items():
            remedy = "启动该机的收信服务，或在接得到该线路的席位用 --line 接收"
            self.health.fault(f"unattended:{name}", f"线路{name} 无人接收：{receiver}已停止", remedy)

    def _last_signals(self, not_older: timedelta = timedelta.max) -> dict[str, list[Heard]]:
        """What each line stored lately, which a sender may be about to repeat; the journal's, then the spool's."""
        last: dict[str, list[Heard]] = {}
        for signal in self._stored_signals(not_older):
            kept = {"ingest_id": signal.ingest_id, "raw_hex": signal.raw_hex, "account": signal.account}
            last.setdefault(signal.line, []).append(kept | {"received_at": signal.received_at.isoformat()})
        try:
            waiting = [row.act.args for row in self.spool.pending() if row.act.name == "intake.receive"]
        except EnvironmentFault as fault:
            log.warning("the last signals of the spool are not known: %s", fault)
            return last
        for args in waiting:
            report = args["report"]
            kept = {"ingest_id": args["ingest_id"], "raw_hex": report["raw_hex"]}
            kept |= {"account": str(report.get("account") or ""), "received_at": args["received_at"]}
            last.setdefault(args["line"], []).append(kept)
        return last

    def _stored_signals(self, not_older: timedelta) -> list[Signal]:
        """What the lines received last; nothing while the journal is away, the ports must not wait for it."""
        if self.journal.fault is not None:
            return []
        now = self.clock()
        try:
            rows = self.queries.signals(since=max(0, self.picture.seq - RECENT))
            return [row.signal for row in rows if now - row.signal.received_at <= not_older]
        except EnvironmentFault as fault:
            log.warning("the last signals are not known: %s", fault)
            return []


def _fill(picture: Picture, journal: Journal, health: Health) -> None:
    """Show what the journal holds; from a server that is away now unloading fills the picture when it comes."""
    try:
        if journal.fault is not None:
            raise journal.fault
        fresh = MemoryState()
        head = journal.load_state(fresh)
    except JournalUnavailable as fault:
        if not is_server(journal.url):
            raise
        health.journal_failed(fault)
        log.warning("the journal is away at the start: %s", fault)
    else:
        picture.replace_state(fresh, head.seq)


def build_station(
    settings: Settings,
    db_url: str | None = None,
    lines: Sequence[str] = (),
    *,
    seat: str | None = None,
    actor: str | None = None,
    clock: Clock = system_clock,
    reference: Reference | None = None,
) -> Station:
    """Open everything and fill the picture; nothing runs before `start`. Blocks some tenths of a second.

    `lines` come besides those of the settings. A database server that is away is waited for: the station begins
    with an empty picture and its spool. Raises UserError (reference tables, database address, a newer database)
    and JournalUnavailable (the database cannot be written).
    """
    if COMMAND_LINE in (seat, settings.seat):
        raise UserError(f"{COMMAND_LINE} 是命令行专用的席位号，请换一个")
    tables = reference or reference_tables.load(own_protocols=settings.protocols)
    order_text.use(tables)
    for fault in tables.protocols.faults:
        log.warning("question protocols: %s", fault)
    url = named(database_url(settings, db_url), f"console110/{seat or settings.seat}")
    health = Health()
    steered = SteeredClock(clock)
    journal = Journal.open(url, ACTS, steered, number_prefix=settings.number_prefix, wait=not is_server(url))
    spool = _open_spool(settings, url, steered, health)
    picture = Picture(tables, on_bug=partial(_tell_bug, health))
    _fill(picture, journal, health)
    desk = Desk(
        journal=journal,
        spool=spool,
        picture=picture,
        health=health,
        reference=tables,
        acts=ACTS,
        clock=steered,
        actor=actor or settings.actor,
        seat=seat or settings.seat,
        prefix=settings.number_prefix,
    )
    return Station(
        settings=settings,
        url=url,
        clock=steered,
        reference=tables,
        journal=journal,
        spool=spool,
        queries=Queries(url),
        picture=picture,
        health=health,
        desk=desk,
        server_clock=ServerClock.of(url, clock),
        line_texts=(*settings.lines, *lines),
    )
