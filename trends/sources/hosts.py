"""Which address of a host a connection may go to: only one of the public internet.

A name is resolved once, every address that it has is looked at, and the connection
goes to that address: a second look-up could name another one.
"""

import asyncio
import ipaddress
import socket
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_STANDS_FOR_IPV4: Final = (
    ipaddress.IPv6Network("64:ff9b::/96"),  # translated (RFC 6052)
    ipaddress.IPv6Network("::/96"),  # compatible (RFC 4291, deprecated)
)
_LOOPBACK_NAMES: Final = ".localhost"
"""Names below it are this machine, whatever a name server says (RFC 6761)."""


class RefusedHostError(ValueError):
    """A host that may not be asked; the text says why."""


async def addresses_of(
    host: str, port: int, *, over_tls: bool, allow_loopback: bool
) -> list[str]:
    """Where ``host`` can be connected to, in the order to try.

    Args:
        host: a name, or an address itself.
        port: looked up together with it.
        over_tls: whether the connection will be encrypted; it must be, but to this
            machine.
        allow_loopback: whether this machine may be asked.

    Raises:
        RefusedHostError: one of its addresses is private, link-local, loopback or
            reserved, or would be asked in the clear.
        OSError: the name has no address.
    """
    if f".{host}".endswith(_LOOPBACK_NAMES):
        found = ["127.0.0.1"]
    else:
        loop = asyncio.get_running_loop()
        answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    for text in found:
        # a link-local address of IPv6 names its interface after a percent sign
        address = _innermost(ipaddress.ip_address(text.partition("%")[0]))
        if address.is_loopback and allow_loopback:
            continue
        if not is_public(address):
            raise RefusedHostError(
                f"{host} is {text}, which is not an address of the public internet: "
                "a publisher's file is never there"
            )
        if not over_tls:
            raise RefusedHostError(
                f"{host} would be asked without TLS, so that anybody on the way could "
                "change the figures"
            )
    return found


def is_public(address: Address) -> bool:
    """Whether anybody could reach it from anywhere."""
    return address.is_global and not address.is_multicast


def _innermost(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it stands for one."""
    if not isinstance(address, ipaddress.IPv6Address) or address.is_loopback:
        return address
    if any(address in network for network in _STANDS_FOR_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or address
