"""Settings: what this seat is and where its things are, from one TOML file.

Typed here and nowhere else. A bad or unknown key is a warning and its default stands: nothing in a settings
file may keep the desk from starting.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_config_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from console.services.rights import COMMAND_LINE

APP = "console110"


class Settings(BaseModel):
    """One seat. Paths left empty mean the user's data folder."""

    model_config = ConfigDict(frozen=True)

    seat: str = Field(default="03", pattern=r"^[0-9A-Za-z]{1,4}$", description="position number 席位")
    actor: str = Field(default="031", min_length=1, max_length=16, description="the person's number 警号")
    actor_name: str = Field(default="", max_length=20)
    number_prefix: str = Field(default="ZZ", pattern=r"^[A-Z]{2,4}$", description="first letters of incident numbers")
    host: str = Field(default="", max_length=64, description="name of this machine in leases; '' = its host name")
    db: str = Field(default="", description="SQLAlchemy URL; '' = SQLite in the user's data folder")
    spool: Path | None = Field(default=None, description="file of this machine's spool")
    lines: tuple[str, ...] = Field(default=(), description="NAME=PROTOCOL:PORT[,key=value…]")
    capture: Path | None = Field(default=None, description="file that takes every byte of every line")
    data_folder: Path = Field(default_factory=lambda: user_data_path(APP, appauthor=False))
    window: Literal["calltaker", "chief", "bench"] = "calltaker"
    theme: Literal["night", "day"] = "night"
    lang: Literal["zh", "en"] = "zh"
    scale: float = Field(default=1.0, ge=0.9, le=1.5, description="size of everything drawn, 1.0 = 14 px text")
    volume: float = Field(default=0.8, ge=0.0, le=1.0)
    tracking: bool = Field(default=True, description="units send positions here; silence then means lost contact")
    log_days: int = Field(default=200, ge=184, description="how long logs are kept; 网络安全法 asks for six months")
    retention_days: int = Field(
        default=1095, ge=184, description="how long positions and slips are left alone by a purge"
    )
    log_mb: int = Field(default=20, ge=1, le=1024, description="a log file this large is left for a new one")
    lock_after_min: float = Field(
        default=10.0,
        ge=0.0,
        le=240.0,
        description="minutes without a key or the mouse after which the seat locks; 0 never",
    )
    protocols: Path | None = Field(default=None, description="folder of the county's own question protocols")
    sheet_every_s: float = Field(default=60.0, ge=10.0, description="how often 断网续接单 is written to the local file")

    @field_validator("seat")
    @classmethod
    def _a_desks(cls, seat: str) -> str:
        if seat == COMMAND_LINE:
            raise ValueError(f"{COMMAND_LINE} 是命令行专用的席位号")
        return seat

    @property
    def slips_folder(self) -> Path:
        """Where printed slips are kept."""
        return self.data_folder / "slips"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and what was wrong with the file, one sentence each."""

    settings: Settings
    warnings: tuple[str, ...] = ()


def default_file() -> Path:
    """Where the settings are looked for when none are named."""
    return user_config_path(APP, appauthor=False) / "settings.toml"


def load_settings(file: Path | None = None) -> Loaded:
    """Read a settings file; a named one that is missing is a warning, the default one may be absent."""
    path = file or default_file()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Loaded(Settings(), (f"没有设置文件 {path}，使用默认设置",) if file else ())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        return Loaded(Settings(), (f"设置文件 {path} 读不出来，使用默认设置：{problem}",))
    return _checked(values)


def _checked(values: Mapping[str, Any]) -> Loaded:
    warnings = [f"设置项 {key} 不认识，已忽略" for key in values if key not in Settings.model_fields]
    good = {key: value for key, value in values.items() if key in Settings.model_fields}
    try:
        return Loaded(Settings(**good), tuple(warnings))
    except ValidationError as problems:
        for error in problems.errors():
            key = str(error["loc"][0])
            if good.pop(key, None) is not None:
                warnings.append(f"设置项 {key} 的值不能用，已改用默认值：{error['msg'].removeprefix('Value error, ')}")
    return Loaded(Settings(**good), tuple(warnings))
