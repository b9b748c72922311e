"""Telephone numbers in one form, as people here dial and type them: a caller's texts, calls and incidents meet."""

import re

from console.domain.errors import UserError

_NUMBER = re.compile(r"\+?[0-9*#]{2,20}")
_HOME = re.compile(r"(?:\+|00)?86(?=1[3-9][0-9]{9}$|0?[1-9][0-9]{8,10}$)")
"""The country's own prefix, in front of a mobile number or one with its area code."""


def plain_number(text: str) -> str:
    """The number without blanks, dashes and the prefix +86; a name (10086, 中国移动) stays as it is."""
    bare = re.sub(r"[\s\-()（）]", "", text)
    return _HOME.sub("", bare) if _NUMBER.fullmatch(bare) else text.strip()


def number_to_text(text: str) -> str:
    """The number as a modem dials it; UserError if it is none."""
    bare = re.sub(r"[\s\-()（）]", "", text)
    if not _NUMBER.fullmatch(bare):
        raise UserError(f"“{text}”不是电话号码，请只填数字")
    return bare
