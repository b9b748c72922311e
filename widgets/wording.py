"""Words of the incident panel that several of its parts use: fields, levels, routes, rules, outcomes.

Translated when shown, never when loaded, so that a change of language needs no restart.
"""

from PySide6.QtCore import QCoreApplication


def priority_name(priority: int) -> str:
    """一级 … 四级."""
    return {
        1: QCoreApplication.translate("Wording", "一级"),
        2: QCoreApplication.translate("Wording", "二级"),
        3: QCoreApplication.translate("Wording", "三级"),
        4: QCoreApplication.translate("Wording", "四级"),
    }[priority]


def route_name(route: str) -> str:
    """What a route means (潢川县 2021 第八条)."""
    return {
        "A": QCoreApplication.translate("Wording", "第一类：公安处置"),
        "B": QCoreApplication.translate("Wording", "第二类：公安先期处置 + 同时通知"),
        "C": QCoreApplication.translate("Wording", "第三类：转联动单位处置"),
    }.get(route, QCoreApplication.translate("Wording", "未分流"))


def route_meaning(route: str) -> str:
    """Why an incident is of this route, in a few words."""
    return {
        "A": QCoreApplication.translate("Wording", "属公安职责范围"),
        "B": QCoreApplication.translate("Wording", "非警务但危及公众生命财产"),
        "C": QCoreApplication.translate("Wording", "属其他部门职责，公安不出警"),
    }.get(route, QCoreApplication.translate("Wording", "写下内容或选定警情后给出建议"))


def field_name(field: str) -> str:
    """A field's name as the form shows it; '' for fields nobody reads (coordinates)."""
    return {
        "kind": QCoreApplication.translate("Wording", "警情"),
        "title": QCoreApplication.translate("Wording", "标题"),
        "place": QCoreApplication.translate("Wording", "地点"),
        "place_unknown": QCoreApplication.translate("Wording", "地点不明原因"),
        "beat": QCoreApplication.translate("Wording", "警区"),
        "route": QCoreApplication.translate("Wording", "分流"),
        "caller": QCoreApplication.translate("Wording", "报警人"),
        "phone": QCoreApplication.translate("Wording", "来电"),
        "narrative": QCoreApplication.translate("Wording", "内容"),
        "owner": QCoreApplication.translate("Wording", "责任人"),
        "site": QCoreApplication.translate("Wording", "点位"),
    }.get(field, "")


def rule_name(rule: str) -> str:
    """What was promised (`deadlines.Rule`)."""
    return {
        "unowned": QCoreApplication.translate("Wording", "无人确认"),
        "acknowledge": QCoreApplication.translate("Wording", "确认报警"),
        "answer": QCoreApplication.translate("Wording", "接警"),
        "dispatch": QCoreApplication.translate("Wording", "派警"),
        "hand_off": QCoreApplication.translate("Wording", "联动派单"),
        "sign": QCoreApplication.translate("Wording", "签收"),
        "arrive": QCoreApplication.translate("Wording", "到场"),
        "handoff_sign": QCoreApplication.translate("Wording", "签收"),
        "handoff_arrive": QCoreApplication.translate("Wording", "到场"),
        "handoff_feedback": QCoreApplication.translate("Wording", "反馈"),
    }.get(rule, rule)


def owner_name(owner: str) -> str:
    """Who owes what was promised, unless it is an agency."""
    return {
        "desk": QCoreApplication.translate("Wording", "本台"),
        "chief": QCoreApplication.translate("Wording", "值班长"),
    }.get(owner, owner)


def outcome_name(outcome: str) -> str:
    """How a callback ended."""
    return {
        "satisfied": QCoreApplication.translate("Wording", "满意"),
        "dissatisfied": QCoreApplication.translate("Wording", "不满意"),
        "unreached": QCoreApplication.translate("Wording", "未接通"),
        "declined": QCoreApplication.translate("Wording", "不愿回访"),
    }.get(outcome, outcome)


def channel_name(channel: str) -> str:
    """How a handoff is delivered."""
    return {
        "slip": QCoreApplication.translate("Wording", "派单纸"),
        "phone": QCoreApplication.translate("Wording", "电话代录"),
    }.get(channel, channel)
