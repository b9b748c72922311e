"""Why a frame could not be read, in the user's words: a codec's sentence as far as it is known, else as it stands."""

REASONS = (
    ("parity error", "奇偶校验错（线路是否按 7E1 发、8N1 收？）"),
    ("impossible length", "长度不对，字符多了或少了"),
    ("of no known form", "格式不认识"),
    ("no terminator", "一直没有结束符"),
    ("broke off", "报文中断，不完整"),
    ("noise before", "报文前有杂波"),
    ("rest of a refused", "被拒报文的剩余部分"),
    ("checksum", "校验和不对"),
    ("check sum", "校验和不对"),
    ("parity", "块校验不对"),
    ("CRC", "CRC 校验不对"),
    ("crc", "CRC 校验不对"),
    ("check byte", "校验字节不对"),
    ("length", "长度与声明不符"),
    ("escape", "转义错误"),
    ("time", "时间戳超出允许范围"),
    ("key", "密钥不对或没有密钥"),
    ("decrypt", "解密失败，请核对密钥"),
    ("digit", "有不该出现的字符"),
)
"""(words of a codec, what is wrong)."""


def unread(why: str) -> str:
    """What is wrong with the bytes; '' for nothing."""
    return next((said for words, said in REASONS if words in why), why)
