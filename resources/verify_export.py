"""Check an exported piece of the 110 console's journal: python3 verify_export.py FILE [HASH ...]

Needs nothing but Python (SM3 needs an OpenSSL that has it). Each HASH is one you hold yourself, from a printed
handover sheet or a heads file: it must stand in the chain, and then nobody has rewritten anything up to there since.
Proven of every row: number, time, person, seat, fact and incident, and that nothing was left out or put in between.
Proven of the texts: those of every row that is not masked. A masked text is the exporter's word; its original is fixed
by its hash. Rows behind the span carry no text; they lead to a head that was kept outside the database.
"""

import hashlib
import json
import sys
from pathlib import Path

SAID = ("seq", "at_ms", "actor", "seat", "act_id", "name", "version", "incident", "body_hash", "prev_hash", "algo")


def digest(algo: str, text: str) -> str:
    return hashlib.new(algo.partition("/")[0], text.encode()).hexdigest()


def check(file: str, *held: str) -> str:
    with Path(file).open(encoding="utf-8") as lines:
        header, *rows = map(json.loads, lines)
    before, chain = header["previous"], {}
    if header["first"] == 1 and before != digest(header["algo"], "110 console journal"):
        return "BAD: row 1 does not begin the chain"
    for seq, row in enumerate(rows, header["first"]):
        if row["seq"] != seq or row["prev_hash"] != before:
            return f"BAD: row {seq} is missing, or does not follow on the one before"
        said = json.dumps([row[name] for name in SAID], ensure_ascii=False, separators=(",", ":"))
        before = chain[seq] = digest(row["algo"], said)
        # An old row has no salt: its hash covers the text itself.
        text = digest(row["algo"], row["salt"] + row["body"]) if row.get("salt") else row.get("body")
        if row["hash"] != before or ("salt" in row and row["body_hash"] != text):
            return f"BAD: row {seq} was changed"
    outside = {head["hash"] for head in header["heads"]} | set(held)
    if len(rows) != header["rows"] or not outside <= set(chain.values()):
        return "BAD: rows were cut off, or a head kept outside the database is not in this chain"
    proven, masked = sum("salt" in row for row in rows), sum("masked" in row for row in rows)
    return f"GOOD: {len(rows)} rows; {proven} texts proven; {masked} masked, their texts unproven; head {before}"


if __name__ == "__main__":
    print(answer := check(*sys.argv[1:]))
    sys.exit(answer.startswith("BAD"))
