"""Rehearsal: an act tried on the picture before it is asked for, so that the echo can say why not.

The same functions decide here and in the journal; what is tried here leaves no trace.
"""

from collections.abc import Callable
from typing import Any

from console.commands.command import Context, Deed, Prepared
from console.domain.ledger import MemoryLedger
from console.domain.overlay import Overlay
from console.services.desk import Desk

Step = tuple[str, dict[str, Any]]
"""An act's name and its arguments."""

SUBJECTS = ("alarm", "incident", "into", "unit", "handoff")
"""The arguments that name what an act touches."""


def rehearse(desk: Desk, *steps: Step) -> None:
    """Try the acts one after the other; UserError is the reason the first of them would be refused with."""
    tried = Overlay(desk.picture.state)
    for name, args in steps:
        act = desk.act(name, args)
        desk.acts[name](MemoryLedger(tried, act, act.at, lambda: f"{desk.prefix}00000000-0000"), **args)


def about(*steps: Step) -> tuple[str, ...]:
    """The keys of everything the acts touch."""
    return tuple(dict.fromkeys(str(args[name]) for _, args in steps for name in SUBJECTS if args.get(name)))


def prepare(
    context: Context,
    echo: str,
    *steps: Step,
    done: str,
    then: Callable[[], None] | None = None,
    deed: Deed | None = None,
) -> Prepared:
    """Rehearse the steps and hand over the deed: the steps in order, then `then`, then the sentence `done`.

    `deed` replaces that where a service adds to the act what the tables say.
    """
    rehearse(context.desk, *steps)

    async def carry_out() -> str:
        seen = context.desk.picture.seq
        for name, args in steps:
            await context.desk.do_as_seen(seen, name, **args)
        if then is not None:
            then()
        return done

    return Prepared(echo, deed or carry_out, about(*steps))
