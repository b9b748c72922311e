"""Words for what people read of an incident besides the domain's own labels: fields, levels, routes, rules, outcomes.

Plain Chinese, so that services can say them too; windows translate them when they are shown (widgets/wording.py).
"""

from collections.abc import Mapping
from datetime import datetime

from console.persistence.numbers import SHANGHAI
from console.services.handoffs import CHANNELS
from console.services.incidents import CALLBACK_OUTCOMES

__all__ = ["CHANNELS", "FIELDS", "MEANINGS", "OUTCOMES", "OWNERS", "PRIORITIES", "ROUTES", "RULES", "clock_text"]

PRIORITIES: Mapping[int, str] = {1: "一级", 2: "二级", 3: "三级", 4: "四级"}

ROUTES: Mapping[str, str] = {
    "A": "第一类：公安处置",
    "B": "第二类：公安先期处置 + 同时通知",
    "C": "第三类：转联动单位处置",
}
"""What a route means (潢川县 2021 第八条)."""

NO_ROUTE = "未分流"

MEANINGS: Mapping[str, str] = {
    "A": "属公安职责范围",
    "B": "非警务但危及公众生命财产",
    "C": "属其他部门职责，公安不出警",
}
"""Why an incident is of a route."""

NO_MEANING = "写下内容或选定警情后给出建议"

FIELDS: Mapping[str, str] = {
    "kind": "警情",
    "title": "标题",
    "place": "地点",
    "place_unknown": "地点不明原因",
    "beat": "警区",
    "route": "分流",
    "caller": "报警人",
    "phone": "来电",
    "narrative": "内容",
    "owner": "责任人",
    "site": "点位",
}
"""Fields as the form shows them; those nobody reads (coordinates) have no name."""

RULES: Mapping[str, str] = {
    "unowned": "无人确认",
    "check_in": "安全核实",
    "acknowledge": "确认报警",
    "answer": "接警",
    "ring_back": "回拨",
    "dispatch": "派警",
    "hand_off": "联动派单",
    "sign": "签收",
    "depart": "出警",
    "arrive": "到场",
    "feedback": "反馈",
    "callback": "回访",
    "handoff_sign": "签收",
    "handoff_arrive": "到场",
    "handoff_feedback": "反馈",
}
"""What was promised (`deadlines.Rule`)."""

OWNERS: Mapping[str, str] = {"desk": "本台", "chief": "值班长"}
"""Who owes what was promised, unless it is an agency."""

OUTCOMES: Mapping[str, str] = CALLBACK_OUTCOMES
"""How a callback ended."""


def clock_text(at: datetime) -> str:
    """14:32:07 at the desk."""
    return f"{at.astimezone(SHANGHAI):%H:%M:%S}"
