"""Emergencies that makers hide in fields of their own: which model says 'button pressed' where.

Many trackers leave bit 0 of the alarm flag clear and tell of a press only in a vendor TLV. The table is data,
resources/reference/jt808_models.json. A terminal tells its model when it registers; it keeps the authentication
code it is given then and shows it at each later connection, so the code carries the model for those that have a rule.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from resources import ROOT

_MARK = "-"


@dataclass(frozen=True, slots=True)
class Rule:
    """Bytes `equals` (hex) at `offset` of the TLV's value are a press of the button."""

    tlv: str
    offset: int
    equals: str


@cache
def rules() -> Mapping[str, tuple[Rule, ...]]:
    """Model -> what says 'emergency' besides bit 0."""
    table = json.loads((ROOT / "reference" / "jt808_models.json").read_text(encoding="utf-8"))
    return {
        model: tuple(Rule(rule["tlv"], rule["offset"], rule["equals"]) for rule in row["emergency"])
        for row in table["models"]
        for model in row["names"]
    }


def says_emergency(model: str, tlvs: Mapping[str, str]) -> bool:
    """Whether a terminal of this model tells of a press in its own fields."""
    return any(tlvs.get(rule.tlv, "")[2 * rule.offset :].startswith(rule.equals) for rule in rules().get(model, ()))


def code_for(phone: str, model: str) -> str:
    """The authentication code of a terminal: its number, with its model behind if that has rules of its own."""
    number = phone.lstrip("0") or "0"
    return f"{number}{_MARK}{model}" if model in rules() else number


def model_in(code: str) -> str:
    """The model an authentication code of ours carries; '' if it carries none."""
    model = code.rpartition(_MARK)[2]
    return model if model in rules() else ""
