"""A telephone exchange (CTI) that is not there, on a pseudo-terminal: it rings, and obeys what the desk orders."""

from console.domain.errors import UserError
from console.services.lines import SIMULATED_POLL_S
from drivers.protocols.cti_panel import CtiPanel
from drivers.simulator import SimulatedLink, Simulator, make_pty_pair
from drivers.streams import FdStream


class SimulatedExchange:
    """`spec` is the line to open."""

    def __init__(self, name: str) -> None:
        near, path = make_pty_pair()
        self.spec = f"{name}=cti:{path}"
        self._stream = FdStream(near, SIMULATED_POLL_S)
        self._panel = CtiPanel()
        self._link = SimulatedLink(Simulator(self._stream, self._panel))
        self._started = False

    def start(self) -> None:
        """Say hello, then that it lives."""
        self._started = True
        self._link.start()

    def ring(self, number: str, subscriber: str, address: str, called: str = "110") -> str:
        """Somebody calls; the exchange's name of the call."""
        self._panel.book[number] = (subscriber, address)
        self._link.post(self._panel.ring(number, called))
        return next(reversed(self._panel.calls))

    def drop(self, call: str) -> None:
        """The caller hangs up, if he still waits."""
        if call in self._panel.calls:
            self._link.post(self._panel.drop(call))

    def stop(self) -> None:
        """Fall silent and let go of the pseudo-terminal."""
        if self._started:
            self._link.stop()
        self._stream.close()


def simulate_exchange(name: str) -> SimulatedExchange:
    """A simulated exchange, not started; UserError where there are no pseudo-terminals (Windows)."""
    try:
        return SimulatedExchange(name)
    except (ImportError, OSError) as problem:
        raise UserError(f"本机不能模拟线路：{problem}") from problem
