"""A bare server for terminals, a process of its own: frames read by the codec, every one answered, each press fsynced.

No look-up, no rule, no journal, no track: what the figures of the fleet stand beside.
"""

import asyncio
import json
import sys
from functools import partial
from pathlib import Path

from console.bench.floor import FsyncedTable
from drivers.protocols import codec_for


async def serve(port: int, file: Path) -> None:
    """Answer until killed; says on standard output when it listens."""
    rows = FsyncedTable(file)
    server = await asyncio.start_server(partial(_talk, rows, set()), "127.0.0.1", port, backlog=512)
    print(json.dumps({"event": "ready"}), flush=True)
    await server.serve_forever()


async def _talk(
    rows: FsyncedTable, pressed: set[str | None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    codec = codec_for("jt808")
    while data := await reader.read(4096):
        for report in codec.feed(data):
            if (report.more or {}).get("emergency") and report.account not in pressed:
                pressed.add(report.account)
                rows.insert(report.raw)
            writer.write(report.ack)
    writer.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
