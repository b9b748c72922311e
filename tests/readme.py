"""`python -m tests.readme` writes the README's generated parts; a test fails when one of them is stale.

Generated are the key card (from the command table), the life cycles (from the transition tables) and the narratives
of the frozen half whose first code is wrong (by their numbers, so that who reads on has not seen them). They stand
between `<!-- begin NAME -->` and `<!-- end NAME -->`.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from console.bench.classify import labelled
from console.commands.card import key_card_markdown
from console.domain.alarm import ALARM
from console.domain.handoff import HANDOFF
from console.domain.incident import INCIDENT
from console.domain.machine import diagram
from console.domain.repair import REPAIR
from console.domain.routing import classify
from console.domain.trouble import TROUBLE
from console.services.reference import load

README = Path(__file__).parent.parent / "README.md"


def life_cycles() -> str:
    """The diagrams of incident, handoff and alarm."""
    drawn = {
        "警情": diagram(INCIDENT),
        "联动派单": diagram(HANDOFF),
        "一键报警": diagram(ALARM),
        "技术事件": diagram(TROUBLE),
        "维修单": diagram(REPAIR),
    }
    return "\n\n".join(f"**{title}**\n\n```mermaid\n{picture}\n```" for title, picture in drawn.items())


def misses() -> str:
    """Number, right code and the codes proposed, of each narrative whose first code is none of the right ones."""
    reference = load()
    found = [(row, classify(row.text, None, reference).codes[:3]) for row in labelled("frozen")]
    missed = [(row, codes) for row, codes in found if not any(map(row.accepts, codes[:1]))]
    return " · ".join(f"{row.id} {row.codes[0]} → {', '.join(codes) or 'none'}" for row, codes in missed)


PARTS: Mapping[str, Callable[[], str]] = {
    "key card": key_card_markdown,
    "life cycles": life_cycles,
    "misses": misses,
}


def renewed(text: str) -> str:
    """The README with its generated parts as they should be now."""
    for name, make in PARTS.items():
        pattern = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        part = pattern.search(text)
        if part is None:
            raise ValueError(f"README has no part “{name}”")
        before, after = text[: part.end(1)], text[part.start(2) :]
        text = f"{before}\n{make().strip()}\n\n{after}"
    return text


def element_names(text: str) -> list[str]:
    """The accessible names in the table of the call-taker window's elements (its third column)."""
    table = text.split("<!-- elements -->")[1]
    cells = [line.split("|")[3].strip() for line in table.splitlines() if line.startswith("| ")]
    return [name.strip("` ") for cell in cells[1:] for name in cell.split("、") if name.strip().startswith("`")]


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
