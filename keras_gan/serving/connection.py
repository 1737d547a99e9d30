"""An HTTP connection with a deadline for each request and a maximum size of each answer.

There are no redirects, proxies, cookies, passwords of `.netrc` or compressed answers: a request only goes to the given
address, and an answer is read as it was sent.
"""

import base64
import http.client
import os
import socket
import ssl
import time
import urllib.parse

import certifi

LONGEST_WAIT = 24 * 60 * 60.0  # seconds; the longest timeout that is set on a socket
PIECE = 2**16
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class TooLongError(Exception):
    """An answer that exceeds its maximum number of bytes."""


class _Timed(socket.socket):
    """A socket all of whose operations share one deadline."""

    deadline = 0.0

    def wait(self) -> None:
        """Limits the next system call to the time that is left."""
        self.settimeout(remaining(self.deadline))

    def recv_into(self, *args, **options):
        self.wait()
        return super().recv_into(*args, **options)

    def send(self, *args, **options):
        self.wait()
        return super().send(*args, **options)

    def sendall(self, *args, **options):
        self.wait()
        return super().sendall(*args, **options)


class _TlsSocket(_Timed, ssl.SSLSocket):
    pass


def remaining(deadline: float) -> float:
    """Returns the seconds until a time of `time.monotonic()`.

    Raises:
        TimeoutError: If the deadline has passed.
    """
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("timed out")
    return min(seconds, LONGEST_WAIT)


class Connection(http.client.HTTPConnection):
    """A connection to the server of a URL, opened by the first request and kept open.

    Args:
        url: `http://` or `https://`, with a user and a password if a proxy in front of the server requires them.
        ca_file: PEM file with the certificates that `https://` trusts. Defaults to the file of the environment variable
            `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE`, otherwise to the certificates of the system and of `certifi`.
    """

    def __init__(self, url: str, ca_file: str | None):
        parts = urllib.parse.urlsplit(url)
        super().__init__(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        self.context = _context(ca_file) if parts.scheme == "https" else None
        self.headers = {"Accept-Encoding": "identity", "User-Agent": "keras_gan"}
        if parts.username is not None:
            words = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
            self.headers["Authorization"] = f"Basic {base64.b64encode(words.encode()).decode()}"
        self.deadline = 0.0

    def ask(self, method: str, path: str, body: bytes | None, timeout: float, most: int) -> tuple:
        """Sends a request, and returns the response and its body.

        Args:
            method: `"GET"` or `"POST"`.
            path: The path on the server.
            body: The JSON to send; None for no body.
            timeout: Seconds for the whole exchange, from the connection to the last byte of the answer.
            most: Maximum number of bytes of the answer's body.

        Raises:
            TooLongError: If the body is longer than `most`.
            OSError: If the server cannot be reached; a TimeoutError after `timeout` seconds.
            http.client.HTTPException: If the answer is not HTTP.
        """
        self.deadline = time.monotonic() + timeout
        if isinstance(self.sock, _Timed):
            self.sock.deadline = self.deadline
            if _is_readable(self.sock):  # the server has closed it, or has sent data without a request
                self.close()
        try:
            headers = self.headers | ({} if body is None else {"Content-Type": "application/json"})
            self.request(method, path, body, headers)
            response = self.getresponse()
            data = _body(response, most)
        except BaseException:  # the rest of the answer would be read as the next answer
            self.close()
            raise
        return response, data

    def connect(self) -> None:
        """Connects to the first address of the host that accepts a connection."""
        failed = OSError("the host has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            made = _Timed(family, kind, protocol)
            try:
                made.deadline = self.deadline
                made.wait()
                made.connect(address)
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self.context is not None:
                    made.wait()
                    made = self.context.wrap_socket(made, server_hostname=self.host)
                    made.deadline = self.deadline
            except OSError as error:
                made.close()
                failed = error
            else:
                self.sock = made
                return
        raise failed


def _context(ca_file):
    ca_file = ca_file or next((os.environ[name] for name in CERTIFICATES if os.environ.get(name)), None)
    context = ssl.create_default_context(cafile=ca_file)
    if ca_file is None:
        context.load_verify_locations(certifi.where())
    context.sslsocket_class = _TlsSocket
    return context


def _is_readable(sock):
    sock.settimeout(0)
    try:
        return isinstance(sock.recv(1), bytes)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True


def _body(response, most):
    announced = response.length or 0  # None for an answer in chunks, or one that ends with the connection
    data = bytearray()
    while announced <= most and len(data) <= most:
        piece = response.read(PIECE)
        if not piece:
            break
        data += piece
    if announced > most or len(data) > most:
        raise TooLongError(f"more than {most:,} bytes")
    if response.length:
        raise http.client.IncompleteRead(bytes(data[:100]), response.length)
    return bytes(data)
