"""The desk's commands: one table, and the line that is typed.

Menu, keys, command line, key card and tests all come from `TABLE`; `interpret` answers what Enter will do
before anything happens.
"""

from console.commands.command import Command, Context, Focus, Prepared, Surface
from console.commands.line import interpret
from console.commands.table import BY_ID, BY_VERB, GROUPS, TABLE

__all__ = ["BY_ID", "BY_VERB", "GROUPS", "TABLE", "Command", "Context", "Focus", "Prepared", "Surface", "interpret"]
