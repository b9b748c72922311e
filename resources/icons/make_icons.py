"""Makes the icons. Run: python -m resources.icons.make_icons

Plain white shapes on a 24 × 24 grid, no colour and no text: whoever draws one tints it. Priority is told by shape too
(▲ ◆ ● ■), never by colour alone. `app.svg` is the only one with colours of its own. Ours, CC0-1.0.
"""

from pathlib import Path

HERE = Path(__file__).parent
STROKE = 'fill="none" stroke="#ffffff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'


def line(*paths: str) -> str:
    """Outlines of even width."""
    return "".join(f'<path {STROKE} d="{path}"/>' for path in paths)


def solid(path: str) -> str:
    return f'<path fill="#ffffff" d="{path}"/>'


def disc(x: float, y: float, radius: float) -> str:
    return f'<circle fill="#ffffff" cx="{x}" cy="{y}" r="{radius}"/>'


def ring(x: float, y: float, radius: float) -> str:
    return f'<circle {STROKE} cx="{x}" cy="{y}" r="{radius}"/>'


def box(x: float, y: float, width: float, height: float, radius: float = 0) -> str:
    return f'<rect {STROKE} x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}"/>'


ICONS = {
    "p1": solid("M12 3 22 21H2z"),
    "p2": solid("M12 2 22 12 12 22 2 12z"),
    "p3": disc(12, 12, 9),
    "p4": solid("M4 4h16v16H4z"),
    "alarm": line("M12 3 22 20.5H2z", "M12 9.5v5") + disc(12, 17.4, 1.2),
    "unit": '<rect fill="#ffffff" x="4" y="4" width="16" height="16" rx="3"/>',
    "agency": line("M4 21V9l8-5 8 5v12M2 21h20", "M9 21v-6h6v6"),
    "phone": solid("M6.5 2.5 10 7 8 9.6a14 14 0 0 0 6.4 6.4L17 14l4.5 3.5-2 4C11 22 2 13 2.5 4.5z"),
    "printer": line("M7 8V3h10v5", "M7 17H3V8h18v9h-4", "M7 14h10v7H7z"),
    "link": line(
        "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7", "M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L12 17"
    ),
    "lamp": disc(12, 12, 6) + ring(12, 12, 9.5),
    "search": ring(10.5, 10.5, 6.5) + line("m15.5 15.5 6 6"),
    "school": line("M2 9.5 12 5l10 4.5L12 14z", "M6 11.5V17c3.5 2.7 8.5 2.7 12 0v-5.5", "M22 9.5V16"),
    "kindergarten": box(3, 13, 8, 8) + box(13, 13, 8, 8) + line("M12 3 16.5 10.5h-9z"),
    "bank": line("M2 9.5 12 3l10 6.5z", "M5 10v8M10 10v8M14 10v8M19 10v8", "M2 21h20"),
    "bus": box(4, 3, 16, 15, 2) + line("M4 11h16", "M7 18v3M17 18v3") + disc(8, 14.5, 1.2) + disc(16, 14.5, 1.2),
    "bus_station": box(2, 3, 12, 13, 2) + line("M2 10h12M5 16v2M11 16v2", "M19 21V9", "M17 4h5v5h-5z"),
    "hospital": box(3, 3, 18, 18, 3) + line("M12 7.5v9M7.5 12h9"),
    "petrol": line("M4 21V4h9v17M2 21h13M4 10h9", "M13 12h2.5l1.5 1.5V17a1.8 1.8 0 0 0 3.5 0V8.5l-3-3"),
    "mall": line("M4 8h16l1 13H3z", "M8.5 11V6.5a3.5 3.5 0 0 1 7 0V11"),
    "park": line("M12 2 19 12h-4l4 5H5l4-5H5z", "M12 17v5"),
    "app": '<rect fill="#1b2027" width="24" height="24" rx="5"/><path fill="#ff4d4f" d="M12 3.5 20 18H4z"/>'
    + line("M12 9v4")
    + disc(12, 15.6, 1.1)
    + '<path fill="#4aa3ff" d="M4 20h16v1.5H4z"/>',
}


def main() -> None:
    for name, body in ICONS.items():
        text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24">{body}</svg>\n'
        (HERE / f"{name}.svg").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
