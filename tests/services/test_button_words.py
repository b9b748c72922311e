"""What a line to a button that does not work says to a person: what is wrong, and what to do."""

import pytest

from console.domain.site import LineState
from console.services.line_words import explain


@pytest.mark.parametrize(
    ("why", "what", "remedy"),
    [
        ("no reply from unit 3", "按钮箱不应答", "485"),
        ("/dev/ttyUSB0: 3 polls in a row brought no good reply: no reply from unit 3", "按钮箱不应答", "站号"),
        ("unit 3 refuses with exception 2: check model, start and inputs", "按钮箱拒绝读取", "型号"),
        ("3 polls in a row brought no good reply: unit 3 replies with another count", "按钮箱的应答有误", "波特率"),
        ("a reply that is not to this request from unit 3", "按钮箱的应答有误", "485"),
        ("no USB device 1d34:000d is plugged in", "没有插入该 USB 设备", "插好"),
        (
            "USB device 1d34:000d cannot be opened: the udev rule is missing, or another program uses it",
            "打不开",
            "udev",
        ),
        ("USB buttons need the Python package hidapi, which is not installed here", "没有安装 hidapi", "pip"),
        ("2 of 1d34:000d are plugged in: write hid://1d34:000d:SERIAL (there are A1, A2)", "多个相同", "序列号"),
        ("the USB device has not answered 20 questions in a row", "USB按钮不应答", "插上"),
        ("hid://1d34:000d: the USB device is gone", "端口已断开", "插好"),
    ],
)
def test_that_a_button_that_does_not_work_is_told_with_what_to_do(why: str, what: str, remedy: str) -> None:
    said, to_do = explain("B1", LineState.LOST, why)
    assert said.startswith("线路B1")
    assert what in said
    assert remedy in to_do
