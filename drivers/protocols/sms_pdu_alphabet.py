"""The alphabets of a text message: GSM 7-bit with its extension table, 8-bit data and UCS-2 (3GPP TS 23.038).

Septets are packed from the lowest bit up, so a text of 160 letters fits 140 octets; behind a header the text
begins at a whole septet, with up to six fill bits before it.
"""

from __future__ import annotations

ESCAPE = 0x1B
# TS 23.038 section 6.2.1, the default alphabet in the order of its codes; 1B leads into the extension table.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Section 6.2.1.1, the default extension table.
EXTENDED = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|"}
EXTENDED |= {0x65: "€"}

_CODES: dict[str, tuple[int, ...]] = {letter: (code,) for code, letter in enumerate(BASIC) if code != ESCAPE}
_CODES |= {letter: (ESCAPE, code) for code, letter in EXTENDED.items()}


def gsm7_codes(letter: str) -> tuple[int, ...]:
    """Return the one or two septets of a letter, () if the alphabet has none for it."""
    return _CODES.get(letter, ())


def is_gsm7(text: str) -> bool:
    """Whether every letter has a place in the alphabet."""
    return all(letter in _CODES for letter in text)


def pack_septets(codes: list[int], fill: int = 0) -> bytes:
    """Return the octets of septets; `fill` zero bits stand before the first."""
    number = 0
    for place, code in enumerate(codes):
        number |= code << (fill + 7 * place)
    return number.to_bytes((fill + 7 * len(codes) + 7) // 8, "little")


def unpack_septets(data: bytes, count: int, fill: int = 0) -> list[int]:
    """Return `count` septets, or as many as there are."""
    number = int.from_bytes(data, "little") >> fill
    there = max(0, (8 * len(data) - fill) // 7)
    return [number >> 7 * place & 0x7F for place in range(min(count, there))]


def septets_text(codes: list[int]) -> str:
    """Return the text of septets. An escape without a letter of its own shows the basic one, as the standard says."""
    letters: list[str] = []
    escaped = False
    for code in codes:
        if code == ESCAPE and not escaped:
            escaped = True
            continue
        letters.append(EXTENDED.get(code, BASIC[code]) if escaped else BASIC[code])
        escaped = False
    return "".join(letters).replace("\x1b", " ")


def whole_septets_text(data: bytes) -> str:
    """Return the text of octets that name no length; 7 spare bits hold a carriage return, which is no text."""
    codes = unpack_septets(data, len(data) * 8 // 7)
    if len(codes) % 8 == 0 and codes[-1:] == [0x0D]:
        codes.pop()
    return septets_text(codes)


def octets_text(data: bytes) -> str:
    """Return 8-bit data as text. It names no alphabet: UTF-8 if it is that, else GBK as Chinese boxes send.

    What is neither is shown as Latin-1.
    """
    for alphabet in ("utf-8", "gb18030"):
        try:
            return data.decode(alphabet)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def ucs2_text(data: bytes) -> str:
    """Return UCS-2 as text, surrogate pairs joined; half a pair or an odd octet becomes the replacement sign."""
    return data.decode("utf-16-be", "replace")
