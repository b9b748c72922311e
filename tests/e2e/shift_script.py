"""The scripted shift: who calls and says what, and how a call is written with keys; read by both processes."""

from dataclasses import dataclass

from PySide6.QtCore import Qt

from tests.e2e.desk_shift import CTRL, Room


@dataclass(frozen=True)
class Spoken:
    """A call: its number, the letters that choose place and kind, what they stand for, what the caller says."""

    phone: str
    letters: str
    place: str
    kind_letters: str
    kind: str
    words: str


CALLS = (
    Spoken("13800000001", "jbl", "江滨路", "jt", "0301", "两辆小车追尾，无人受伤，堵住一条车道"),
    Spoken("13800000002", "ncl", "南昌路", "zy", "0206", "烧烤店音响开得很大，老人睡不着"),
    Spoken("13800000003", "zfl", "钟法路", "ll", "0802", "楼上漏水，两家邻居吵起来，还没有动手"),
    Spoken("13800000004", "dxl", "丹霞路", "dq", "0104", "停在楼下的东西被偷走了，刚刚发现"),
    Spoken("13800000005", "sll", "胜利路", "ry", "0502", "七十多岁的老人出门后没有回家，穿灰色外套"),
    Spoken("13800000006", "wzl", "威镇路", "xf", "0803", "超市多收了钱，店家不肯退"),
    Spoken("13800000007", "dtl", "大同路", "dj", "0201", "几个年轻人在路边打架，有七八个人"),
    Spoken("13800000008", "rjl", "瑞京路", "td", "010404", "电动车停在门口被偷了"),
    Spoken("13800000009", "hcdl", "环城东路", "sg", "0301", "货车和电动车相撞，骑车人坐在地上"),
    Spoken("13800000010", "xhnl", "新华南路", "jf", "0805", "借钱不还，对方上门吵闹"),
    Spoken("13800000011", "yabl", "延安北路", "zy", "0206", "半夜还在唱歌，整栋楼都听得见"),
    Spoken("13800000012", "ygnl", "元光南路", "ll", "0802", "邻居在楼道堆东西，说了不听"),
    Spoken("13800000013", "hcxl", "环城西路", "jt", "0301", "两车刮擦，双方争执谁的责任"),
    Spoken("13800000014", "xwdl", "修文东路", "dq", "0104", "店里的手机被人拿走，监控拍到了"),
    Spoken("13800000015", "hcnl", "环城南路", "zy", "0206", "工地夜里打桩，吵得睡不着"),
    Spoken("13800000016", "zhl", "漳华路", "jf", "0805", "房东不退押金，两人吵了一下午"),
)
"""Sixteen that are incidents of their own; the third is half typed when the process dies."""

HALF_TYPED = ("楼上漏水，", "两家邻居吵起来，")

ATTACHED = Spoken("13800000107", "dtl", "大同路", "dj", "0201", "路边有七八个年轻人在打架")
"""Calls about what is known: attached while it is written."""
TWICE = (
    Spoken("13800000109", "hcdl", "环城东路", "sg", "0301", "货车撞了电动车，骑车人坐在地上起不来"),
    Spoken("13800000111", "yabl", "延安北路", "zy", "0206", "半夜唱歌，整栋楼都听得见"),
)
"""Saved before anybody saw that they are duplicates: merged, and taken apart again."""
GAS = Spoken("13800000020", "xwxl", "修文西路", "rqxl", "050301", "整条街都是煤气味，有人晕倒")
"""Becomes the major incident."""


async def write_call(room: Room, call: Spoken, *, save: bool = True) -> str:
    """From the ring to the stored incident, by keys; answers its number."""
    await room.ring(call.phone)
    await room.key(Qt.Key.Key_F9)
    await room.letters(call.letters)
    await room.key(Qt.Key.Key_Return)
    await room.letters(call.kind_letters)
    await room.key(Qt.Key.Key_Return)
    await room.hanzi(call.words)
    if not save:
        return ""
    await room.key(Qt.Key.Key_Return, CTRL)
    await room.until(lambda: room.shown)
    await room.idle()
    return room.shown


async def send_best(room: Room) -> str:
    """Ctrl+D, Enter: the plan of the shown incident goes; answers the first unit."""
    number = room.shown
    await room.key(Qt.Key.Key_D, CTRL)
    await room.key(Qt.Key.Key_Return)
    await room.until(lambda: room.station.picture.orders(number))
    await room.idle()
    return str(room.station.picture.orders(number)[0].unit)
