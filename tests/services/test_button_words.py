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


@pytest.mark.parametrize(
    ("why", "what"),
    [
        ("internal fault: list index out of range", "程序内部错误"),
        ("port 127.0.0.1:8808 is in use by another program", "端口被其他程序占用"),
        ("port 10.0.0.9:8808 cannot be opened: Too many open files", "打不开端口"),
        ("port /dev/null is no serial port, or does not take this speed and framing", "不支持这个波特率"),
        ("hid://1d34:000d is a USB button: the protocol of its line is hid-button", "线路协议写错了"),
        ("a Modbus box is asked, it does not call: tcp-listen://:502 is no port for it", "由本机询问"),
        ("capture night.jsonl cannot be read: No such file or directory", "回放文件读不出来"),
        ("the network took no datagram", "应答发不出去"),
    ],
)
def test_that_what_is_wrong_with_a_line_is_told_in_words(why: str, what: str) -> None:
    said, to_do = explain("A1", LineState.LOST, why)
    assert what in said
    assert not set("abcdefghijkl") & set(said.removeprefix("线路A1"))
    assert to_do
