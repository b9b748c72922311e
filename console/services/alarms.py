"""Acts on alarms 一键报警: acknowledge, verify, judge, reset.

Source: domain.md E4. A person acknowledges what the strip showed; a latched alarm ends only by a person's
judgement followed by a reset by hand.
"""

from console.domain.alarm import Alarm, AlarmState
from console.domain.errors import UserError
from console.domain.facts import AlarmMoved
from console.domain.incident import Incident, IncidentState
from console.domain.ledger import Ledger
from console.domain.state import need
from console.services.incidents import move_incident
from console.services.repairs import after_false_alarm

VERDICTS = {"confirm": "属实", "judge_false": "误报", "judge_test": "测试", "judge_fault": "故障"}


def _move(ledger: Ledger, alarm: Alarm, act: str, reason: str = "") -> None:
    ledger.record(AlarmMoved(incident=alarm.incident, alarm=alarm.id, act=act, reason=reason))


def annunciate(ledger: Ledger, *, alarm: str) -> None:
    """The strip showed it and the sound played; nothing if a person was faster."""
    found = need(ledger, Alarm, alarm)
    if found.state is AlarmState.RECEIVED:
        _move(ledger, found, "annunciate")


def acknowledge(ledger: Ledger, *, alarm: str) -> dict[str, str]:
    """F1: this person owns the alarm and its incident; the first one wins.

    UserError names the one who was faster.
    """
    found = need(ledger, Alarm, alarm)
    if not found.unacknowledged:
        raise UserError(f"该报警已由{found.owner or '系统'}确认")
    _move(ledger, found, "acknowledge")
    if found.incident and need(ledger, Incident, found.incident).state is IncidentState.NEW:
        move_incident(ledger, found.incident, "answer")
    return {"incident": found.incident}


def verify(ledger: Ledger, *, alarm: str, how: str) -> None:
    """F3: somebody asks on the spot. A silent alarm is never called back (protocols.md section 2)."""
    found = need(ledger, Alarm, alarm)
    if found.silent:
        raise UserError("静默报警（胁迫、劫持）不得回拨现场")
    if not how.strip():
        raise UserError("请写明核实方式")
    _move(ledger, found, "verify", how)


def judge(ledger: Ledger, *, alarm: str, verdict: str, reason: str = "") -> None:
    """A person's verdict, with a reason for everything but 属实."""
    found = need(ledger, Alarm, alarm)
    if verdict not in VERDICTS:
        raise UserError(f"不认识的判定：{verdict}")
    if verdict != "confirm" and not reason.strip():
        raise UserError(f"判为{VERDICTS[verdict]}须写明理由")
    _move(ledger, found, verdict, reason)
    if verdict == "judge_false":
        after_false_alarm(ledger, found.id)


def reset(ledger: Ledger, *, alarm: str, reason: str = "") -> None:
    """Released by hand, after the verdict; the latch ends here and nowhere else."""
    found = need(ledger, Alarm, alarm)
    _move(ledger, found, "reset", reason)


def close(ledger: Ledger, *, alarm: str) -> None:
    """A row without an incident (unreadable bytes) is put away once it has been judged and reset."""
    found = need(ledger, Alarm, alarm)
    _move(ledger, found, "close")
