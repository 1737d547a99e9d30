"""One HTTP connection, on which nothing takes longer than a deadline or is longer than it may be.

There are no redirects, no proxies, no cookies, no passwords of `.netrc`, and no packed answers: a request goes to the
address that was given, and an answer is what was sent.
"""

import base64
import http.client
import os
import socket
import ssl
import time
import urllib.parse

import certifi

LONGEST_WAIT = 24 * 60 * 60.0  # what a socket can be told
PIECE = 2**16
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class TooLongError(Exception):
    """An answer of more bytes than it may have."""


class _Timed(socket.socket):
    """A socket whose every wait ends at one deadline."""

    deadline = 0.0

    def wait(self) -> None:
        """Lets the next call of the system take what time is left."""
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
        TimeoutError: If it is over.
    """
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("timed out")
    return min(seconds, LONGEST_WAIT)


class Connection(http.client.HTTPConnection):
    """A connection to the server of a URL, made when it is needed and kept.

    Args:
        url: `http://` or `https://`, with a user and a password where a proxy in front of the server wants them.
        ca_file: The certificates that `https://` trusts, a PEM file. Defaults to those of the environment variables
            `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE`, then the system's and those of `certifi`.
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
            body: What to send, JSON.
            timeout: The seconds that all of it may take, the connection and the last byte of the answer among them.
            most: How many bytes the body of an answer may have.

        Raises:
            TooLongError: If the body is longer.
            OSError: If the server cannot be reached; a TimeoutError after `timeout` seconds.
            http.client.HTTPException: If what answers speaks no HTTP.
        """
        self.deadline = time.monotonic() + timeout
        if isinstance(self.sock, _Timed):
            self.sock.deadline = self.deadline
            if _is_readable(self.sock):  # the server has closed it, or says what nobody asked
                self.close()
        try:
            headers = self.headers | ({} if body is None else {"Content-Type": "application/json"})
            self.request(method, path, body, headers)
            response = self.getresponse()
            data = _body(response, most)
        except BaseException:  # what is left of the answer would be read as the next one
            self.close()
            raise
        return response, data

    def connect(self) -> None:
        """Connects to the first address of the host that answers."""
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
    said = response.length or 0  # None where the answer is in chunks, or ends with the connection
    data = bytearray()
    while said <= most and len(data) <= most:
        piece = response.read(PIECE)
        if not piece:
            break
        data += piece
    if said > most or len(data) > most:
        raise TooLongError(f"more than {most:,} bytes")
    if response.length:
        raise http.client.IncompleteRead(bytes(data[:100]), response.length)
    return bytes(data)
