"""The cases: what is asked, what a right answer is, and how wrk is told. One row each.

SPDX-License-Identifier: Apache-2.0
"""
import dataclasses
import json

from exchange import call
from servers import Broken

HELLO = b"Hello, World!"
MESSAGE = b'{"message":"Hello, World!"}'


def caller(subject):
    return json.dumps({"sub": subject, "ok": True}, separators=(",", ":")).encode()


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    path: str
    body: object             # of a right answer: bytes, or a function of the assets
    algorithm: str = None    # of the token that is sent
    environment: tuple = ()  # for peers.lua; {folder} is the assets'
    keep_alive: bool = True
    title: str = ""

    def right_body(self, server, assets):
        if server.path(self.path) != self.path:  # a canned answer: see Nginx
            return MESSAGE
        return self.body(assets) if callable(self.body) else self.body

    def sent_body(self, server, assets):
        return assets.document if self.path == "/echo" and server.path(self.path) == self.path else b""

    def wrk(self, server, assets):
        """wrk's own arguments, and the environment of peers.lua."""
        arguments = []
        canned = server.path(self.path) != self.path
        if self.algorithm and not canned:
            arguments += ["--header", f"Authorization: Bearer {assets.tokens[self.algorithm]}"]
        if not self.keep_alive:
            arguments += ["--header", "Connection: close"]
        variables = {} if canned else {name: value.format(folder=assets.folder) for name, value in self.environment}
        return arguments, variables


CASES = (
    Case("plain", "/plain", HELLO, title="text"),
    Case("json", "/json", MESSAGE, title="JSON"),
    Case("jwt_hs", "/jwt/hs", caller("user-1"), "HS256", title="JSON behind HS256"),
    Case("jwt_hs_many", "/jwt/hs", caller("user-1"), "HS256", (("WRK_TOKENS", "{folder}/many.txt"),),
         title="the same, 1000 tokens"),
    Case("jwt_hs_fresh", "/jwt/hs", caller("user-1"), "HS256", (("WRK_TOKENS", "{folder}/fresh.txt"),),
         title="the same, 40,000 tokens"),
    Case("jwt_rs", "/jwt/rs", caller("user-1"), "RS256", title="JSON behind RS256"),
    Case("jwt_es", "/jwt/es", caller("user-1"), "ES256", title="JSON behind ES256"),
    Case("jwt_ed", "/jwt/ed", caller("user-1"), "EdDSA", title="JSON behind EdDSA"),
    Case("pipe16", "/plain", HELLO, environment=(("WRK_DEPTH", "16"),), title="text, pipelined by 16"),
    Case("close", "/plain", HELLO, keep_alive=False, title="text, a new connection each"),
    Case("echo", "/echo", lambda assets: assets.document,
         environment=(("WRK_METHOD", "POST"), ("WRK_BODY", "{folder}/echo.json")), title="1 KiB of JSON back"),
    Case("static_10k", "/static/10k.bin", lambda assets: assets.static("10k.bin"), title="file, 10 KiB"),
    Case("static_1m", "/static/1m.bin", lambda assets: assets.static("1m.bin"), title="file, 1 MiB"),
    Case("pool", "/block", HELLO, title="text, by the blocking pool"),
)


def check(case, server, assets):
    """The size of a right answer in bytes; anything else is a reason to stop."""

    def ask(token, right):
        answer = call(server.port, server.path(case.path), token, case.sent_body(server, assets),
                      keep_alive=case.keep_alive)
        if (answer.status, answer.body) != (200, right):
            raise Broken(f"{server.name} answers {case.path} with {answer.status} {answer.body[:200]!r}")
        return answer.size

    right = case.right_body(server, assets)
    canned = server.path(case.path) != case.path
    if canned or not case.algorithm:
        return ask(None, right)
    size = ask(assets.tokens[case.algorithm], right)
    if several := {"jwt_hs_many": assets.many, "jwt_hs_fresh": assets.fresh}.get(case.name):
        sizes = {ask(several[i], caller(f"user-{i:05}")) for i in range(0, len(several), len(several) // 20)}
        if len(sizes) != 1:
            raise Broken(f"{server.name}: answers of different sizes")
        size = sizes.pop()
    refused = call(server.port, case.path, assets.tokens[case.algorithm][:-8] + "AAAAAAAA")
    if refused.status != 401:
        raise Broken(f"{server.name} answers a forged {case.algorithm} token with {refused.status}")
    return size
