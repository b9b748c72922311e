"""decode: hex in, reports out; what a codec makes of bytes, without any port."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from drivers.codec import Options
from drivers.protocols import NO_OPTIONS, codec_for, protocol_row

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_parser(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("decode", help="decode hex strings from stdin, one independent stream a line")
    parser.add_argument("--protocol", required=True, help="protocol name, for example surgard")
    parser.add_argument("--key", metavar="HEX", help="key of encrypted protocols")
    parser.add_argument("--lenient", action="store_true", help="accept variants a strict line would refuse")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: output is always JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print one JSON object for each input line; 1 if a line was no hex, 2 if there is no such codec."""
    # The bytes may be of any age.
    chosen = {"judge_time": "0"} | ({"lenient": "1"} if options.lenient else {})
    chosen |= {"key": options.key} if options.key else {}
    codec_for(options.protocol, chosen)
    good = True
    for line in sys.stdin.buffer:
        answer = decode(line.decode("ascii", "replace"), options.protocol, chosen)
        good = good and "error" not in answer
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return 0 if good else 1


def decode(line: str, protocol: str, options: Options = NO_OPTIONS) -> dict[str, object]:
    """Return what one line of hex decodes to; blanks between the digits are allowed."""
    try:
        data = bytes.fromhex(line)
    except ValueError:
        return {"reports": [], "pending": 0, "error": "the line is not a hex string"}
    codec = codec_for(protocol, options)
    reports = codec.feed(data)
    if protocol_row(protocol).silence_ends:
        reports += codec.expire()
    return {"reports": [report.to_json() for report in reports], "pending": codec.pending}
