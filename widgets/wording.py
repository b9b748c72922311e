"""Words of the incident panel that several of its parts use: fields, levels, routes, rules, outcomes.

The words themselves stand in `console.services.wording`; they are translated when shown, never when loaded, so that
a change of language needs no restart.
"""

from PySide6.QtCore import QCoreApplication

from console.services.wording import (
    CHANNELS,
    FIELDS,
    MEANINGS,
    NO_MEANING,
    NO_ROUTE,
    OUTCOMES,
    OWNERS,
    PRIORITIES,
    ROUTES,
    RULES,
)


def _shown(text: str) -> str:
    return QCoreApplication.translate("Wording", text)


def priority_name(priority: int) -> str:
    """一级 … 四级."""
    return _shown(PRIORITIES[priority])


def route_name(route: str) -> str:
    """What a route means (潢川县 2021 第八条)."""
    return _shown(ROUTES.get(route, NO_ROUTE))


def route_meaning(route: str) -> str:
    """Why an incident is of this route, in a few words."""
    return _shown(MEANINGS.get(route, NO_MEANING))


def field_name(field: str) -> str:
    """A field's name as the form shows it; '' for fields nobody reads (coordinates)."""
    return _shown(FIELDS[field]) if field in FIELDS else ""


def rule_name(rule: str) -> str:
    """What was promised (`deadlines.Rule`)."""
    return _shown(RULES.get(rule, rule))


def owner_name(owner: str) -> str:
    """Who owes what was promised, unless it is an agency."""
    return _shown(OWNERS.get(owner, owner))


def outcome_name(outcome: str) -> str:
    """How a callback ended."""
    return _shown(OUTCOMES.get(outcome, outcome))


def channel_name(channel: str) -> str:
    """How a handoff is delivered."""
    return _shown(CHANNELS.get(channel, channel))
