"""A site's record as a row of text: what stands in a table file and in the site's form, and what may stand there.

One set of rules for both, so that whatever the form takes can be exported and imported again. `zones` is
`001=门卫室;002=…`, `keyholders` is `姓名 电话;…`; a sheet's full-width ； and ＝ are taken as well.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from console.domain.site import Site
from console.services.reference import load

LABELS: Mapping[str, str] = {
    "id": "编号",
    "name": "名称",
    "kind": "类型",
    "account": "账号",
    "line": "线路",
    "address": "地址",
    "beat": "警区",
    "lat": "纬度",
    "lon": "经度",
    "urban": "城区",
    "moving": "移动点位",
    "keyholder": "联系人",
    "keyholder_phone": "联系人电话",
    "keyholders": "其他联系人",
    "callback_phone": "回拨电话",
    "guards": "保安人数",
    "guard_phone": "保安电话",
    "meu": "最小应急单元人数",
    "meu_phone": "应急单元电话",
    "meu_drill": "最近演练",
    "hours": "开放时间",
    "equipment": "设备",
    "zones": "防区",
    "linkage": "联动单位",
    "limit_min": "到场时限（分钟）",
    "supervise_s": "监测间隔（秒）",
    "test_days": "测试周期（天）",
}
"""Every column by what people call it; a table may use either name."""

KINDS: Mapping[str, str] = {
    "school": "学校",
    "kindergarten": "幼儿园",
    "bank": "银行",
    "bus_station": "公交站",
    "bus": "公交车",
    "hospital": "医院",
    "petrol": "加油站",
    "mall": "商场",
    "park": "公园",
}
"""Kinds of site that something depends on; any other word may stand there too."""

PERSONAL = ("keyholder", "keyholder_phone", "keyholders", "callback_phone", "guard_phone", "meu_phone")
"""Columns with people in them (domain.md B6): left out of a table that nobody has granted."""

NO_PHONE = "里没有电话号码"
MASKED = "是遮蔽过的，不能存入；请留空或填写完整"
_ACCOUNT = re.compile(r"\+?[0-9A-F]{3,20}")
_ZONE = re.compile(r"[0-9A-Za-z]{1,8}")
_FULL_WIDTH = str.maketrans({"；": ";", "＝": "="})


def _plain_bool(value: object) -> object:
    return {"是": True, "否": False}.get(str(value), value)


Text = Annotated[str, BeforeValidator(lambda value: " ".join(str(value).split()))]
Flag = Annotated[bool, BeforeValidator(_plain_bool)]
Latitude = Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float | None, Field(ge=-180, le=180, allow_inf_nan=False)]


class SiteRow(BaseModel):
    """A site's row; empty cells are left out before it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Text = Field(min_length=1, max_length=40)
    name: Text = Field(min_length=1, max_length=80)
    kind: Text = ""
    account: Text = ""
    line: Text = ""
    address: Text = ""
    beat: Text = ""
    lat: Latitude = None
    lon: Longitude = None
    urban: Flag = True
    moving: Flag = False
    keyholder: Text = ""
    keyholder_phone: Text = ""
    keyholders: list[str] = []
    callback_phone: Text = ""
    guards: int = Field(default=0, ge=0, le=10_000)
    guard_phone: Text = ""
    meu: int = Field(default=0, ge=0, le=10_000)
    meu_phone: Text = ""
    meu_drill: Text = ""
    hours: Text = ""
    equipment: Text = ""
    zones: dict[str, str] = {}
    linkage: list[str] = []
    limit_min: int | None = Field(default=None, gt=0, le=1440)
    supervise_s: int | None = Field(default=None, ge=5, le=40 * 86400)
    test_days: int | None = Field(default=None, gt=0, le=366)

    @field_validator("kind")
    @classmethod
    def _kind(cls, text: str) -> str:
        return next((code for code, label in KINDS.items() if label == text), text)

    @field_validator("account")
    @classmethod
    def _account(cls, text: str) -> str:
        if text and not _ACCOUNT.fullmatch(text.upper()):
            raise ValueError("格式不对，应为 3–20 位数字或 A–F")
        return text.upper()

    @field_validator("keyholder")
    @classmethod
    def _person(cls, text: str) -> str:
        if "**" in text:
            raise ValueError(MASKED)
        return text

    @field_validator("keyholder_phone", "callback_phone", "guard_phone", "meu_phone")
    @classmethod
    def _phone(cls, text: str) -> str:
        return _checked_phone(text) if text else text

    @field_validator("keyholders", mode="before")
    @classmethod
    def _keyholders(cls, text: str) -> list[str]:
        people = [" ".join(part.split()) for part in text.translate(_FULL_WIDTH).split(";") if part.strip()]
        for person in people:
            name, _, phone = person.rpartition(" ")
            if not name:
                raise ValueError(f"“{person}”应写作 姓名 电话，多人用分号隔开")
            cls._person(name)
            _checked_phone(phone)
        return people

    @field_validator("meu_drill")
    @classmethod
    def _drill(cls, text: str) -> str:
        try:
            # A spreadsheet writes 2026/9/1.
            return date(*map(int, re.split("[-/.]", text))).isoformat() if text else text
        except (TypeError, ValueError):
            raise ValueError("日期写作 2026-09-01") from None

    @field_validator("zones", mode="before")
    @classmethod
    def _zones(cls, text: str) -> dict[str, str]:
        zones: dict[str, str] = {}
        for part in filter(str.strip, text.translate(_FULL_WIDTH).split(";")):
            zone, sign, spot = (piece.strip() for piece in part.partition("="))
            if not (_ZONE.fullmatch(zone) and sign and spot) or "=" in spot:
                raise ValueError(f"“{part.strip()}”应写作 001=校长室，多个防区用分号隔开")
            if zone in zones:
                raise ValueError(f"防区 {zone} 出现两次")
            zones[zone] = " ".join(spot.split())
        return zones

    @field_validator("linkage", mode="before")
    @classmethod
    def _linkage(cls, text: str) -> list[str]:
        named = [part.strip() for part in text.translate(_FULL_WIDTH).split(";") if part.strip()]
        unknown = [name for name in named if name not in _agencies()]
        if unknown:
            raise ValueError(f"没有这个联动单位：{'、'.join(unknown)}")
        return list(dict.fromkeys(_agencies()[name] for name in named))

    @model_validator(mode="after")
    def _position(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("纬度和经度须同时填写")
        return self


def _checked_phone(text: str) -> str:
    if "**" in text:
        raise ValueError(MASKED)
    if sum(letter.isdigit() for letter in text) < 3:
        raise ValueError(f"“{text}”{NO_PHONE}")
    return text


@cache
def _agencies() -> Mapping[str, str]:
    """Every agency's id by its id and its names."""
    known = load().agencies.values()
    return {name: agency.id for agency in known for name in (agency.name, agency.short, agency.id)}


# -- text and record -----------------------------------------------------------------------------------------


def cells_of(site: Site) -> dict[str, str]:
    """The site's row of text; '' for what is not known."""
    return {name: _cell(getattr(site, name)) for name in LABELS}


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Mapping):
        return ";".join(f"{zone}={spot}" for zone, spot in value.items())
    if isinstance(value, tuple):
        return ";".join(value)
    return "" if value is None else str(value)


