"""Reading receivers.json: toll stations, checkpoints, taxi and bus companies who are told of bulletins.

A county edits the file by hand, so every fault is named with its place and reason. Demo numbers begin with 例：000-
and can be dialled by nobody; whoever has no number is told by telephone or in person, and a person says so.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.domain.bulletin import RECEIVER_KINDS, SEAT, UNIT, Receiver
from console.domain.errors import UserError
from console.services.order_text import tables
from console.services.phone_numbers import number_to_text
from resources import ROOT

DEMO = "例：000-"
"""What a number begins with that is nobody's."""

FILE = ROOT / "reference" / "receivers.json"


class ReceiversFile(BaseModel):
    """receivers.json as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    date: str = Field(min_length=4)
    receivers: tuple[Receiver, ...]


def refusal(path: Path, fault: Exception) -> UserError:
    """What is wrong in a file of a county, one line a fault."""
    if isinstance(fault, ValidationError):
        lines = [f"{path.name} {'.'.join(map(str, one['loc']))}：{one['msg']}" for one in fault.errors()]
        return UserError("\n".join(lines))
    if isinstance(fault, OSError):
        return UserError(f"{path.name}：无法读取（{fault.strerror}）")
    return UserError(f"{path.name}：不是有效的 JSON（{fault}）")


@lru_cache
def receivers(path: Path = FILE) -> tuple[Receiver, ...]:
    """Everybody in the file; UserError names every fault, one a line."""
    try:
        read = ReceiversFile.model_validate(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as fault:
        raise refusal(path, fault) from None
    faults = list(_faults(read.receivers, beats()))
    if faults:
        raise UserError("\n".join(f"{path.name} {fault}" for fault in faults))
    return read.receivers


def beats() -> tuple[str, ...]:
    """The beats of this house, as the plans name them."""
    return tuple(sorted(tables().plans.neighbours))


def _faults(rows: Collection[Receiver], known: Collection[str]) -> Iterator[str]:
    yield from (f"receivers：{key} 出现 {n} 次" for key, n in Counter(row.id for row in rows).items() if n > 1)
    for row in rows:
        if not (row.id and row.name.strip()) or row.id.startswith((SEAT, UNIT)) or "@" in row.id:
            yield f"{row.id or '（空）'}：编号和名称不能为空，编号不能含 @，也不能以 {SEAT} 或 {UNIT} 开头"
        if row.kind not in RECEIVER_KINDS:
            yield f"{row.id}：种类 {row.kind} 不存在，须为 {'、'.join(RECEIVER_KINDS)} 之一"
        yield from (f"{row.id}：警区 {beat} 不存在" for beat in row.beats if beat not in known)
        if row.phone and not row.phone.startswith(DEMO):
            try:
                number_to_text(row.phone)
            except UserError as why:
                yield f"{row.id}：{why}"


def find(key: str) -> Receiver | None:
    """The receiver of that key."""
    return next((row for row in receivers() if row.id == key), None)
