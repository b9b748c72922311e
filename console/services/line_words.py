"""A driver's words about a line in ours: its state, what is wrong, and what a person should do."""

from console.domain.site import LINE_LABELS, LineState
from drivers.link import LinkPhase

PHASES = {
    LinkPhase.OPENING: LineState.OPENING,
    LinkPhase.UP: LineState.UP,
    LinkPhase.SILENT: LineState.SILENT,
    LinkPhase.LOST: LineState.LOST,
    LinkPhase.STOPPED: LineState.CLOSED,
}

MOVABLE = ("tcp-listen", "udp-listen", "socket", "rfc2217")
"""Ports that another host may take over; what is plugged into one machine stays with it."""

RECEIVED_BY = "由{seat}席接收（{host}）"

CAUSES = (
    ("no reply from unit", "按钮箱不应答", "检查按钮箱的电源、站号和485接线，恢复后自动接收"),
    ("refuses with exception", "按钮箱拒绝读取", "检查线路的型号(model)、起始地址(start)和路数(inputs)"),
    ("no good reply", "按钮箱的应答有误", "检查485接线、站号和波特率，恢复后自动接收"),
    ("not to this request", "按钮箱的应答有误", "检查485接线、站号和波特率，恢复后自动接收"),
    ("with another count", "按钮箱的应答有误", "检查485接线、站号和波特率，恢复后自动接收"),
    ("udev rule", "打不开USB按钮", "安装说明书中的 udev 规则后重新插拔，或关闭占用它的程序"),
    ("package hidapi", "本机没有安装 hidapi，不能使用USB按钮", "用 pip 安装 hidapi 后重启接收"),
    ("are plugged in: write", "插入了多个相同的USB按钮", "在线路地址后写明序列号"),
    ("has not answered", "USB按钮不应答", "拔下再插上，之后自动恢复"),
    ("internal fault", "程序内部错误，这一段报文没有读出", "正在自动重试；请保存日志并报告"),
    ("protocol of its line is hid-button", "这是USB按钮，线路协议写错了", "把线路协议改为 hid-button"),
    ("is asked, it does not call", "按钮箱要由本机询问，不能用监听端口", "把线路地址改为串口或 socket://"),
    ("is named by its identity", "USB按钮的地址写错了", "把线路地址写成 hid://VID:PID"),
    ("no serial port, or does not take", "不是串口，或不支持这个波特率和格式", "检查端口名和 @ 后的波特率、格式"),
    ("cannot be opened", "打不开端口", "检查地址、接线和权限，之后自动重试"),
    ("cannot be read", "回放文件读不出来", "检查文件是否存在、格式是否正确"),
    ("took no datagram", "应答发不出去", "检查网络"),
    ("capture has been played", "回放完毕", ""),
    ("does not exist", "端口不存在", "检查接线和端口名，插好后自动恢复"),
    ("no permission", "没有使用端口的权限", "把本用户加入 dialout 组"),
    ("in use by", "端口被其他程序占用", "关闭占用它的程序，之后自动恢复"),
    ("no USB device", "没有插入该 USB 设备", "插好后自动恢复"),
    ("no connection", "连不上设备服务器", "检查网络和设备电源，之后自动恢复"),
    ("took its place", "另一发送方占用了连接", "若反复出现，检查是否有两台接收机指向同一端口"),
    ("tcp-listen://", "发送方断开", "端口仍在监听，等待发送方重新连接"),
    ("far end closed", "对端关闭了连接", "正在自动重连"),
    ("connection broke", "连接中断", "正在自动重连"),
    ("is gone", "端口已断开", "检查接线，插好后自动恢复"),
    ("nothing heard", "长时间没有收到任何数据", "检查接收机和接线"),
    ("took no bytes", "应答发不出去", "检查接线和接收机"),
    ("is not open", "应答发不出去，端口已关闭", "正在自动重试"),
    ("closed on request", "已停止接收", ""),
)
"""(words of the driver, what is wrong, what to do)."""


def explain(line: str, state: LineState, why: str) -> tuple[str, str]:
    """What is wrong with the line, and what to do; the driver's own words where we have none."""
    what, remedy = next(((what, do) for words, what, do in CAUSES if words in why), (why, "正在自动重试"))
    label = "" if state is LineState.UP else f" {LINE_LABELS[state]}"
    return f"线路{line}{label}：{what}", remedy
