"""Rehearsal: an act tried on the picture before it is asked for, so that the echo can say why not.

The same functions decide here and in the journal; what is tried here leaves no trace.
"""

from collections.abc import Callable, Sequence
from typing import Any

from console.commands.command import Context, Deed, Prepared
from console.domain.errors import NotAllowed
from console.domain.ledger import MemoryLedger
from console.domain.overlay import Overlay
from console.services.approvals import can_ask
from console.services.desk import Desk

Step = tuple[str, dict[str, Any]]
"""An act's name and its arguments."""

SUBJECTS = ("alarm", "incident", "into", "unit", "handoff", "trouble", "window", "call", "emergency")
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

    `deed` replaces that where a service adds to the act what the tables say. An act that needs a second person
    becomes the request for one, in the same words and with the same reason.
    """
    try:
        rehearse(context.desk, *steps)
    except NotAllowed as refused:
        return _asking(context, echo, steps, refused)

    async def carry_out() -> str:
        seen = context.desk.picture.seq
        for name, args in steps:
            await context.desk.do_as_seen(seen, name, **args)
        if then is not None:
            then()
        return done

    return Prepared(echo, deed or carry_out, about(*steps))


def _asking(context: Context, echo: str, steps: Sequence[Step], refused: NotAllowed) -> Prepared:
    """Ask another person for the act; the refusal itself where nobody can be asked."""
    act, args = steps[0]
    if len(steps) != 1 or not can_ask(act):
        raise refused
    asked = {"act": act, "args": args, "reason": str(args.get("reason", "")) or echo}
    rehearse(context.desk, ("approval.ask", asked))

    async def ask() -> str:
        await context.desk.do("approval.ask", **asked)
        return f"已提交审批，等待他人批准：{echo}"

    return Prepared(f"请他人审批：{echo}（{refused}）", ask, about(*steps))
