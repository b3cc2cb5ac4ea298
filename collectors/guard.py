"""Keep requests out of private networks, even when DNS lies between the check and the connection.

An address in a feed list, or a redirect, may name ``localhost``, the router or a cloud's metadata
host. Checking the name before the request is not enough, because the second look-up may answer
differently (DNS rebinding). So the check sits inside the connection: the backend resolves a name
once, vets the addresses and connects to a vetted one; TLS (SNI, certificate) and ``Host`` still use
the name. The backend also holds a deadline, which ends a reply that drips one byte at a time.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import httpcore
import httpx

from collectors.faults import FetchFault

Resolve = Callable[[str, int], Sequence[str]]
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray]
                         | tuple[int, int, None, int]]  # fmt: skip

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Say whether an IP address may be connected to: global unicast, after unwrapping IPv4.

    Private, loopback, link-local, CGNAT, multicast, reserved and unparsable ones may not; of IPv6
    forms that carry an IPv4 address (mapped, 6to4, Teredo, NAT64) the carried one decides too.
    """
    try:
        ip: IPAddress = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return _is_global(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip.ipv4_mapped is not None:
            return _is_global(ip.ipv4_mapped)
        if ip.teredo is not None or ip.is_site_local:
            return False
        if ip.sixtofour is not None and not _is_global(ip.sixtofour):
            return False
    return _is_global(ip)


def _is_global(ip: IPAddress) -> bool:
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def system_resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the system's order; raises ``OSError``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Deadline:
    """A moment on a monotonic clock (seconds) after which every read and write is refused."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    def left(self, wish: float | None = None) -> float:
        """Return the seconds that remain, at most ``wish``; raises the ``timeout`` fault at 0."""
        remaining = self._end - self._monotonic()
        if remaining <= 0:
            raise FetchFault("timeout")
        return remaining if wish is None else min(wish, remaining)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to vetted addresses only, within one deadline.

    ``allow_private`` holds ``host:port`` pairs, as written in the URL, that are not vetted (tests
    on loopback).
    """

    def __init__(self, deadline: Deadline, allow_private: frozenset[str], resolve: Resolve) -> None:
        self._deadline = deadline
        self._allow_private = allow_private
        self._resolve = resolve
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, vet and connect; raises ``FetchFault`` or httpcore's connection errors."""
        addresses = self._vetted(host, port)
        for index, address in enumerate(addresses):
            try:
                stream = self._plain.connect_tcp(
                    address,
                    port,
                    timeout=self._deadline.left(timeout),
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if index == len(addresses) - 1:
                    raise
            else:
                return _DeadlineStream(stream, self._deadline)
        raise FetchFault("dns")

    def _vetted(self, host: str, port: int) -> list[str]:
        addresses = self._look_up(host, port)
        if f"{host}:{port}" in self._allow_private or f"[{host}]:{port}" in self._allow_private:
            return addresses
        public = [address for address in addresses if is_public(address)]
        if addresses and not public:
            raise FetchFault("private_address")
        return public

    def _look_up(self, host: str, port: int) -> list[str]:
        """Resolve in a thread of its own: the system's resolver knows no time limit."""
        found: list[str] = []
        failed: list[Exception] = []

        def work() -> None:
            try:
                found.extend(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                failed.append(error)

        thread = threading.Thread(target=work, name="langnghe-dns", daemon=True)
        thread.start()
        thread.join(self._deadline.left())
        if thread.is_alive():
            raise FetchFault("timeout")
        if failed:
            raise FetchFault("dns") from failed[0]
        return found


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose every wait is cut to what the deadline leaves."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _DeadlineStream(secure, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class GuardedTransport(httpx.BaseTransport):
    """An httpx transport over a guarded backend; one connection, kept for nobody else."""

    def __init__(self, backend: httpcore.NetworkBackend, ssl_context: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context,
            max_connections=1,
            max_keepalive_connections=0,
            http1=True,
            http2=False,
            network_backend=backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; raises ``FetchFault`` for whatever the connection does wrong."""
        url = request.url
        raw = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        with faults():
            reply = self._pool.handle_request(
                httpcore.Request(
                    method=request.method,
                    url=raw,
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            reply.status, headers=reply.headers, stream=_Stream(reply), extensions=reply.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    def __init__(self, reply: httpcore.Response) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        with faults():
            yield from self._reply.iter_stream()

    def close(self) -> None:
        self._reply.close()


@contextmanager
def faults() -> Iterator[None]:
    """Turn httpcore's exceptions into faults with a plain sentence."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise FetchFault("timeout") from error
    except httpcore.ConnectError as error:
        raise FetchFault("tls" if _is_tls(error) else "connect") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise FetchFault("protocol") from error
    except (httpcore.UnsupportedProtocol, UnicodeError, ValueError) as error:
        raise FetchFault("bad_url") from error


def _is_tls(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
