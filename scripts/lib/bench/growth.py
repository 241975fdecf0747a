"""What the cost of a request is measured against: one table a quantity, one row for each of its values.

SPDX-License-Identifier: Apache-2.0
"""
import base64
import contextlib
import dataclasses
import json
import pathlib
import secrets
import sqlite3
import subprocess
import time
import typing

import jwt

import exchange
import peers
import resources
import rounds
from assets import DAY, json_document
from servers import Broken, environment

PATIENT = ("--keep-alive", "10m", "--worker-connections", "16384")
KIB = 1 << 10


@dataclasses.dataclass(frozen=True)
class Point:
    """One row. `set_up(folder)` makes files, and gives settings and the token of requests, or nothing."""
    label: str
    workers: int = 2
    settings: tuple = ()
    variables: tuple = ()   # of the server's environment
    path: str = "/plain"
    headers: int = 0        # fields of a request, beside Host
    body: typing.Callable = None  # body(folder) gives bytes: then it is a POST of JSON
    connections: int = rounds.CONNECTIONS
    calls: int = 0          # of requests that take long: so many, one by one, and no wrk, which would
                            # leave some unfinished
    idle: int = 0           # connections that are open, and silent
    set_up: typing.Callable = None
    fill: typing.Callable = None  # fill(folder), when the server has started
    unit: float = 1         # how many of what is counted are in it, for the last column


@dataclasses.dataclass(frozen=True)
class Table:
    name: str
    title: str
    expected: str
    points: tuple
    per: str = None  # of what the last column is the cost of one


class Grown(peers.Tollgate):
    def __init__(self, *arguments, variables=(), **named):
        super().__init__(*arguments, **named)
        self._variables = variables

    def variables(self):
        return {**super().variables(), **dict(self._variables)}


class Measured:
    """A point with its server, from entering `with` to leaving it."""

    def __init__(self, point, build, assets, folder):
        self._point, self._build, self._assets = point, build, assets
        self._folder = pathlib.Path(folder)
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        point, self._folder = self._point, self._folder / secrets.token_hex(4)
        self._folder.mkdir()
        settings, self._token = point.set_up(self._build, self._folder) if point.set_up else ((), None)
        self._body = point.body(self._folder) if point.body else b""
        (self._folder / "body").write_bytes(self._body)
        try:
            self._server = self._stack.enter_context(
                Grown(self._build, self._assets, self._folder, "server", point.workers,
                      settings=(*point.settings, *settings), variables=point.variables))
            if point.fill:
                point.fill(self._folder)
            for _ in range(point.idle):
                connection = self._stack.enter_context(resources.connected(self._server.port))
                resources.ask(connection)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_):
        self._stack.close()

    def cost(self, seconds):
        """CPU µs a request; behind a look at one answer."""
        self._ask()
        before = self._server.cpu_seconds()
        requests = self._point.calls or self._load(seconds)
        for _ in range(self._point.calls):
            self._ask()
        return (self._server.cpu_seconds() - before) * 1e6 / requests

    def _ask(self):
        answer = exchange.call(self._server.port, self._point.path, self._token, self._body)
        if answer.status != 200:
            raise Broken(f"{self._point.label}: {self._point.path} is answered {answer.status} {answer.body[:200]!r}")

    def _load(self, seconds):
        """How many requests wrk saw answered."""
        arguments = [word for i in range(self._point.headers) for word in ("--header", f"X-Field-{i}: value {i}")]
        variables = {}
        if self._token:
            arguments += ["--header", f"Authorization: Bearer {self._token}"]
        if self._body:
            variables = {"WRK_METHOD": "POST", "WRK_BODY": str(self._folder / "body")}
        got = rounds.found(rounds.load(f"http://127.0.0.1:{self._server.port}{self._point.path}", seconds, arguments,
                                       variables.items(), self._point.connections), seconds)
        if got["status"] or got["connect"] or not got["requests"]:
            raise Broken(f"{self._point.label}: {got}")
        return got["requests"]


def key_set(count):
    """set_up: a JWK Set of so many secrets, and a token of the last one, as tollgate writes it."""
    def make(_build, folder):
        keys = [{"kty": "oct", "alg": "HS256", "kid": f"key-{i}",
                 "k": base64.urlsafe_b64encode(secrets.token_bytes(64)).rstrip(b"=").decode()} for i in range(count)]
        path = folder / "keys.json"
        path.touch(0o600)
        path.write_text(json.dumps({"keys": keys}), encoding="ascii")
        last = keys[-1]
        secret = base64.urlsafe_b64decode(last["k"] + "==")
        return ("--keys-file", str(path)), tollgate_token("access", secret, {"kid": last["kid"]})
    return make


