"""Reading the reference tables: each file checked against its schema, then the files against each other.

A county edits these files by hand, so every fault is collected and named with its file, place and reason
in one error; nothing half-loaded ever reaches the desk.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.domain.errors import UserError
from console.domain.ladder import Limit, Stage, StageLimits
from console.domain.lexicon import EITHER, GAP
from console.domain.protocol import Book
from console.domain.reference import (
    Agency,
    DeskLimits,
    Document,
    IncidentCode,
    Priority,
    Reference,
    RoutingRule,
    StatusPenalty,
    UnitType,
)
from console.services import net, protocols
from console.services.plan_table import PlansFile, RepliesFile, plan_faults, reply_faults
from console.services.sayings_table import Sayings, SayingsFile, saying_faults, together, usable
from console.spelling.initials import InitialsTable
from resources import ROOT

log = logging.getLogger(__name__)

SAYINGS = "sayings"
"""The folder of what people say, a file a first-level code or as a county likes, and of what was learnt from it."""
WEIGHTS, NET = "weights.bin", "net.bin"


class _File(BaseModel):
    """What every file says of itself: where it comes from, where it applies, since when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    date: str = Field(min_length=4)


class _Agencies(_File):
    documents: tuple[Document, ...]
    agencies: tuple[Agency, ...]


class _Codes(_File):
    codes: tuple[IncidentCode, ...]


class _Routing(_File):
    rules: tuple[RoutingRule, ...]


