"""What an error of PostgreSQL says, in words for a person: what is wrong and what to do.

By SQLSTATE (PostgreSQL manual, appendix A) where there is one. A refused connection has none: libpq hands up
only the text, in the server's language; the few that mean a wrong address are known in English and Chinese.
What stands in no table is our own bug and passes as it is.
"""

import re

import psycopg

from console.domain.errors import JournalUnavailable
from console.persistence.dialect.fault import TakenBack, WrongAddress

_RESTART = "等它起来；恢复后自动继续"
_AWAY = "检查网络和数据库服务器；恢复后自动继续"
_SIGN_ON = "核对数据库地址里的用户和密码，以及服务器的 pg_hba.conf"

_STATES: dict[str, tuple[str, str]] = {
    "57P01": ("数据库服务器正在关闭或断开了连接", _RESTART),
    "57P02": ("数据库服务器刚刚崩溃，正在恢复", _RESTART),
    "57P03": ("数据库服务器正在启动或关闭", _RESTART),
    "57P05": ("数据库服务器断开了空闲的连接", "自动重新连接"),
    "57014": ("数据库没有按时答复", "检查数据库服务器的负载；恢复后自动继续"),
    "55P03": ("数据库被其他程序锁住", "关闭占用它的程序；恢复后自动继续"),
    "25P03": ("写入中途停顿过久，数据库断开了连接", "检查本机负载；自动重新连接"),
    "25006": ("连到的数据库只读（备机）", "核对地址，或在地址中加 target_session_attrs=read-write"),
    "53100": ("数据库服务器磁盘已满", "请管理员清出磁盘空间；腾出后自动恢复"),
    "53200": ("数据库服务器内存不足", "请管理员检查数据库服务器；恢复后自动继续"),
    "53300": ("数据库连接数已满", "请管理员调大 max_connections 或关闭多余的程序；恢复后自动继续"),
    "53400": ("数据库服务器超出配置限额", "请管理员检查数据库服务器"),
    "58030": ("数据库服务器读写磁盘出错", "请管理员检查数据库服务器的磁盘"),
    "58P01": ("数据库服务器缺少文件", "请管理员检查数据库服务器的磁盘"),
    "XX001": ("数据库中的数据已损坏", "停止使用并用备机或最近的备份恢复"),
    "XX002": ("数据库中的索引已损坏", "停止使用并用备机或最近的备份恢复"),
    "40001": ("数据库写入冲突", "自动重试"),
    "40P01": ("数据库写入冲突", "自动重试"),
    "42501": ("数据库用户没有所需的权限", "请管理员把库的所有者设为本程序使用的用户"),
}
_TAKEN_BACK = frozenset({"25P03", "40001", "40P01"})
_WRONG_STATES: dict[str, tuple[str, str]] = {
    "28000": ("数据库不接受这个用户", _SIGN_ON),
    "28P01": ("数据库密码不对", _SIGN_ON),
    "3D000": ("数据库服务器上没有这个库", "核对库名，或请管理员先建库（createdb）"),
}
_REFUSED: tuple[tuple[str, tuple[str, str]], ...] = (
    ("password authentication failed|no password supplied|认证失败|口令", _WRONG_STATES["28P01"]),
    ("pg_hba|authentication failed|not permitted to log in|role .* does not exist", _WRONG_STATES["28000"]),
    ("角色.*不存在|不允许.*登录", _WRONG_STATES["28000"]),
    ("database .* does not exist|数据库.*不存在", _WRONG_STATES["3D000"]),
    ("could not translate host name|Name or service not known", ("找不到数据库服务器的主机名", "核对地址和域名解析")),
    ("SSL|certificate", ("与数据库服务器的加密连接没有建成", "核对 sslmode 和证书")),
)
"""What a refused connection says when waiting will not help, the special before the general."""
_LATER: tuple[tuple[str, tuple[str, str]], ...] = (
    ("too many (clients|connections)|remaining connection slots|太多的客户|连接槽", _STATES["53300"]),
    ("starting up|shutting down|in recovery mode|not yet accepting|启动|关闭|恢复模式", _STATES["57P03"]),
    ("read-only|not in hot standby|只读", ("能连上的数据库服务器都只读（备机）", "等备机升为主机；恢复后自动继续")),
    ("Connection refused", ("数据库服务器没有运行", "检查数据库服务器；恢复后自动继续")),
    ("No route to host|unreachable", ("到数据库服务器的网络不通", _AWAY)),
    ("timeout expired|timed out|no answer within", ("数据库无应答", _AWAY)),
    ("No space left on device", _STATES["53100"]),
)


def _said(text: str, table: tuple[tuple[str, tuple[str, str]], ...]) -> tuple[str, str] | None:
    return next((words for pattern, words in table if re.search(pattern, text)), None)


def told(error: psycopg.Error) -> JournalUnavailable | None:
    """The fault in words, None if it is our own bug.

    `WrongAddress` if time will not heal it, `TakenBack` if the transaction is undone and the server well.
    """
    if error.sqlstate in _WRONG_STATES:
        return WrongAddress(*_WRONG_STATES[error.sqlstate])
    if error.sqlstate in _TAKEN_BACK:
        return TakenBack(*_STATES[error.sqlstate])
    if error.sqlstate is not None:
        known = _STATES.get(error.sqlstate)
        return JournalUnavailable(*known) if known else _of_its_class(error.sqlstate)
    if not isinstance(error, psycopg.OperationalError):
        return None
    text = str(error)
    if later := _said(text, _LATER):
        return JournalUnavailable(*later)
    if refused := _said(text, _REFUSED):
        return WrongAddress(*refused)
    return JournalUnavailable("与数据库服务器的连接断了", _AWAY)


def _of_its_class(sqlstate: str) -> JournalUnavailable | None:
    """A state known only by its class: the connection (08), resources (53), the operator (57), the system (58)."""
    if sqlstate[:2] in ("08", "53", "57", "58"):
        return JournalUnavailable(f"数据库服务器报告故障（{sqlstate}）", _AWAY)
    return None