def tollgate_token(kind, secret, header=None):
    now = int(time.time())
    return jwt.encode({"token_type": kind, "exp": now + DAY, "iat": now, "jti": secrets.token_hex(16), "user_id": "1"},
                      secret, algorithm="HS256", headers=header)


REFRESH = "refresh.txt"


def users(build, folder):
    """set_up: a key, a database with one user, the blacklist on, and in a file a refresh token."""
    secret = secrets.token_hex(32)
    key = folder / "signing.key"
    key.touch(0o600)
    key.write_text(secret, encoding="ascii")
    database = f"sqlite:{folder / 'users.db'}"
    done = subprocess.run([str(build / "tollgate"), "users", "add", "bench", "--password-stdin", "--database", database],
                          input="a long password 1\n", text=True, capture_output=True, env=environment(), check=False)
    if done.returncode != 0:
        raise Broken(f"tollgate users add failed: {done.stderr.strip()}")
    (folder / REFRESH).write_text(tollgate_token("refresh", secret), encoding="ascii")
    return ("--signing-key-file", str(key), "--database", database, "--token-blacklist"), None


def refresh(folder):
    return json.dumps({"refresh": (folder / REFRESH).read_text(encoding="ascii")}).encode()


def revoke(count):
    """fill: so many refresh tokens on the blacklist, in the tables that the server has made."""
    def insert(folder):
        with contextlib.closing(sqlite3.connect(folder / "users.db", timeout=30)) as database, database:
            rows = ((i, f"{i:032x}") for i in range(1, count + 1))
            database.executemany(
                "INSERT INTO token_blacklist_outstandingtoken (id, token, created_at, expires_at, user_id, jti) "
                "VALUES (?, '', '2026-11-23 00:00:00', '2036-11-23 00:00:00', 1, ?)", rows)
            database.executemany(
                "INSERT INTO token_blacklist_blacklistedtoken (blacklisted_at, token_id) "
                "VALUES ('2026-11-23 00:00:00', ?)", ((i,) for i in range(1, count + 1)))
    return insert


def routes(count):
    return Point(f"{count:,}", variables=(("BENCH_ROUTES", str(count)),), path=f"/route/{(count + 1) // 2}/7")


def body(size, calls=0):
    return Point(f"{size // KIB:,} KiB", path="/echo", body=lambda _: json_document(size), connections=4, calls=calls,
                 unit=size / KIB)


TABLES = (
    Table("idle", "idle connections beside 64 busy ones", "Flat: who is silent costs nothing.",
          tuple(Point(f"{n:,}", settings=PATIENT, idle=n) for n in (0, 1, 100, 1000, resources.IDLE))),
    Table("connections", "busy connections", "Falls at first, as one wake-up serves several; then flat.",
          tuple(Point(f"{n:,}", settings=PATIENT, connections=n) for n in (1, 10, 100, 1000, 10_000))),
    Table("workers", "workers", "Flat, while there are CPUs for them; beyond that they take turns.",
          tuple(Point(str(n), workers=n) for n in (1, 2, 4, 8, 16))),
    Table("fields", "header fields beside Host", "Linear.",
          tuple(Point(str(n), headers=n, unit=max(1, n)) for n in (0, 1, 4, 16, 64))),
    Table("body", "body of JSON, parsed and serialised", "Linear.",
          (body(KIB), body(10 * KIB), body(100 * KIB), body(1024 * KIB, 64), body(10_240 * KIB, 6)), per="KiB"),
    Table("routes", "routes", "Flat.", tuple(routes(n) for n in (1, 10, 100, 1000, 10_000))),
    Table("keys", "keys in keys_file, the last one signs", "Flat: kid says which.",
          tuple(Point(str(n), path="/token", set_up=key_set(n)) for n in (1, 10, 100))),
    Table("revoked", "refresh tokens on the blacklist, at a refresh", "Logarithmic: SQLite's index.",
          tuple(Point(f"{n:,}", path="/api/token/refresh/", set_up=users, body=refresh, fill=revoke(n), connections=16)
                for n in (0, 1000, 100_000, 1_000_000))),
)
