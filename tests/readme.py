"""`python -m tests.readme` writes the README's generated parts; a test fails when one of them is stale.

Generated are the key card (from the command table) and the life cycles (from the transition tables). They
stand between `<!-- begin NAME -->` and `<!-- end NAME -->`.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from console.commands.card import key_card_markdown
from console.domain.alarm import ALARM
from console.domain.handoff import HANDOFF
from console.domain.incident import INCIDENT
from console.domain.machine import diagram
from console.domain.repair import REPAIR
from console.domain.trouble import TROUBLE

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


PARTS: Mapping[str, Callable[[], str]] = {"key card": key_card_markdown, "life cycles": life_cycles}


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
