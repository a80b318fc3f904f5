"""Who may ask: an API key, names by which a browser calls, and headers that keep foreign pages out."""

import base64
import binascii
import hmac
from urllib.parse import urlsplit

from starlette.types import Scope

from inkwise.serving.problems import ProblemError
from inkwise.serving.settings import Settings

# What is asked without a key: whether the server is up.
OPEN_PATHS = frozenset({"/healthz"})
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_API_POLICY = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
# Of what is no page: nothing in it may run, and nobody keeps it.
CAUTIOUS = ((b"content-security-policy", _API_POLICY), (b"cache-control", b"no-store"))


class Guard:
    """Decides whether a request is let in."""

    def __init__(self, settings: Settings) -> None:
        self._key = None if settings.api_key is None else settings.api_key.encode()
        self._hosts = settings.hosts

    def check(self, scope: Scope) -> None:
        """Refuse a request that may not ask.

        Raises:
            ProblemError: 401, no or a wrong key; 403, sent by a page of another site; 421, called by a name
                that is not this server's.
        """
        host = origin = authorization = key = b""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"origin":
                origin = value
            elif name == b"authorization":
                authorization = value
            elif name == b"x-api-key":
                key = value
        if self._hosts is not None and _host_name(host) not in self._hosts:
            raise ProblemError(
                421, f"called by the host name {_host_name(host)[:100]!r}, expected one of "
                f"{', '.join(sorted(self._hosts))}; start the server with --allow-host to add it"
            )  # fmt: skip
        if origin and scope["method"] in _UNSAFE:
            self._check_origin(origin, host)
        if self._key is not None and scope["path"] not in OPEN_PATHS:
            self._check_key(key or _key_of(authorization))

    def _check_origin(self, origin: bytes, host: bytes) -> None:
        given = _site_of(origin)
        if given == host.lower() or (self._hosts is not None and _host_name(given) in self._hosts):
            return
        raise ProblemError(
            403, f"sent by a page of {origin[:100].decode('latin-1')!r}, expected this server's own page; "
            "start the server with --allow-host and that page's host to let it in"
        )  # fmt: skip

    def _check_key(self, given: bytes) -> None:
        assert self._key is not None
        if hmac.compare_digest(given, self._key):
            return
        what = "a wrong API key" if given else "no API key"
        raise ProblemError(
            401, f"{what}, expected the one the server was started with; send Authorization: Bearer KEY",
            headers={"WWW-Authenticate": 'Basic realm="inkwise: the password is the API key"'},
        )  # fmt: skip


def _key_of(authorization: bytes) -> bytes:
    """Return the key in an Authorization header: Bearer's, or Basic's password, which browsers ask for."""
    scheme, _, rest = authorization.partition(b" ")
    if scheme.lower() == b"bearer":
        return rest.strip()
    if scheme.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


def _host_name(host: bytes) -> str:
    """Return a Host header without its port, lower-case.

    >>> _host_name(b"[::1]:8000"), _host_name(b"Localhost:80")
    ('::1', 'localhost')
    """
    text = host.decode("latin-1").lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]


def _site_of(origin: bytes) -> bytes:
    """Return host and port of an Origin header, lower-case; empty for "null" and what is no address."""
    try:
        return urlsplit(origin.decode("latin-1")).netloc.lower().encode("latin-1")
    except ValueError:
        return b""
