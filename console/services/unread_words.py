"""Why a frame could not be read, in the user's words: a codec's sentence as far as it is known, else as it stands."""

REASONS = (
    ("no text", "字节损坏，不是文本"),
    ("no DC-03 text", "不是 DC-03 文本"),
    ("no line", "不是短信模块的应答"),
    ("notice of a text", "短信通知不完整"),
    ("no sentence", "不是 NMEA 语句"),
    ("fields it cannot have", "语句的字段不对"),
    ("no words of a button board", "不是按钮板的数据，按钮板可能刚重启"),
    ("neither BTNn", "不是按钮板的数据"),
    ("no report of a", "不是这种按钮的数据"),
    ("not encrypted", "没有加密，而这条线路只收加密报文"),
    ("stand in no frame", "报文外的杂波"),
    ("no end in", "一直没有结束符"),
    ("bracket", "数据的括号没有闭合"),
    ("our own fault", "程序处理出错，原文已保存，请把报文导出给维护人员"),
    ("hex", "短信内容不是十六进制"),
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
    ("right CRC", "没有 CRC 正确的报文"),
    ("is wrong, the bytes give", "校验字节不对"),
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
