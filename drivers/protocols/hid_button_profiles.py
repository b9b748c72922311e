"""Which USB buttons are known: how each is asked and which of its bits is a press, as data with its source.

The data is resources/reference/hid_buttons.json, read and judged once; a new button is a new row there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, model_validator

from resources import ROOT

DEFAULT = "big-red-button"


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bits(_Row):
    """A place in a report, and what stands there when it is so."""

    byte: int = Field(ge=0, le=63)
    mask: int = Field(ge=1, le=255)
    value: int = Field(ge=0, le=255)

    def hold(self, report: bytes) -> bool:
        """Whether the report says so."""
        return report[self.byte] & self.mask == self.value


class Ask(_Row):
    """How a button is asked for its state: by writing an output report (hex), or as a feature report of this number."""

    write: str = Field(default="", pattern=r"^([0-9a-f]{2})*$")
    feature: int = Field(default=0, ge=0, le=255)

    @model_validator(mode="after")
    def _one_way(self) -> Ask:
        if bool(self.write) == bool(self.feature):
            raise ValueError("a button is asked either by a written report or by a feature report")
        return self


class Profile(_Row):
    """One kind of button. A report that is not `valid` says nothing; `lid` holds when the lid is open."""

    name: str
    source: str
    vid: str = Field(pattern=r"^[0-9a-f]{4}$")
    pid: str = Field(pattern=r"^[0-9a-f]{4}$")
    ask: Ask
    size: int = Field(ge=1, le=64)
    poll_ms: int = Field(ge=10, le=1000)
    valid: Bits | None = None
    buttons: tuple[Bits, ...] = Field(min_length=1)
    lid: Bits | None = None

    @model_validator(mode="after")
    def _within(self) -> Profile:
        places = [bits.byte for bits in (*self.buttons, self.valid, self.lid) if bits is not None]
        if max(places) >= self.size:
            raise ValueError(f"byte {max(places)} lies beyond the {self.size} bytes of a report")
        return self


class _Profiles(_Row):
    source: str
    jurisdiction: str
    date: str
    profiles: Mapping[str, Profile]


@cache
def profiles() -> Mapping[str, Profile]:
    """Return every profile by its name; pydantic's ValidationError if the file does not fit."""
    return _Profiles.model_validate_json((ROOT / "reference" / "hid_buttons.json").read_bytes()).profiles


def profile_of(identity: str) -> Profile | None:
    """Return the profile of a device VID:PID or VID:PID:SERIAL; None for a device nobody described."""
    return next((row for row in profiles().values() if [row.vid, row.pid] == identity.split(":")[:2]), None)
