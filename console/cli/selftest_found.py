"""What a check of selftest found: the state of a lamp, one sentence, and what to do."""

from dataclasses import dataclass
from functools import partial

from console.services.health import Lamp


@dataclass(frozen=True, slots=True)
class Found:
    """`remedy` is '' where nothing is to be done."""

    state: Lamp
    text: str
    remedy: str = ""


good, warn, bad, off = (partial(Found, lamp) for lamp in (Lamp.GOOD, Lamp.WARN, Lamp.BAD, Lamp.OFF))