class _Named(BaseModel):
    """A priority by its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    priority: Priority
    name: str = Field(min_length=1)
    dispatch_goal_s: int | None = None


class _Deadlines(_File):
    home: str = Field(min_length=1)
    priorities: tuple[_Named, ...]
    limits: tuple[Limit, ...]
    desk: DeskLimits

    @property
    def stages(self) -> dict[int, StageLimits]:
        """The rows of each priority together."""
        return {
            named.priority: StageLimits(
                priority=named.priority,
                name=named.name,
                dispatch_goal_s=named.dispatch_goal_s,
                limits={row.stage: row for row in self.limits if row.priority == named.priority},
            )
            for named in self.priorities
        }


class _UnitTypes(_File):
    types: tuple[UnitType, ...]
    statuses: tuple[StatusPenalty, ...] = ()


F = TypeVar("F", bound=BaseModel)


def load(root: Path | None = None, own_protocols: Path | None = None) -> Reference:
    """All reference tables from `root` (default: the ones shipped), a county's question protocols over ours.

    Raises UserError that lists every problem, one a line: file, place, reason. The shipped ones are read once in a
    process: they are the same for every desk in it, and so is what is built over them.
    """
    return _shipped() if root is None and own_protocols is None else _load(root, own_protocols)


@cache
def _shipped() -> Reference:
    return _load(None, None)


def _load(root: Path | None, own_protocols: Path | None) -> Reference:
    folder = root or ROOT / "reference"
    problems: list[str] = []
    agencies = _read(folder / "agencies.json", _Agencies, problems)
    codes = _read(folder / "codes.json", _Codes, problems)
    routing = _read(folder / "routing.json", _Routing, problems)
    deadlines = _read(folder / "deadlines.json", _Deadlines, problems)
    table = _read(folder / "initials.json", InitialsTable, problems)
    unit_types = _read(folder / "unit_types.json", _UnitTypes, problems)
    plans = _read(folder / "plans.json", PlansFile, problems)
    replies = _read(folder / "reply_words.json", RepliesFile, problems)
    if not (agencies and codes and routing and deadlines and table and unit_types and plans and replies):
        raise _refusal(problems)
    problems.extend(_crossed(agencies, codes, routing, deadlines))
    types, tree = [known.type for known in unit_types.types], [code.code for code in codes.codes]
    problems.extend(_letter_faults(table, set(tree)))
    problems.extend(reply_faults(replies))
    spoken = _sayings(folder / SAYINGS, set(tree), problems)
    weights, fault = usable(_bytes(folder / SAYINGS / WEIGHTS), spoken, set(tree))
    second, deaf = net.read(_bytes(folder / SAYINGS / NET)) if weights else (None, "")
    for sentence in filter(None, (fault, deaf)):
        log.warning("%s", sentence)
    problems.extend(plan_faults(plans, types, tree, [agency.id for agency in agencies.agencies]))
    if problems:
        raise _refusal(problems)
    documents = {document.id: document for document in agencies.documents}
    filled = (_filled(agency, documents, table) for agency in agencies.agencies)
    tables = Reference(
        home=deadlines.home,
        documents=documents,
        agencies={agency.id: agency for agency in filled},
        codes={c.code: replace(c, initials=table.initials(c.name)) for c in codes.codes},
        rules=routing.rules,
        stages=deadlines.stages,
        desk=deadlines.desk,
        unit_types={known.type: known for known in unit_types.types},
        status_penalties={known.status: known for known in unit_types.statuses},
        plans=plans.table(),
        reply_words=replies.words,
        weights=weights,
        second=second,
    )
    return replace(tables, protocols=_protocols(tables, folder / "protocols", own_protocols))


def load_sayings(root: Path | None = None) -> Sayings:
    """What people say, by code. Raises UserError that lists every problem."""
    return _spoken(root or ROOT / "reference")[0]


def weights_fault(root: Path | None = None) -> str:
    """What is wrong with the weights learnt from the sayings, or with the net beside them, in one sentence; '' if
    nothing is."""
    folder = root or ROOT / "reference"
    packed, fault = usable(_bytes(folder / SAYINGS / WEIGHTS), *_spoken(folder))
    return fault or (net.read(_bytes(folder / SAYINGS / NET))[1] if packed else "")


def _spoken(folder: Path) -> tuple[Sayings, set[str]]:
    """The sayings and the codes there are."""
    problems: list[str] = []
    codes = _read(folder / "codes.json", _Codes, problems)
    tree = {code.code for code in codes.codes} if codes else set()
    spoken = _sayings(folder / SAYINGS, tree, problems)
    if problems:
        raise _refusal(problems)
    return spoken, tree


def _sayings(folder: Path, tree: set[str], problems: list[str]) -> Sayings:
    files = {f"{SAYINGS}/{path.name}": path for path in sorted(folder.glob("*.json"))}
    read = {name: _read(path, SayingsFile, problems, name) for name, path in files.items()}
    found = {name: file for name, file in read.items() if file is not None}
    problems.extend(saying_faults(found, tree))
    return together(found.values())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def names(tables: Reference) -> protocols.Names:
    """What a question protocol may name."""
    return protocols.Names(
        frozenset(tables.codes), frozenset(a.id for a in tables.handoff_agencies), frozenset(tables.unit_types)
    )


def _protocols(tables: Reference, shipped: Path, own: Path | None) -> Book:
    """The question protocols; a fault in those we ship is as bad as one in any other table."""
    found = protocols.load_book(names(tables), own, shipped)
    ours = [str(fault) for fault in found.faults if fault.file.parent == shipped]
    if ours:
        raise _refusal(ours)
    return found.book


def _refusal(problems: list[str]) -> UserError:
    return UserError(f"参考数据有 {len(problems)} 处问题：\n" + "\n".join(problems))


def _read(path: Path, schema: type[F], problems: list[str], called: str = "") -> F | None:
    name = called or path.name
    try:
        return schema.model_validate(json.loads(path.read_text("utf-8")))
    except OSError as error:
        problems.append(f"{name}：无法读取（{error.strerror}）")
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        problems.append(f"{name}：不是有效的 JSON（{error}）")
    except ValidationError as error:
        for fault in error.errors():
            place = ".".join(str(step) for step in fault["loc"])
            problems.append(f"{name} {place}：{fault['msg']}")
    return None


def _filled(agency: Agency, documents: Mapping[str, Document], table: InitialsTable) -> Agency:
    duties = tuple(
        replace(duty, source=_cited(document, duty.article), jurisdiction=document.jurisdiction)
        for duty in agency.duties
        for document in [documents[duty.document]]
    )
    return replace(agency, duties=duties, initials=f"{table.initials(agency.name)} {table.initials(agency.short)}")


def _cited(document: Document, article: str) -> str:
    number = f"（{document.number}）" if document.number else ""
    return f"{document.title}{number}{article}"


def _crossed(agencies: _Agencies, codes: _Codes, routing: _Routing, deadlines: _Deadlines) -> Iterator[str]:
    """What no single file can see: double names and references to what does not exist."""
    documents = [document.id for document in agencies.documents]
    units = [agency.id for agency in agencies.agencies]
    duties = [duty.id for agency in agencies.agencies for duty in agency.duties]
    tree = [code.code for code in codes.codes]
    yield from _doubled("agencies.json", [*documents, *units, *duties])
    yield from _doubled("codes.json", tree)
    yield from _doubled("routing.json", [rule.id for rule in routing.rules])
    yield from _agency_faults(agencies, set(documents), set(units))
    for code in codes.codes:
        place = f"codes.json {code.code}"
        yield from _unknown(place, "上级编码", {code.parent} - {None}, set(tree))
        yield from _unknown(place, "联动单位", set(code.agencies), set(units))
    for rule in routing.rules:
        place = f"routing.json {rule.id}"
        yield from _unknown(place, "编码", {*rule.codes, *rule.becomes, *rule.becomes.values()}, set(tree))
        yield from _unknown(place, "联动单位", set(rule.agencies or ()), set(units))
        yield from _unknown(place, "职责", {rule.duty}, set(duties))
        yield from _word_faults(place, rule)
    yield from _limit_faults(deadlines)


def _limit_faults(deadlines: _Deadlines) -> Iterator[str]:
    """Every priority and stage has one row, and each row makes sense."""
    if sorted(named.priority for named in deadlines.priorities) != [1, 2, 3, 4]:
        yield "deadlines.json priorities：须有且只有 1、2、3、4 级"
    rows = Counter((row.priority, row.stage) for row in deadlines.limits)
    for priority in (1, 2, 3, 4):
        for stage in Stage:
            if rows[priority, stage] != 1:
                yield f"deadlines.json limits：{priority} 级 {stage.value} 须有一行，现有 {rows[priority, stage]} 行"
    for row in deadlines.limits:
        if fault := row.fault():
            yield f"deadlines.json limits {row.priority} 级 {row.stage.value}：{fault}"


def _letter_faults(table: InitialsTable, tree: set[str]) -> Iterator[str]:
    for letters, codes in table.kinds.items():
        place = f"initials.json kinds {letters}"
        yield from _unknown(place, "编码", set(codes), tree)
        if not (letters.isascii() and letters.islower() and codes) or len(codes) > 3:
            yield f"{place}：须为小写字母，带一至三个编码"


def _agency_faults(agencies: _Agencies, documents: set[str], units: set[str]) -> Iterator[str]:
    for agency in agencies.agencies:
        place = f"agencies.json {agency.id}"
        cited = {d.document for d in agency.duties} | {m.document for m in agency.memberships}
        yield from _unknown(place, "文件", cited, documents)
        yield from _unknown(place, "承接单位", {agency.succeeded_by} - {""}, units)
        if not agency.duties:
            yield f"{place}：没有职责"


def _word_faults(place: str, rule: RoutingRule) -> Iterator[str]:
    for word in (*rule.words, *rule.exclude, *rule.unless):
        if not all(choice for part in word.split(GAP) for choice in part.split(EITHER)):
            yield f"{place}：词“{word}”为空，或“{GAP}”“{EITHER}”的一边为空"
    yield from _doubled(place, [*rule.words])


def _unknown(place: str, kind: str, named: set[str | None] | set[str], known: set[str]) -> Iterator[str]:
    for name in sorted(str(n) for n in named if n not in known):
        yield f"{place}：{kind} {name} 不存在"


def _doubled(place: str, names: list[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{place}：{name} 出现 {count} 次"
