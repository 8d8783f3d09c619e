"""This machine in its local network: the addresses at which others reach it, as text and code."""

import contextlib
import fcntl
import io
import socket
import struct
from ipaddress import ip_address

import segno

_SIOCGIFADDR = 0x8915  # "what is this interface's address?" (netdevice(7))
_ANYWHERE = ("192.0.2.1", 9)  # nobody's (RFC 5737), and nothing is sent there
_WHITE_ON_BLACK, _RESET = "\x1b[97;40m", "\x1b[0m"


def addresses() -> list[str]:
    """Return the IPv4 addresses that are not loopback's, the one of the way out first."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):  # an interface without an address
                answer = fcntl.ioctl(asked, _SIOCGIFADDR, struct.pack("256s", name.encode()))
                found.append(socket.inet_ntoa(answer[20:24]))
        with contextlib.suppress(OSError):  # a network that leads nowhere else
            asked.connect(_ANYWHERE)
            found.insert(0, asked.getsockname()[0])
    return [each for each in dict.fromkeys(found) if not ip_address(each).is_loopback]


def code(url: str) -> str:
    """Return a QR code of half blocks that terminals, light or dark, show dark on light."""
    drawn = io.StringIO()
    segno.make(url).terminal(drawn, compact=True)
    return "\n".join(f"{_WHITE_ON_BLACK}{line}{_RESET}" for line in drawn.getvalue().splitlines())
