"""The demo's telephone: one caller of the evening comes by the exchange, with his subscriber's name and address.

With a person at the window he rings until somebody answers or he gives up; where the evening plays by itself the desk
beside takes the call and makes an incident of it. The caller is invented.
"""

import asyncio
from collections.abc import Callable

from console.demo.accounts import SECOND
from console.demo.evening import SEAT, TICK_S, Evening
from console.demo.people import others
from console.domain.call import Call
from console.services.exchange_orders import call_key
from console.services.simulated_exchange import SimulatedExchange

LINE = "T1"
AT_S, ANSWERED_S, PATIENCE_S = 52.0, 6.0, 75.0
"""Demo seconds: when he calls, when the desk beside answers, how long he waits."""

NUMBER, SUBSCRIBER, ADDRESS = "05962600110", "黄先生（化名）", "延安北路 88 号 2 楼"
SAID = {"kind": "0206", "title": "噪音扰民", "place": "延安北路夜市", "phone": NUMBER, "priority": 4}
NARRATIVE = "夜市音响太吵，老人没法休息。"


async def one_call(evening: Evening, exchange: SimulatedExchange) -> None:
    """The one call of the evening."""
    desk, say = evening.desk, others(evening.desk, SEAT)

    def gone() -> float:
        return (evening.clock() - evening.began).total_seconds()

    def call() -> Call | None:
        return desk.picture.state.get(Call, key)

    await _until(lambda: gone() >= AT_S)
    name = exchange.ring(NUMBER, SUBSCRIBER, ADDRESS)
    key = call_key(LINE, name)
    answered = AT_S + (ANSWERED_S if evening.auto else PATIENCE_S)
    await _until(lambda: gone() >= answered or bool((found := call()) and found.taken_by))
    found = call()
    if found is not None and found.ringing and evening.auto:
        await say(SECOND, "call.take", call=key)
        number = await say(
            SECOND, "incident.open", **SAID, caller=SUBSCRIBER, narrative=NARRATIVE, recording=found.recording
        )
        await say(SECOND, "call.take", call=key, incident=number)
        await _until(lambda: gone() >= answered + PATIENCE_S)
        await say(SECOND, "call.hang_up", call=key)
    elif found is not None and found.ringing:
        exchange.drop(name)


async def _until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 -- the demo's clock sets no event
        await asyncio.sleep(TICK_S)
