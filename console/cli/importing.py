"""import: sites and units from a table, checked as a whole before anything is stored.

The columns are those of `resources/reference/demo/*.csv`, sites.csv also by their Chinese names; what may stand in a
site's row is said in `services.site_table`. All rows go in as one act, so nothing is ever half-imported. Columns a
table of sites does not have stay as they are on file. People: `importing_users`.
"""

import argparse
import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.cli.terminal import act_of
from console.cli.words import GOOD, WRONG_USE, say, url_of
from console.domain.account import Role
from console.domain.clock import system_clock
from console.domain.errors import UserError
from console.persistence.journal import Journal
from console.services.acts import ACTS
from console.services.site_table import LABELS, SiteRow, column_of, record_of, said_of
from console.services.sites import clash

IMPORTS = ("sites", "units", "agencies", "users")
LATER = {"agencies": "联动单位目前在 resources/reference/agencies.json 中维护"}


class _Row(BaseModel):
    """A row of text; empty cells are left out before it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)


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
    terminal: str = Field(default="", pattern=r"^\d{0,20}$")
    speed_kmh: float = Field(default=30.0, gt=0)


COLUMNS_OF_SITES = {label: name for name, label in LABELS.items()}
PASSED_OVER = frozenset({"callback_name", "route", "plate", "road"})
"""Columns of the demo tables that only the demo itself reads."""


M = TypeVar("M", bound=BaseModel)


def _named_columns(kind: type[BaseModel]) -> dict[str, bool]:
    """Every column of a table, and whether it must be there."""
    return {field.alias or name: field.is_required() for name, field in kind.model_fields.items()}


def _check_header(file: Path, header: Sequence[str], kind: type[BaseModel]) -> None:
    known = _named_columns(kind)
    problems = [f"不认识的列：{name}" for name in header if name not in known and name not in PASSED_OVER]
    problems += [f"列出现两次：{name}" for name in dict.fromkeys(header) if name and header.count(name) > 1]
    problems += [f"缺少列：{name}" for name, required in known.items() if required and name not in header]
    if problems:
        raise UserError(f"{file.name} 一行也没有导入：" + "；".join(problems))


def _why(error: Mapping[str, Any], named: Mapping[str, str]) -> str:
    column = column_of(error)
    return f"{named.get(column, column)}：{said_of(error)}"


def read_rows(file: Path, kind: type[_Row]) -> list[dict[str, Any]]:
    """Every row as an act's argument; UserError with all problems at once."""
    found, problems = checked_rows(file, kind)
    rows = [row.model_dump() for _, row in found]
    ids = [row["id"] for row in rows]
    problems += [f"编号重复：{key}" for key in dict.fromkeys(ids) if ids.count(key) > 1]
    refuse(file, problems)
    return rows


def read_sites(file: Path) -> list[dict[str, Any]]:
    """Every row of a table of sites as an act's argument; UserError with all problems at once."""
    _, problems = checked_rows(file, SiteRow, COLUMNS_OF_SITES)
    rows = list(_table(file, SiteRow, COLUMNS_OF_SITES))
    problems += [*_double_ids(rows), *_double_accounts(rows)]
    refuse(file, problems)
    return [record_of(cells) for _, cells in rows]


Row = tuple[int, dict[str, str]]


def _double_ids(rows: Sequence[Row]) -> Iterator[str]:
    for key, numbers in _gathered((cells["id"], number) for number, cells in rows).items():
        if len(numbers) > 1:
            yield f"编号重复：{key}（第 {'、'.join(map(str, numbers))} 行）"


def _double_accounts(rows: Sequence[Row]) -> Iterator[str]:
    """Accounts that several rows have on one line; a row without a line has it on every one."""
    having = _gathered((cells.get("account", "").upper(), number) for number, cells in rows)
    line_of = {number: cells.get("line", "") for number, cells in rows}
    for account, numbers in having.items():
        clashing = [n for n in numbers if any(m != n and clash(line_of[n], line_of[m]) for m in numbers)]
        if account and clashing:
            yield f"账号重复：{account}（第 {'、'.join(map(str, clashing))} 行）"


def _gathered(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key, number in pairs:
        found.setdefault(key, []).append(number)
    return found


def checked_rows(
    file: Path, kind: type[M], columns: Mapping[str, str] = MappingProxyType({})
) -> tuple[list[tuple[int, M]], list[str]]:
    """The good rows with their numbers, and what is wrong with the others; UserError for a file that is no table.

    `columns` are other names of columns and what they mean.
    """
    problems: list[str] = []
    rows: list[tuple[int, M]] = []
    read = False
    named = _named_as_written(file, columns)
    for number, cells in _table(file, kind, columns):
        read = True
        try:
            rows.append((number, kind.model_validate({key: value for key, value in cells.items() if value})))
        except ValidationError as wrong:
            problems += [f"第 {number} 行 {_why(dict(error), named)}" for error in wrong.errors()]
    if not read:
        raise UserError(f"{file.name} 里没有数据行")
    return rows, problems


def refuse(file: Path, problems: Sequence[str]) -> None:
    """UserError with all of them, if there are any."""
    if problems:
        raise UserError("\n".join([f"{file.name} 有 {len(problems)} 处问题，一行也没有导入：", *problems]))


def _text_of(file: Path) -> str:
    """The file as text: UTF-8 with or without the mark Excel sets, else GBK as Excel writes it in China."""
    try:
        read = file.read_bytes()
    except OSError as problem:
        raise UserError(f"读不出 {file}：{problem.strerror}") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return read.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError(f"{file} 既不是 UTF-8 也不是 GBK 编码，请另存为“CSV UTF-8”")


def _named_as_written(file: Path, columns: Mapping[str, str]) -> dict[str, str]:
    """The table's own names of the columns, for sentences about them."""
    header = next(csv.reader(_text_of(file).splitlines()), [])
    return {columns[name.strip()]: name.strip() for name in header if name.strip() in columns}


def _table(file: Path, kind: type[BaseModel], columns: Mapping[str, str]) -> Iterator[Row]:
    """The rows with their numbers; a row of empty cells, as sheets leave them at the end, is none."""
    try:
        table = csv.DictReader(_text_of(file).splitlines(), strict=True)
        table.fieldnames = [columns.get(name.strip(), name.strip()) for name in table.fieldnames or ()]
        _check_header(file, table.fieldnames, kind)
        for number, cells in enumerate(table, start=2):
            if None in cells:
                raise UserError(f"{file.name} 第 {number} 行的单元格多于列数，一行也没有导入")
            row = {key: (value or "").strip() for key, value in cells.items() if key not in PASSED_OVER}
            if any(row.values()):
                yield number, row
    except csv.Error as problem:
        raise UserError(f"{file.name} 不是合规的 CSV：{problem}") from None


def import_file(options: argparse.Namespace) -> int:
    """Check the whole file, then store it as one act."""
    if options.what in LATER:
        say(f"import {options.what}：将随后续版本提供（{LATER[options.what]}）")
        return WRONG_USE
    rows = read_sites(options.file) if options.what == "sites" else read_rows(options.file, UnitRow)
    act = act_of(f"{options.what.removesuffix('s')}.import", {options.what: rows}, Role.SYSTEM)
    with closing(Journal.open(url_of(options), ACTS, system_clock)) as journal:
        done = journal.commit_blocking(act)
    say(f"已导入 {len(rows)} 行，其中 {done.value} 行有变化")
    return GOOD
