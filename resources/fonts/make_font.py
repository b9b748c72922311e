"""Makes ConsoleSansSC-Regular.ttf and -Bold.ttf. Run: python -m resources.fonts.make_font [FOLDER OF THE .ttc FILES]

Takes Noto Sans CJK SC (Debian package fonts-noto-cjk, SIL OFL 1.1), keeps 通用规范汉字表, GB 2312 and symbols, turns
the PostScript outlines into TrueType ones (paper needs those) and renames the family, as the licence asks of changed
copies. Its digits all have one width, so clocks and counts need no further feature. About a minute per weight.
"""

import sys
from pathlib import Path
from typing import Any

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

HERE = Path(__file__).parent
DEBIAN = Path("/usr/share/fonts/opentype/noto")
SC_INDEX = 2  # JP, KR, SC, TC, HK in the collection
FAMILY = "Console Sans SC"
MAX_ERROR = 1.0  # font units (1/1000 em) by which a quadratic curve may miss the cubic one
STROKE = {"Regular": 62, "Bold": 104}  # font units; for the one symbol drawn here
RANGES = [  # blocks kept whole as far as the font has them
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x00FF),  # Latin-1
    (0x2010, 0x2060),  # dashes, quotes, bullets
    (0x2070, 0x209C),  # superscripts and subscripts
    (0x20A0, 0x20BF),  # € ₣
    (0x2100, 0x218B),  # ℃ № Ⅰ
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematics
    (0x2300, 0x23FF),  # ⌘ ⏎
    (0x2460, 0x27BF),  # ① box drawing, geometric shapes, ⚠ ✓
    (0x3000, 0x303F),  # 、。《》
    (0x3200, 0x33FF),  # ㈠ ㎡
    (0xFE30, 0xFE4F),  # vertical forms
    (0xFF00, 0xFFEE),  # full-width forms
]
# Symbols the original lacks, each another one's shape at a scale: new -> (old, scale)
BORROWED = {
    "►": ("▶", 1.0),
    "◄": ("◀", 1.0),
    "⏵": ("▶", 0.8),
    "▸": ("▶", 0.65),
    "◂": ("◀", 0.65),
    "▴": ("▲", 0.65),
    "▾": ("▼", 0.65),
    "✔": ("✓", 1.0),
    "✕": ("×", 1.0),
    "✗": ("×", 1.0),
    "✘": ("×", 1.0),
}


def wanted(cmap: dict[int, str]) -> set[int]:
    """The code points to keep: the state's table, GB 2312 and the blocks above."""
    keep = {ord(c) for c in (HERE / "characters.txt").read_text(encoding="utf-8") if c > " "}
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    keep |= {ord(c) for pair in pairs for c in pair.decode("gb2312", "ignore")}
    keep |= {code for low, high in RANGES for code in range(low, high + 1)}
    return keep & cmap.keys()


def subset(font: TTFont, codes: set[int]) -> None:
    """Throws out every other glyph, all layout features and hints."""
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "GSUB", "GPOS", "GDEF", "BASE", "DSIG"]
    worker = Subsetter(options)
    worker.populate(unicodes=codes)
    worker.subset(font)


def to_truetype(font: TTFont) -> None:
    """Replaces the CFF outlines by quadratic ones, in place."""
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    outlines: dict[str, Any] = {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        outlines[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = newTable("glyf")
    font["glyf"].glyphOrder = order
    font["glyf"].glyphs = outlines
    del font["CFF "]
    _replace_maxp_and_post(font)
    font.sfntVersion = "\x00\x01\x00\x00"


def _replace_maxp_and_post(font: TTFont) -> None:
    maxp = font["maxp"] = newTable("maxp")
    maxp.tableVersion = 0x00010000
    for field in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements"):
        setattr(maxp, f"max{field}", 0)
    maxp.maxSizeOfInstructions = maxp.maxComponentElements = 0
    maxp.maxZones = 1
    font["post"].formatType = 3.0


def borrow(font: TTFont) -> None:
    """Adds the symbols of BORROWED as scaled references, centred where the old shape is."""
    cmap, glyf = font.getBestCmap(), font["glyf"]
    for new, (old, scale) in BORROWED.items():
        source = cmap[ord(old)]
        name = f"uni{ord(new):04X}"
        width, _ = font["hmtx"][source]
        shape = glyf[source]
        shape.recalcBounds(glyf)
        middle = (shape.yMin + shape.yMax) / 2
        pen = TTGlyphPen(glyf.glyphs)
        pen.addComponent(source, (scale, 0, 0, scale, width * (1 - scale) / 2, middle * (1 - scale)))
        glyf[name] = pen.glyph()
        glyf[name].recalcBounds(glyf)
        font["hmtx"][name] = (width, glyf[name].xMin)
        for table in font["cmap"].tables:
            table.cmap[ord(new)] = name


def draw_return(font: TTFont, stroke: int) -> None:
    """Adds ↵ (the Enter key in hints): a hook with a solid head, on the full width of a symbol."""
    pen = TTGlyphPen(None)
    half = stroke / 2
    hook = [(300, 330 - half), (300, 330 + half), (790, 330 + half), (790, 660), (790 + stroke, 660)]
    for outline in ([*hook, (790 + stroke, 330 - half)], [(130, 330), (360, 510), (360, 150)]):
        pen.moveTo(outline[0])
        for point in outline[1:]:
            pen.lineTo(point)
        pen.closePath()
    font["glyf"]["uni21B5"] = pen.glyph()
    font["hmtx"]["uni21B5"] = (1000, 130)
    for table in font["cmap"].tables:
        table.cmap[0x21B5] = "uni21B5"


def rename(font: TTFont, weight: str) -> None:
    """The family gets a name of its own; copyright and licence stay as they are."""
    script = f"{FAMILY.replace(' ', '')}-{weight}"
    texts = {1: FAMILY, 2: weight, 3: f"{script};1.0", 4: f"{FAMILY} {weight}", 6: script}
    kept = [record for record in font["name"].names if record.nameID in (0, 5, 7, 8, 9, 11, 13, 14)]
    font["name"].names = [record for record in kept if record.platformID == 3 and record.langID == 0x409]
    for name_id, text in texts.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)


def make(source: Path, weight: str) -> Path:
    """One weight, from the collection to our file."""
    font = TTFont(source / f"NotoSansCJK-{weight}.ttc", fontNumber=SC_INDEX, recalcTimestamp=False)
    subset(font, wanted(font.getBestCmap()))
    to_truetype(font)
    borrow(font)
    draw_return(font, STROKE[weight])
    rename(font, weight)
    target = HERE / f"ConsoleSansSC-{weight}.ttf"
    font.save(target)
    return target


if __name__ == "__main__":
    for each in ("Regular", "Bold"):
        print(make(Path(sys.argv[1]) if len(sys.argv) > 1 else DEBIAN, each))
