"""The five groups in which a desk counts and colours its units: 待命 出警 到场 占用 失联停用.

Nineteen statuses (domain.md E6) are too many colours for a dark room; the group gives the colour, the status
its word. Source of the groups: LOOK.md, tokens.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from console.domain.unit import PATROL, UNIT_LABELS, Unit, UnitStatus
from widgets.text import word

U = UnitStatus


class UnitGroup(StrEnum):
    """What a unit is, seen from the desk; the value names the theme's colour."""

    AVAILABLE = "available"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    BUSY = "busy"
    LOST = "lost"
    OFF_DUTY = "off_duty"


_GROUPS = {
    **dict.fromkeys((*PATROL, U.CLEAR), UnitGroup.AVAILABLE),
    **dict.fromkeys((U.ASSIGNED, U.SIGNED, U.EN_ROUTE), UnitGroup.EN_ROUTE),
    **dict.fromkeys((U.ON_SCENE, U.HANDLING, U.NEEDS_HELP), UnitGroup.ON_SCENE),
    **dict.fromkeys((U.TRANSPORTING, U.STANDBY, U.JOINT_TASK), UnitGroup.BUSY),
    **dict.fromkeys((U.LOST, U.OUT_OF_SERVICE), UnitGroup.LOST),
    U.OFF_DUTY: UnitGroup.OFF_DUTY,
}
"""The same sets that `paint.STATUS_COLORS` colours alike, so that a chip's count is what the eye counts."""


def group_of(status: UnitStatus) -> UnitGroup:
    return _GROUPS[status]


def group_word(group: UnitGroup) -> str:
    """The group's name in the user's language."""
    return {
        UnitGroup.AVAILABLE: QCoreApplication.translate("UnitGroup", "待命"),
        UnitGroup.EN_ROUTE: QCoreApplication.translate("UnitGroup", "出警"),
        UnitGroup.ON_SCENE: QCoreApplication.translate("UnitGroup", "到场"),
        UnitGroup.BUSY: QCoreApplication.translate("UnitGroup", "占用"),
        UnitGroup.LOST: QCoreApplication.translate("UnitGroup", "失联停用"),
        UnitGroup.OFF_DUTY: QCoreApplication.translate("UnitGroup", "未上岗"),
    }[group]


def status_word(status: UnitStatus) -> str:
    """The status's name in the user's language."""
    return word(UNIT_LABELS[status])


def count_groups(units: Iterable[Unit]) -> Counter[UnitGroup]:
    """How many units stand in each group."""
    return Counter(group_of(unit.status) for unit in units)
