"""Words for technical events: where, what, since when; for the lane, messages and the technician's bench."""

from collections import Counter

from console.domain.flood import LaneRow
from console.domain.site import Site
from console.domain.state import State
from console.domain.trouble import TROUBLE_KIND_LABELS, TROUBLE_LABELS, Trouble, TroubleState
from console.persistence.numbers import SHANGHAI


def place(state: State, trouble: Trouble) -> str:
    """漳州市实验小学 · 校长室; the account, or the line, of what is nobody's."""
    site = state.get(Site, trouble.site)
    if site is not None:
        spot = site.spot(trouble.zone)
        return " · ".join(part for part in (site.name, spot or _zone(trouble)) if part)
    if trouble.account:
        return " · ".join(part for part in (f"未登记账号 {trouble.account}", _zone(trouble)) if part)
    return f"线路{trouble.line}"


def _zone(trouble: Trouble) -> str:
    return f"防区 {trouble.zone}" if trouble.zone.strip("0") else ""


def headline(state: State, row: LaneRow) -> str:
    """停电 · 漳州市实验小学; of a group the site and how many of each kind."""
    if len(row.troubles) == 1:
        (only,) = row.troubles
        return f"{TROUBLE_KIND_LABELS[only.kind]} · {place(state, only)}"
    kinds = Counter(TROUBLE_KIND_LABELS[trouble.kind] for trouble in row.troubles)
    site = state.get(Site, row.troubles[0].site)
    name = site.name if site is not None else place(state, row.troubles[0])
    return f"{name} · " + "、".join(f"{kind} {n}" for kind, n in kinds.items())


def details(row: LaneRow) -> str:
    """14:20 起 · 3 次 · 未处理 · 301 主机交流断电; until when it is shelved, by whom and why."""
    last = row.troubles[-1]
    told = [f"{row.since.astimezone(SHANGHAI):%H:%M} 起"]
    if row.count > 1:
        told.append(f"{row.count} 次")
    told.append(_state(last if len(row.troubles) == 1 else next(t for t in row.troubles if t.state is row.state)))
    if len(row.troubles) == 1 and last.text:
        told.append(last.text)
    return " · ".join(told)


def _state(trouble: Trouble) -> str:
    label = TROUBLE_LABELS[trouble.state]
    if trouble.state is TroubleState.SHELVED and trouble.shelved_until is not None:
        return f"{label}至 {trouble.shelved_until.astimezone(SHANGHAI):%H:%M}（{trouble.shelved_by}：{trouble.reason}）"
    if trouble.state is TroubleState.RESTORED and trouble.restored_at is not None:
        return f"{label} {trouble.restored_at.astimezone(SHANGHAI):%H:%M}，待关闭"
    return label
