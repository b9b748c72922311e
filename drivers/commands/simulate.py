"""simulate: act as the panel, receiver, terminal or modem at the far end of a port; print each frame and its answer."""

from __future__ import annotations

import argparse
import json
import re
import time
from typing import TYPE_CHECKING

from drivers.address import AddressError, parse_address
from drivers.codec import ProtocolError
from drivers.panel import Press
from drivers.protocols import protocol_row
from drivers.simulator import FAULTS, Exchange, Simulator
from drivers.streams import open_stream

if TYPE_CHECKING:
    from argparse import _SubParsersAction

# A simulator turns the poll over quickly, so that a stop is never slow.
_POLL_S = 0.05
_QUALIFIERS = {"": "new", "E": "new", "R": "restore", "P": "status"}


def add_parser(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("simulate", help="act as panel or receiver: send signals, wait for each answer")
    parser.add_argument("--protocol", required=True, help="protocol name, for example surgard")
    parser.add_argument("--port", required=True, help="where to send, for example /dev/ttyUSB0@9600,8N1")
    parser.add_argument("--account", default="1234", help="what the panel reports as (default %(default)s)")
    parser.add_argument("--zone", default="1", help="zone number (default %(default)s)")
    parser.add_argument("--event", default="120", help="Contact ID code, R before it for a restore")
    parser.add_argument("--count", type=_at_least_one, default=1, metavar="N", help="how many signals")
    parser.add_argument("--rate", type=_positive, default=1.0, metavar="HZ", help="signals a second, at most")
    parser.add_argument("--faults", type=_faults, default=(), help=f"any of {','.join(FAULTS)}")
    parser.add_argument("--greet", action="store_true", help="say first what the panel says on opening")
    parser.add_argument("--seed", type=int, default=0, help="seed of the faults")
    parser.add_argument(
        "--option",
        type=_key_value,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="how the panel speaks, for example key=HEX or flavour=heng-bo (sia-dc09)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a frame")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Send the signals; 1 if any of them found no acknowledgement."""
    row = protocol_row(options.protocol)
    if row.panel is None:
        raise ProtocolError(f"{options.protocol} has no panel that could be simulated")
    panel = row.panel(options.account, dict(options.option))
    press = _press(options)
    stream = open_stream(parse_address(options.port), _POLL_S)
    simulator = Simulator(stream, panel, faults=options.faults, seed=options.seed)
    acknowledged = 0
    try:
        for greeting in simulator.greet() if options.greet else []:
            _show(greeting, as_json=options.json)
        for number in range(options.count):
            began = time.monotonic()
            exchange = simulator.press(press)
            acknowledged += exchange.acknowledged
            _show(exchange, as_json=options.json)
            # What it is asked or told meanwhile is answered; behind the last one too.
            simulator.listen()
            while number + 1 < options.count and time.monotonic() < began + 1 / options.rate:
                simulator.listen()
    finally:
        stream.close()
    return 0 if acknowledged == options.count else 1


def _press(options: argparse.Namespace) -> Press:
    found = re.fullmatch(r"([ERP]?)([0-9][0-9B-F]{2})", options.event)
    if found is None:
        raise AddressError(f"an event is three characters like 120, or R120 for its restore, not {options.event!r}")
    if not re.fullmatch(r"[0-9]{1,3}", options.zone):
        raise AddressError(f"a zone is a number up to 999, not {options.zone!r}")
    return Press(zone=options.zone.zfill(3), event=found[2], qualifier=_QUALIFIERS[found[1]])


def _show(exchange: Exchange, *, as_json: bool) -> None:
    delay_ms = None if exchange.delay_s is None else round(exchange.delay_s * 1000, 2)
    if as_json:
        row = {"frame_hex": exchange.frame.hex(), "answer_hex": exchange.answer.hex()}
        print(json.dumps(row | {"delay_ms": delay_ms, "attempts": exchange.attempts}), flush=True)
        return
    answer = exchange.answer.hex() or "no answer"
    delay = "" if delay_ms is None else f"  {delay_ms} ms"
    again = f"  sent {exchange.attempts} times" if exchange.attempts > 1 else ""
    shown = ascii(exchange.frame.decode("latin-1")) if exchange.frame else "(shown when asked)"
    print(f"{shown}  -> {answer}{delay}{again}", flush=True)


def _faults(text: str) -> tuple[str, ...]:
    chosen = tuple(part for part in text.split(",") if part)
    unknown = [part for part in chosen if part not in FAULTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no fault {unknown[0]!r}; known are {', '.join(FAULTS)}")
    return chosen


def _key_value(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator):
        raise argparse.ArgumentTypeError(f"an option is written KEY=VALUE, not {text!r}")
    return name, value


def _at_least_one(text: str) -> int:
    if not re.fullmatch(r"[0-9]+", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no count")
    return int(text)


def _positive(text: str) -> float:
    if not re.fullmatch(r"[0-9]*\.?[0-9]+", text) or float(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate above zero")
    return float(text)
