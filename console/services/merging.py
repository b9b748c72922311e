"""Acts on duplicates 重复警情: merge, un-merge, and a call that only adds to an incident.

Merging keeps both records; un-merging restores both exactly: the duplicate as it stood, the main incident with the
level it has by itself. Never automatic: a person decides on what `services.duplicates` shows.
"""

from console.domain.alarm import Alarm
from console.domain.assignment import Assignment
from console.domain.call import Call
from console.domain.errors import UserError
from console.domain.facts import IncidentMerged, IncidentUnmerged, NoteAdded, PriorityChanged
from console.domain.handoff import Handoff
from console.domain.incident import ENDED, INCIDENT, Incident, IncidentState
from console.domain.ledger import Ledger
from console.domain.priority import LEVELS
from console.domain.state import State, need
from console.services import priorities
from console.services.calls import take
from console.services.masking import mask_phone


def merge(ledger: Ledger, *, incident: str, into: str) -> None:
    """`incident` is a duplicate of `into`. Its units, handoffs and alarms must be ended or withdrawn first.

    The main incident is as grave as the gravest of its duplicates, and as so many reports ask for.
    """
    found, main = need(ledger, Incident, incident), need(ledger, Incident, into)
    if found.number == main.number:
        raise UserError("不能并入自身")
    if main.state in ENDED:
        raise UserError(f"主警情{main.short}已结束")
    if found.state in ENDED:
        raise UserError(f"警情{found.short}已结束")
    INCIDENT.next(found.state, "merge")
    _nothing_open(ledger, found)
    ledger.record(IncidentMerged(incident=found.number, into=main.number))
    repeats = priorities.of_merged(ledger, main)
    level = min(main.priority, found.priority, *(reason.level for reason in repeats))
    automatic = "".join(f"{priorities.AUTOMATIC}{reason.text}" for reason in repeats)
    _as_grave_as(ledger, main, level, "并入更高级别警情" if level == found.priority else automatic)
    ledger.record(NoteAdded(incident=main.number, text=f"并入重复警情 {found.number}"))


def _nothing_open(ledger: State, found: Incident) -> None:
    if any(order.open for order in ledger.where(Assignment, incident=found.number)):
        raise UserError("该警情仍有警组，先撤回或改派")
    if any(handoff.open for handoff in ledger.where(Handoff, incident=found.number)):
        raise UserError("联动派单未办结，不能合并")
    if any(alarm.open for alarm in ledger.where(Alarm, incident=found.number)):
        raise UserError("一键报警未手动复位，不能合并")


def _as_grave_as(ledger: Ledger, main: Incident, level: int, reason: str) -> None:
    if level != main.priority:
        change = PriorityChanged(incident=main.number, old=main.priority, new=level, reason=reason, merged=True)
        ledger.record(change)


def unmerge(ledger: Ledger, *, incident: str, reason: str) -> None:
    """The duplicate stands on its own again, exactly as before; what it alone raised the main incident to goes with it.

    A level somebody gave the main incident meanwhile stays.
    """
    found = need(ledger, Incident, incident)
    if found.state is not IncidentState.MERGED:
        raise UserError("该警情未被合并")
    if not reason.strip():
        raise UserError("拆分须写明理由")
    main = need(ledger, Incident, found.main)
    ledger.record(IncidentUnmerged(incident=found.number, reason=reason.strip()))
    if main.own_priority:
        others = [row.priority for row in ledger.where(Incident, main=main.number)]
        others += [reason.level for reason in priorities.of_merged(ledger, main)]
        _as_grave_as(ledger, main, min((main.own_priority, *others)), f"拆出警情 {found.short}")
    ledger.record(NoteAdded(incident=main.number, text=f"拆出警情 {found.number}"))


def supplement(
    ledger: Ledger,
    *,
    incident: str,
    text: str,
    caller: str = "",
    phone: str = "",
    call: str = "",
    place: str = "",
    place_unknown: str = "",
    kind: str = "",
    priority: int = 0,
    recording: str = "",
) -> None:
    """A further call about an incident that is known: what it adds stands on the timeline, no second incident is made.

    The caller's number is kept masked there; the whole one stands with the `call`, which this person has taken or
    rung back. Place and `kind` (a code, or words) are told where they differ from the incident's, the level
    (`priority`, 0 = none chosen) where it is graver; the incident itself stays as it is, but for the level that so
    many calls ask for.
    """
    found = need(ledger, Incident, incident)
    if found.state in ENDED:
        raise UserError(f"警情{found.short}已结束，请新建警情")
    if call and need(ledger, Call, call).ringing:
        # Taking it here would leave the caller ringing at the exchange.
        raise UserError("请先接起来电，再附到警情")
    who = " ".join(piece for piece in (caller.strip(), mask_phone(phone)) if piece)
    more = (
        ("地点", place.strip(), found.place),
        ("地点不明原因", place_unknown.strip(), found.place_unknown),
        ("类别", _kind_name(kind), _kind_name(found.kind)),
        ("级别", LEVELS[priority] if 0 < priority < found.priority else "", ""),
        ("录音号", recording.strip(), found.recording),
    )
    told = (f"{name}：{value}" for name, value, known in more if value not in ("", known))
    said = "；".join(piece for piece in (text.strip(), *told) if piece) or "未补充内容"
    ledger.record(NoteAdded(incident=found.number, text=f"补充来电 {who}：{said}" if who else f"补充来电：{said}"))
    if call:
        take(ledger, call=call, incident=found.number)
    priorities.raise_for_call(ledger, found.number)


def _kind_name(kind: str) -> str:
    name, _ = priorities.table().codes.get(kind, (kind, 0))
    return name
