"""A way to a server of this machine that a test can cut or clog, as networks do."""

import contextlib
import math
import socket
import struct
import threading
from collections.abc import Callable

_CHUNK = 1 << 16  # bytes
_AT_ONCE = struct.pack("ii", 1, 0)  # closing then tells the other end in the same moment


class Proxy:
    """Listens on `port` and passes connections on to a port of this machine."""

    def __init__(self, target: int) -> None:
        self._usual = self._target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.connections = 0  # so far
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._cut = False
        self._flowing = threading.Event()
        self._flowing.set()
        self._left = math.inf  # bytes from the target until something strikes
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """End all connections, and every new one at once."""
        with self._lock:
            self._cut = True
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """End all connections without a goodbye, as a crash does; new ones are as good as ever."""
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                    end.shutdown(socket.SHUT_RD)

    def divert(self, port: int) -> None:
        """End all connections, and lead new ones to another port of this machine."""
        self.cut()
        self._target, self._cut = port, False

    def after(self, count: int, strike: Callable[[], None]) -> threading.Event:
        """Call `strike` when so many more bytes have come from the target; set the event then."""
        self._left, self._strike, self._struck = count, strike, threading.Event()
        return self._struck

    def clog(self) -> None:
        """Keep all connections, take new ones, and let nothing through."""
        self._flowing.clear()

    def mend(self) -> None:
        """Let through again what comes, to where it should go."""
        self._target, self._cut = self._usual, False
        self._flowing.set()

    def close(self) -> None:
        """End for good."""
        self.mend()
        self.cut()
        self._server.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                near, _ = self._server.accept()
                self.connections += 1
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        with near, socket.socket() as far:
            with self._lock:
                if self._cut:
                    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
                    return
                self._open |= {near, far}
            with contextlib.suppress(OSError):
                far.connect(("127.0.0.1", self._target))
                ways = (far, near, self._count)
                back = threading.Thread(target=self._pass_on, args=ways, daemon=True)
                back.start()
                self._pass_on(near, far)
                back.join()
            with self._lock:
                self._open -= {near, far}

    def _count(self, size: int) -> None:
        with self._lock:
            self._left -= size
            due = self._left <= 0
            if due:
                self._left = math.inf
        if due:
            self._strike()
            self._struck.set()

    def _pass_on(
        self,
        source: socket.socket,
        target: socket.socket,
        count: Callable[[int], None] = lambda size: None,
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(_CHUNK):
                count(len(chunk))
                self._flowing.wait()
                target.sendall(chunk)
        for end in (source, target):
            # To wake whoever reads it; the other end learns it when both ways are closed.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RD)
