"""import: sites and units from a table, checked as a whole before anything is stored.

The columns are those of `resources/reference/demo/*.csv`; `zones` is `001=校长室;002=保卫室`, `linkage` is
`education;ambulance`. All rows go in as one act, so nothing is ever half-imported. People: `importing_users`.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from console.cli.terminal import act_of
from console.cli.words import GOOD, WRONG_USE, say, url_of
from console.domain.account import Role
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.persistence.journal import Journal
from console.services.acts import ACTS

IMPORTS = ("sites", "units", "agencies", "users")
LATER = {"agencies": "联动单位目前在 resources/reference/agencies.json 中维护"}

Latitude = Field(default=None, ge=-90, le=90)
Longitude = Field(default=None, ge=-180, le=180)


class _Row(BaseModel):
    """A row of text; empty cells are left out before it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)


class SiteRow(_Row):
    """A row of sites.csv."""

    name: str = Field(min_length=1)
    kind: str = ""
    account: str = Field(default="", pattern=r"^([0-9B-F]{4,10})?$")
    address: str = ""
    beat: str = ""
    lat: float | None = Latitude
    lon: float | None = Longitude
    urban: bool = True
    moving: bool = False
    keyholder: str = ""
    keyholder_phone: str = ""
    callback_phone: str = ""
    meu: int = Field(default=0, ge=0)
    zones: dict[str, str] = {}
    linkage: list[str] = []
    limit_min: int | None = Field(default=None, gt=0)

    @field_validator("zones", mode="before")
    @classmethod
    def _zones(cls, text: str) -> dict[str, str]:
        pairs = [part.partition("=") for part in text.split(";") if part]
        if any(not (zone and sign and spot) for zone, sign, spot in pairs):
            raise ValueError("防区写作 001=校长室;002=保卫室")
        return {zone: spot for zone, _, spot in pairs}

    @field_validator("linkage", mode="before")
    @classmethod
    def _linkage(cls, text: str) -> list[str]:
        return [part for part in text.split(";") if part]


class UnitRow(_Row):
    """A row of units.csv; its position is the post it stands at until it is first seen."""

    name: str = Field(min_length=1)
    echelon: str = ""
    type: str = Field(min_length=1)
    beat: str = ""
    home_lat: float | None = Field(default=None, ge=-90, le=90, alias="lat")
    home_lon: float | None = Field(default=None, ge=-180, le=180, alias="lon")
    members: int = Field(default=2, ge=1)
    vehicle: str = ""
    phone: str = ""
    speed_kmh: float = Field(default=30.0, gt=0)


KINDS: Mapping[str, tuple[type[_Row], str]] = {"sites": (SiteRow, "site"), "units": (UnitRow, "unit")}

PASSED_OVER = frozenset({"callback_name", "route", "plate", "road"})
"""Columns of the demo tables that only the demo itself reads."""


SAID = {
    "missing": "必填",
    "string_too_short": "必填",
    "string_pattern_mismatch": "格式不对",
    "float_parsing": "不是数字",
    "int_parsing": "不是整数",
    "bool_parsing": "应为 1 或 0",
    "less_than_equal": "超出范围",
    "greater_than_equal": "超出范围",
    "greater_than": "超出范围",
}
"""pydantic's reasons in the user's words."""


M = TypeVar("M", bound=BaseModel)


def _named_columns(kind: type[BaseModel]) -> dict[str, bool]:
    """Every column of a table, and whether it must be there."""
    return {field.alias or name: field.is_required() for name, field in kind.model_fields.items()}


def _check_header(file: Path, header: Sequence[str], kind: type[BaseModel]) -> None:
    known = _named_columns(kind)
    problems = [f"不认识的列：{name}" for name in header if name not in known and name not in PASSED_OVER]
    problems += [f"缺少列：{name}" for name, required in known.items() if required and name not in header]
    if problems:
        raise UserError(f"{file.name} 一行也没有导入：" + "；".join(problems))


def _why(error: Mapping[str, Any]) -> str:
    where = ".".join(map(str, error["loc"]))
    return f"{where}：{SAID.get(error['type'], error['msg'].removeprefix('Value error, '))}"


def read_rows(file: Path, kind: type[_Row]) -> list[dict[str, Any]]:
    """Every row as an act's argument; UserError with all problems at once."""
    found, problems = checked_rows(file, kind)
    rows = [row.model_dump() for _, row in found]
    ids = [row["id"] for row in rows]
    problems += [f"编号重复：{key}" for key in dict.fromkeys(ids) if ids.count(key) > 1]
    accounts = [row["account"] for row in rows if row.get("account")]
    problems += [f"账号重复：{key}" for key in dict.fromkeys(accounts) if accounts.count(key) > 1]
    refuse(file, problems)
    return rows


def checked_rows(
    file: Path, kind: type[M], columns: Mapping[str, str] = MappingProxyType({})
) -> tuple[list[tuple[int, M]], list[str]]:
    """The good rows with their numbers, and what is wrong with the others; UserError for a file that is no table.

    `columns` are other names of columns and what they mean.
    """
    problems: list[str] = []
    rows: list[tuple[int, M]] = []
    read = False
    for number, cells in _table(file, kind, columns):
        read = True
        try:
            rows.append((number, kind.model_validate({key: value for key, value in cells.items() if value})))
        except ValidationError as wrong:
            problems += [f"第 {number} 行 {_why(dict(error))}" for error in wrong.errors()]
    if not read:
        raise UserError(f"{file.name} 里没有数据行")
    return rows, problems


def refuse(file: Path, problems: Sequence[str]) -> None:
    """UserError with all of them, if there are any."""
    if problems:
        raise UserError("\n".join([f"{file.name} 有 {len(problems)} 处问题，一行也没有导入：", *problems]))


def _table(file: Path, kind: type[BaseModel], columns: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{file} 不是 UTF-8 编码") from None
    except OSError as problem:
        raise UserError(f"读不出 {file}：{problem.strerror}") from None
    try:
        table = csv.DictReader(text.splitlines(), strict=True)
        table.fieldnames = [columns.get(name, name) for name in table.fieldnames or ()]
        _check_header(file, table.fieldnames, kind)
        for number, cells in enumerate(table, start=2):
            if None in cells:
                raise UserError(f"{file.name} 第 {number} 行的单元格多于列数，一行也没有导入")
            yield number, {key: value.strip() for key, value in cells.items() if key not in PASSED_OVER and value}
    except csv.Error as problem:
        raise UserError(f"{file.name} 不是合规的 CSV：{problem}") from None


def import_file(options: argparse.Namespace) -> int:
    """Check the whole file, then store it as one act."""
    if options.what in LATER:
        say(f"import {options.what}：将随后续版本提供（{LATER[options.what]}）")
        return WRONG_USE
    kind, word = KINDS[options.what]
    rows = read_rows(options.file, kind)
    act = act_of(f"{word}.import", {f"{word}s": rows}, Role.SYSTEM)
    with closing(Journal.open(url_of(options), ACTS, system_clock)) as journal:
        done = journal.commit_blocking(act)
    say(f"已导入 {len(rows)} 行，其中 {done.value} 行有变化")
    return GOOD