def problems_of(cells: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a row, by column; empty = it may be stored."""
    try:
        SiteRow.model_validate(_filled(cells))
    except ValidationError as wrong:
        return {column_of(error): said_of(error) for error in map(dict, wrong.errors())}
    return {}


def record_of(cells: Mapping[str, str]) -> dict[str, Any]:
    """The row as the argument of `site.register`: the columns it has, empty ones with their defaults.

    ValidationError where `problems_of` has something to say.
    """
    return SiteRow.model_validate(_filled(cells)).model_dump(include=set(cells))


def _filled(cells: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in cells.items() if value.strip()}


# -- pydantic's reasons in the user's words ----------------------------------------------------------------------

SAID = {
    "missing": "必填",
    "string_too_short": "必填",
    "string_too_long": "过长",
    "string_pattern_mismatch": "格式不对",
    "float_parsing": "不是数字",
    "finite_number": "不是数字",
    "int_parsing": "不是整数",
    "int_from_float": "不是整数",
    "int_parsing_size": "超出范围",
    "bool_parsing": "应为 1 或 0",
    "less_than_equal": "超出范围",
    "greater_than_equal": "超出范围",
    "greater_than": "超出范围",
}


def column_of(error: Mapping[str, Any]) -> str:
    """The column an error belongs to; one of the row as a whole is about its position."""
    return ".".join(map(str, error["loc"])) or "lon"


def said_of(error: Mapping[str, Any]) -> str:
    """The error in the user's words, with the bounds of a number."""
    said = SAID.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
    bounds = error.get("ctx") or {}
    if said == "超出范围":
        words = {"ge": "不小于", "gt": "大于", "le": "不大于", "lt": "小于"}
        said += "".join(f"（{word} {bounds[sign]:g}）" for sign, word in words.items() if sign in bounds)
    return said
