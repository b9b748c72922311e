"""The one table of desk commands. Menu, keys, command line, key card and tests come from it."""

from collections.abc import Mapping

from console.commands import (
    alarms,
    bulletins,
    calls,
    claims,
    incidents,
    layout,
    linkage,
    plans,
    questions,
    queue,
    register,
    safety,
    seat,
    technical,
    undoing,
    units,
    waiting,
    window,
)
from console.commands.command import Command

TABLE: tuple[Command, ...] = (
    *alarms.COMMANDS,
    *units.COMMANDS,
    *safety.COMMANDS,
    *plans.COMMANDS,
    *linkage.COMMANDS,
    *incidents.COMMANDS,
    *questions.COMMANDS,
    *waiting.COMMANDS,
    *bulletins.COMMANDS,
    *technical.COMMANDS,
    *register.COMMANDS,
    *calls.COMMANDS,
    *window.COMMANDS,
    *queue.COMMANDS,
    *undoing.COMMANDS,
    *layout.COMMANDS,
    *seat.COMMANDS,
    *claims.COMMANDS,
)
BY_ID: Mapping[str, Command] = {command.id: command for command in TABLE}
BY_VERB: Mapping[str, Command] = {verb: command for command in TABLE for verb in command.verbs}
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(command.group for command in TABLE))
