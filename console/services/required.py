"""The desk's field policy read from fields.json, and what an incident still lacks by it.

A county edits the file by hand, so every fault is named with its line. Acts have no other way to a table than the one
that shipped or the county's own in its place.
"""

import json
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.domain import field_policy
from console.domain.errors import UserError
from console.domain.field_policy import FieldPolicy, FieldRule
from console.domain.incident import Incident
from console.services import lined_json
from resources import ROOT

FILE = ROOT / "reference" / "fields.json"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    jurisdiction: str = Field(min_length=1)
    date: str = Field(min_length=4)
    rules: tuple[FieldRule, ...] = Field(min_length=1)


@cache
def policy(path: Path = FILE) -> FieldPolicy:
    """The rules, read once; UserError that names every fault with its line."""
    try:
        lined = lined_json.read(path.read_text("utf-8"))
        rules = _File.model_validate(lined.value).rules
    except OSError as fault:
        raise UserError(f"{path.name}：无法读取（{fault.strerror}）") from fault
    except json.JSONDecodeError as fault:
        raise UserError(f"{path.name} 第{fault.lineno}行：不是有效的 JSON（{fault.msg}）") from fault
    except ValidationError as fault:
        rows = [f"{path.name} 第{lined.line(each['loc'])}行：{each['msg']}" for each in fault.errors()]
        raise UserError("\n".join(rows)) from fault
    lines = {rule.id: lined.line(("rules", place)) for place, rule in enumerate(rules)}
    wrong = [f"{path.name} 第{lines[said.partition('：')[0]]}行 {said}" for said in field_policy.faults(rules)]
    wrong += [f"{path.name} 第{line}行：{key} 写了两次" for line, key in lined.doubled]
    if wrong:
        raise UserError("\n".join(wrong))
    return FieldPolicy(rules)


def lacking(incident: Incident) -> str:
    """What has still to be filled in before review and end, in one sentence; '' for nothing."""
    missing = policy().missing(incident)
    return f"{field_policy.said(missing)}待补（确实没有的填“无”）" if missing else ""
