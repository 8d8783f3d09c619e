"""A way to a server of this machine that a test can cut or clog, as networks do."""

import contextlib
import socket
import struct
import threading

_CHUNK = 1 << 16  # bytes
_AT_ONCE = struct.pack("ii", 1, 0)  # closing then tells the other end in the same moment


class Proxy:
    """Listens on `port` and passes connections on to a port of this machine."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.connections = 0  # so far
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._cut = False
        self._flowing = threading.Event()
        self._flowing.set()
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """End all connections, and every new one at once."""
        with self._lock:
            self._cut = True
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def clog(self) -> None:
        """Keep all connections, take new ones, and let nothing through."""
        self._flowing.clear()

    def mend(self) -> None:
        """Let through again what comes."""
        self._cut = False
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
                back = threading.Thread(target=self._pass_on, args=(far, near), daemon=True)
                back.start()
                self._pass_on(near, far)
                back.join()
            with self._lock:
                self._open -= {near, far}

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(_CHUNK):
                self._flowing.wait()
                target.sendall(chunk)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
