"""The register maps of button boxes, as data: which function reads a model's inputs, what its values mean, and how
an output is switched on so that the module switches it off by itself.

The data is resources/reference/modbus_models.json, each model with its source, read and judged once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from resources import ROOT

DEFAULT = "generic-8ch"
State = Literal["normal", "pressed", "short", "open"]
"""What an input can be; a plain contact knows the first two only."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Inputs(_Row):
    """Where the inputs stand: read by function 1 or 2 they are contacts, by 3 or 4 measured values."""

    function: Literal[1, 2, 3, 4]
    start: int = Field(ge=0, le=65535)
    count: int = Field(ge=1, le=125)


class Outputs(_Row):
    """The relays: coils from `coil`; writing a number of `flash_s` seconds to `flash` + n closes one for that long.

    Only outputs with a time-out of their own are listed: any other would stay on when this machine dies.
    """

    count: int = Field(ge=1)
    coil: int = Field(ge=0, le=65535)
    flash: int = Field(ge=0, le=65535)
    flash_s: float = Field(gt=0)
    flash_most: int = Field(ge=1, le=65535)

    @property
    def longest_s(self) -> float:
        """Seconds an output can be on for one order."""
        return self.flash_s * self.flash_most


class Model(_Row):
    """One kind of box. `eol` gives each state of a supervised input its range of values, the upper end excluded;
    `tamper` the Contact ID event that a cut or shorted wire is told as.
    """

    name: str
    source: str
    wiring: str = ""
    inputs: Inputs
    outputs: Outputs | None = None
    eol: Mapping[State, tuple[int, int]] = {}
    tamper: Mapping[State, str] = {}

    @model_validator(mode="after")
    def _whole(self) -> Model:
        """Refuse bands with a hole: a value must always mean something."""
        measured = self.inputs.function in (3, 4)
        if measured != bool(self.eol):
            raise ValueError("a model has end-of-line bands if, and only if, it measures values")
        edges = sorted(self.eol.values())
        ends = [0, *(high for _, high in edges)]
        if measured and ([low for low, _ in edges] != ends[:-1] or ends[-1] != 65536):
            raise ValueError("the end-of-line bands do not cover 0 to 65535 without gap or overlap")
        if set(self.tamper) != set(self.eol) - {"normal", "pressed"}:
            raise ValueError("each state of a supervised wire that is neither normal nor pressed needs its event")
        return self

    def state(self, value: int) -> State:
        """Return what a value read from an input means."""
        if not self.eol:
            return "pressed" if value else "normal"
        return next(state for state, (low, high) in self.eol.items() if low <= value < high)


class Models(_Row):
    """The whole file."""

    source: str
    jurisdiction: str
    date: str
    models: Mapping[str, Model]


@cache
def models() -> Mapping[str, Model]:
    """Return every model by its name; pydantic's ValidationError if the file does not fit."""
    return Models.model_validate_json((ROOT / "reference" / "modbus_models.json").read_bytes()).models
