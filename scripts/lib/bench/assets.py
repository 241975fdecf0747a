"""What the servers of the peers' part share: keys, tokens, files, in a folder of their own.

SPDX-License-Identifier: Apache-2.0
"""
import json
import pathlib
import secrets
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

MANY = 1000
FRESH = 40000  # more than a worker's cache of verified tokens holds
DAY = 86400


class Assets:
    """`folder` is what BENCH_ASSETS names: hs.key (raw), rs.pub, es.pub, ed.pub, static/."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        keys = {"RS256": rsa.generate_private_key(65537, 2048), "ES256": ec.generate_private_key(ec.SECP256R1()),
                "EdDSA": ed25519.Ed25519PrivateKey.generate()}
        secret = secrets.token_hex(32)  # of text, since Django's settings hold text
        (self.folder / "hs.key").write_text(secret, encoding="ascii")
        for (algorithm, key), name in zip(keys.items(), ("rs.pub", "es.pub", "ed.pub")):
            (self.folder / name).write_bytes(key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        self._keys = {"HS256": secret, **keys}
        self.tokens = {algorithm: self.sign(algorithm, "user-1") for algorithm in self._keys}
        # Of one length, as their answers are, so that wrk's bytes tell a wrong one.
        self.many = self._many("many.txt", MANY)
        self.fresh = self._many("fresh.txt", FRESH)

        static = self.folder / "static"
        static.mkdir()
        for name, size in (("10k.bin", 10 << 10), ("1m.bin", 1 << 20)):
            (static / name).write_bytes(secrets.token_bytes(size))
        self.document = json_document(1024)
        (self.folder / "echo.json").write_bytes(self.document)

    def _many(self, name, count):
        """Tokens of the users user-00000, user-00001, …, also one a line in a file for peers.lua."""
        tokens = [self.sign("HS256", f"user-{i:05}") for i in range(count)]
        (self.folder / name).write_text("\n".join(tokens) + "\n", encoding="ascii")
        return tokens

    def sign(self, algorithm, subject):
        claims = {"iss": "bench", "aud": "api", "sub": subject, "exp": int(time.time()) + DAY}
        return jwt.encode(claims, self._keys[algorithm], algorithm=algorithm)

    def static(self, name):
        return (self.folder / "static" / name).read_bytes()


def json_document(size):
    """An object of `size` bytes, compact, of records as APIs have them; the last member fills up."""
    records, length = [], len(b'{"records":[],"filling":""}')
    while True:
        number = len(records)
        record = compact({"id": number, "name": f"record {number}", "ok": number % 2 == 0, "price": number + 0.5,
                          "tags": ["a", "b"]})
        if length + len(record) + 1 > size:
            filling = "x" * (size - length + (1 if records else 0))
            return f'{{"records":[{",".join(records)}],"filling":"{filling}"}}'.encode()
        records.append(record)
        length += len(record) + 1  # with the comma, of which the last is not there


def compact(value):
    return json.dumps(value, separators=(",", ":"))
