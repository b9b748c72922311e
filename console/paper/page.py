"""What every printed page shares: the bundled font, the styles, the foot, and writing without half a file.

One font file serves screen and paper (DESIGN section 6); paper is black on white, A4.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

from console.domain.errors import EnvironmentFault

LOCAL = ZoneInfo("Asia/Shanghai")
REGULAR, BOLD = "ConsoleSansSC", "ConsoleSansSC-Bold"
MARGIN = 15 * mm


@cache
def fonts(folder: Path) -> None:
    """Register the bundled font from the folder of resources/fonts, once."""
    pdfmetrics.registerFont(TTFont(REGULAR, folder / "ConsoleSansSC-Regular.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, folder / "ConsoleSansSC-Bold.ttf"))


def style(size: float = 10, *, bold: bool = False, grey: bool = False, space: float = 0) -> ParagraphStyle:
    """A paragraph style; `size` in points. CJK wrapping: a Chinese line breaks anywhere but before 、。"""
    return ParagraphStyle(
        f"p{size}{bold}{grey}{space}",
        fontName=BOLD if bold else REGULAR,
        fontSize=size,
        leading=size * 1.45,
        textColor=colors.HexColor("#444444") if grey else colors.black,
        wordWrap="CJK",
        spaceAfter=space,
    )


def text(words: str, size: float = 10, *, bold: bool = False, grey: bool = False, space: float = 0) -> Paragraph:
    """A paragraph of plain words; markup in them is printed, not obeyed."""
    return Paragraph(escape(words).replace("\n", "<br/>"), style(size, bold=bold, grey=grey, space=space))


def table(rows: Sequence[Sequence[Any]], widths: Sequence[float], *, head: bool = False) -> Table:
    """A ruled table; `widths` in points. A head row is bold and repeats on every page."""
    made = Table([list(row) for row in rows], colWidths=list(widths), repeatRows=1 if head else 0)
    rules: list[Any] = [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.HexColor("#888888")),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    if head:
        rules.append(("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#e8e8e8")))
    made.setStyle(TableStyle(rules))
    return made


def local(at: datetime | None, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A moment in local time, '' for none."""
    return at.astimezone(LOCAL).strftime(form) if at is not None else ""


def _numbered(words: str) -> type[Canvas]:
    """A canvas that holds its pages back until their number is known, and then writes the foot of each."""

    class Numbered(Canvas):
        def __init__(self, *args: Any, **named: Any) -> None:
            super().__init__(*args, **named)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 -- reportlab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                self.setFont(REGULAR, 8)
                self.drawString(MARGIN, 9 * mm, words)
                self.drawRightString(A4[0] - MARGIN, 9 * mm, f"第 {number} 页，共 {len(self._pages)} 页")
                super().showPage()
            super().save()

    return Numbered


def write(file: Path, title: str, story: Sequence[Flowable], foot: str) -> Path:
    """Write the pages beside the file and rename, so that nobody ever reads half a sheet.

    EnvironmentFault if the disk refuses.
    """
    half = file.with_suffix(".half")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        document = SimpleDocTemplate(
            str(half),
            pagesize=A4,
            title=title,
            author="110",
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=MARGIN,
            bottomMargin=MARGIN,
        )
        document.build(list(story), canvasmaker=_numbered(foot))
        half.replace(file)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        raise EnvironmentFault(
            f"无法写入 {file.name}：{error.strerror or error}", "请检查磁盘空间和目录权限"
        ) from error
    return file
