"""The words of an order as a unit reads them on its terminal or telephone: what, where, whom to ask for, what to heed.

No more personal data than needed: a text goes over other people's networks. The caller's name is masked; his number
goes out only where the county says so (plans.json, telling.caller_phone), never from a silent or confidential case;
numbers inside the narrative are masked; of a confidential case only kind and place are told.
"""

from collections.abc import Sequence

from console.domain.incident import Incident
from console.domain.reference import Reference
from console.domain.secrecy import is_secret
from console.services.masking import mask_name, mask_text
from console.services.reference import load
from console.services.wording import PRIORITIES

MOST_LETTERS = 480
"""Below what a modem takes as one text and a terminal shows (0x8300: 1 024 bytes, GBK has two a letter)."""

MOST_LINES = 6
"""So many lines of the checklist fit on a terminal."""


_IN_FORCE: list[Reference] = []


def use(reference: Reference) -> None:
    """The tables this process works with, a county's own among them: an act has no other way to them."""
    _IN_FORCE[:] = [reference]


def tables() -> Reference:
    """The tables in force; those that shipped where nobody said otherwise, read once."""
    if not _IN_FORCE:
        use(load())
    return _IN_FORCE[0]


def order_text(incident: Incident, checklist: Sequence[str] = (), reference: Reference | None = None) -> str:
    """The whole text; `checklist` are the lines of the question protocol for the unit."""
    known = reference or tables()
    code = known.codes.get(incident.kind)
    what = code.name if code is not None else incident.title or "警情"
    beat = f"（警区{incident.beat}）" if incident.beat else ""
    lines = [
        f"【派警】{incident.short} {PRIORITIES[incident.priority]} {what}",
        f"地点：{incident.place or incident.place_unknown or '不明，问指挥台'}{beat}",
        *_person(incident, caller_phone=known.plans.telling.caller_phone),
        *_story(incident, known.plans.telling.narrative_letters),
        *_heed(checklist),
        "回复：1签收 2出发 3到场 4反馈+结果 9增援",
    ]
    text = "\n".join(lines)
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"


def cancel_text(incident: Incident, reason: str) -> str:
    """The word that an order is taken back; the place is told, so that nobody mistakes which."""
    place, why = incident.place or incident.place_unknown, mask_text(reason.strip())
    told = f"【撤回】{incident.short} {place} 的派警已撤回，不用前往"
    return f"{told}\n原因：{why}"[:MOST_LETTERS] if why else told


def _person(incident: Incident, *, caller_phone: bool) -> list[str]:
    if incident.silent:
        return ["静默报警：不得联系现场"]
    if is_secret(incident) or not (incident.caller or incident.phone):
        return ["联系人：问指挥台"]
    phone = f" {incident.phone}" if caller_phone and incident.phone else "（电话问指挥台）"
    return [f"联系人：{mask_name(incident.caller) or '报警人'}{phone}"]


def _story(incident: Incident, letters: int) -> list[str]:
    if is_secret(incident):
        return ["情况：内容保密，电台询问"]
    told = " ".join(mask_text(incident.narrative).split())
    if not told:
        return []
    return [f"情况：{told if len(told) <= letters else told[:letters] + '…'}"]


def _heed(checklist: Sequence[str]) -> list[str]:
    shown = [line for line in checklist if line.strip()][:MOST_LINES]
    return ["注意：" + "；".join(mask_text(line) for line in shown)] if shown else []
