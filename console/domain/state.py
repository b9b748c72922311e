"""State: the entities as they stand, behind one small interface.

The journal's writer keeps them in tables, the picture and the rebuild test keep them in memory; `fold`
changes both by the same rules.
"""

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar, cast

from console.domain.account import Account, Seat
from console.domain.alarm import Alarm
from console.domain.answer import Answer
from console.domain.approval import Approval, Hold
from console.domain.assignment import Assignment
from console.domain.bulletin import Bulletin, BulletinReceipt
from console.domain.call import Call
from console.domain.emergency import Emergency
from console.domain.errors import UserError
from console.domain.handoff import Handoff
from console.domain.handover import Handover
from console.domain.incident import Incident
from console.domain.link import IncidentLink, StackedJob
from console.domain.outbox import OutboxMessage
from console.domain.repair import RepairOrder
from console.domain.report_up import HelpRequest, ReportUp
from console.domain.site import Line, Signal, Site
from console.domain.test_run import TestRun, TestStep
from console.domain.test_window import TestWindow
from console.domain.trouble import Trouble
from console.domain.unit import Unit


class Entity(Protocol):
    """A thing with a key; one of `KINDS`."""

    @property
    def key(self) -> str: ...


E = TypeVar("E", bound=Entity)

KINDS: tuple[type[Entity], ...] = (
    Incident,
    Assignment,
    Handoff,
    Alarm,
    Unit,
    Site,
    Line,
    Signal,
    Account,
    Seat,
    Approval,
    Hold,
    Trouble,
    TestWindow,
    RepairOrder,
    TestRun,
    TestStep,
    OutboxMessage,
    Call,
    Answer,
    IncidentLink,
    StackedJob,
    Emergency,
    HelpRequest,
    Bulletin,
    BulletinReceipt,
    ReportUp,
    Handover,
)

_MARKS = re.compile(r"[#/?^!]")

INDEXES: Mapping[type[Entity], tuple[str, ...]] = {
    Incident: ("alias", "main"),
    Assignment: ("incident", "unit"),
    Handoff: ("incident",),
    Alarm: ("incident", "site", "account"),
    Unit: ("incident",),
    Site: ("account",),
    Line: (),
    Signal: ("line",),
    Account: (),
    Seat: ("actor",),
    Approval: (),
    Hold: (),
    Trouble: ("site", "line"),
    TestWindow: ("site",),
    RepairOrder: ("site",),
    TestRun: ("site",),
    TestStep: ("run",),
    OutboxMessage: ("about",),
    Call: ("number",),
    Answer: ("incident",),
    IncidentLink: ("incident", "other"),
    StackedJob: ("unit", "incident"),
    Emergency: ("unit",),
    HelpRequest: ("incident",),
    Bulletin: (),
    BulletinReceipt: ("bulletin", "recipient"),
    ReportUp: ("incident",),
    Handover: ("seat",),
}
"""The fields by which `where` is quick; the tables carry the same indexes."""


class State(Protocol):
    """Entities by kind and key."""

    def get(self, kind: type[E], key: str) -> E | None:
        """The entity, or None."""

    def put(self, entity: Entity) -> None:
        """Insert or replace by key."""

    def where(self, kind: type[E], **equal: object) -> list[E]:
        """All entities whose fields equal the given values (of a tuple: any of them, none of them None), in the order
        of their keys."""


class MemoryState:
    """State in dictionaries, with the indexes of `INDEXES`; the keys of each kind are kept in order."""

    def __init__(self) -> None:
        self._rows: dict[type[Entity], dict[str, Entity]] = {kind: {} for kind in KINDS}
        self._order: dict[type[Entity], list[str]] = {kind: [] for kind in KINDS}
        self._index: dict[tuple[type[Entity], str], dict[object, set[str]]] = defaultdict(lambda: defaultdict(set))

    def get(self, kind: type[E], key: str) -> E | None:
        row = self._rows[kind].get(key)
        return row if isinstance(row, kind) else None

    def put(self, entity: Entity) -> None:
        kind, key = type(entity), entity.key
        old = self._rows[kind].get(key)
        self._rows[kind][key] = entity
        if old is None:
            insort(self._order[kind], key)
        for name in INDEXES[kind]:
            now = getattr(entity, name)
            if old is None or getattr(old, name) != now:
                self._unlist(old, name)
                self._index[kind, name][now].add(key)

    def drop(self, kind: type[Entity], key: str) -> None:
        """Forget an entity (the picture lets go of old ones); nothing if it is not there."""
        old = self._rows[kind].pop(key, None)
        if old is None:
            return
        order = self._order[kind]
        del order[bisect_left(order, key)]
        for name in INDEXES[kind]:
            self._unlist(old, name)

    def _unlist(self, old: Entity | None, name: str) -> None:
        if old is not None:
            self._index[type(old), name][getattr(old, name)].discard(old.key)

    def where(self, kind: type[E], **equal: object) -> list[E]:
        indexed = next((name for name in equal if name in INDEXES[kind]), None)
        if indexed is None:
            keys: Iterable[str] = self._order[kind]
        else:
            index = self._index[kind, indexed]
            keys = sorted({key for value in _any(equal.pop(indexed)) for key in index.get(value, ())})
        # Only entities of this kind are ever put under it.
        rows = cast("dict[str, E]", self._rows[kind])
        found = [rows[key] for key in keys]
        for name, value in equal.items():
            wanted = _any(value)
            found = [row for row in found if getattr(row, name) in wanted]
        return found

    def all(self, kind: type[E]) -> list[E]:
        """Every entity of a kind, in the order of its keys."""
        return self.where(kind)


NAMES: Mapping[type[Entity], str] = {
    Incident: "警情",
    Assignment: "派警单",
    Handoff: "联动派单",
    Alarm: "一键报警",
    Unit: "警组",
    Site: "点位",
    Line: "线路",
    Signal: "信号",
    Account: "账号",
    Seat: "席位",
    Approval: "审批",
    Hold: "留存令",
    Trouble: "技术事件",
    TestWindow: "测试报备",
    RepairOrder: "维修单",
    TestRun: "验收测试",
    TestStep: "测试步骤",
    OutboxMessage: "短信",
    Call: "来电",
    Answer: "问询答复",
    IncidentLink: "关联",
    StackedJob: "叠放警情",
    Emergency: "紧急求助",
    HelpRequest: "协作请求",
    Bulletin: "布控通播",
    BulletinReceipt: "通播回执",
    ReportUp: "报告上级",
    Handover: "交接班",
}


def need(state: State, kind: type[E], key: str) -> E:
    """The entity; UserError if there is none.

    What was made while the journal was away is also found by the local number it had then (alias).
    """
    found = state.get(kind, key) or state.get(kind, _present_key(state, key))
    if found is None:
        raise UserError(f"查无此{NAMES[kind]}：{key}")
    return found


def _present_key(state: State, key: str) -> str:
    """The key with a local incident number replaced by the number the journal gave."""
    number, rest = split_key(key)
    known = state.where(Incident, alias=number) if number else []
    return f"{known[0].number}{rest}" if known else key


def split_key(key: str) -> tuple[str, str]:
    """(the incident's number, what follows it) of a key that begins with one: a handoff `#`, an order `/`, an answer
    `?`, a report up `^`, a request for help `!`."""
    found = _MARKS.search(key)
    return (key[: found.start()], key[found.start() :]) if found else (key, "")


def _any(value: object) -> tuple[object, ...]:
    """The values a field may have."""
    return value if isinstance(value, tuple) else (value,)
