"""Words for what a panel said, for the strip and for paper: the event with its code, the protocol's usual name."""

from console.domain.alarm import Alarm
from drivers.events import event

PROTOCOLS = {
    "surgard": "Sur-Gard",
    "contact-id": "Contact ID",
    "sia-dc03": "SIA DC-03",
    "sia-dc09": "SIA DC-09",
    "galaxy": "Galaxy",
    "ademco685": "Ademco 685",
    "fe100": "FE100",
    "modbus-rtu": "Modbus RTU",
    "hid-button": "USB HID",
    "line-button": "USB CDC",
    "jt808": "JT/T 808",
    "jt905": "JT/T 905",
    "sms-pdu": "短信 PDU",
    "at-modem": "GSM 短信模块",
    "cti": "电话交换机 CTI",
    "nmea": "NMEA 定位",
}


def event_text(alarm: Alarm) -> str:
    """`120 紧急报警`, `PA` where only a SIA code came, '' for unreadable bytes."""
    if not alarm.event_code:
        return alarm.sia_code
    return code_text(alarm.event_code)


def code_text(code: str) -> str:
    """`120 紧急报警`; a code that no table knows is named once: `未知事件 199`."""
    known = event(code)
    return f"{code} {known.zh}" if known.known else known.zh


def third_field_is_user(alarm: Alarm) -> bool:
    """Whether the last three digits name a user, not a zone (duress, hold-up)."""
    return bool(alarm.event_code) and event(alarm.event_code).third_field == "user"


def protocol_name(protocol: str) -> str:
    """The name technicians know it by."""
    return PROTOCOLS.get(protocol, protocol)
