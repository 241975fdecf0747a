#!/usr/bin/python3
"""Writes cases.json: what simplejwt's probe asks, and what tollgate answered.
usage: record.py PROBE BASE MANAGE CASES      (README.md says how)

The probe's curl goes through a proxy here, which sees each request as it is on the wire. Tokens
in it become templates, so that they can be signed again with other times: the replay needs neither
Python nor the probe. SPDX-License-Identifier: Apache-2.0"""
import base64, hashlib, hmac, json, os, re, socket, subprocess, sys, tempfile, threading, time
from urllib.parse import urlsplit

PROBE, BASE, MANAGE, CASES = sys.argv[1:5]
KEYS = ["peer-secret-key-0123456789abcdef-0123456789abcdef", "other", "o"]
TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w+/=!-]*")
TIMES = re.compile(r'("(?:exp|iat|nbf|refresh_exp)":"?)(\d{10})(?=\D)')
target = (urlsplit(BASE).hostname, urlsplit(BASE).port)
seen = []  # one request, raw, for each run of curl


def read_message(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece: return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    while length and len(body) < int(length.group(1)):
        piece = connection.recv(65536)
        if not piece: break
        body += piece
    return head + b"\r\n\r\n" + body


def relay(client):
    with client, socket.create_connection(target) as server:
        request = read_message(client)
        seen.append(request)
        server.sendall(request)
        method = request.split(b" ", 1)[0]
        answer = b""
        if method == b"HEAD":
            while b"\r\n\r\n" not in answer: answer += server.recv(65536)
        else:
            answer = read_message(server)
        client.sendall(answer)


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8")


def signature(key, digest, signed):
    mac = hmac.new(key.encode(), signed.encode(), digest).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def template(token, now):
    """The parts of a token as text, and how its signature is made; None: it is taken as it is."""
    header, payload, mac = token.split(".", 2)
    try:
        parts = {"header": decode(header), "payload": decode(payload)}
    except (ValueError, UnicodeDecodeError):
        return None
    for name, part in (("header", header), ("payload", payload)):
        if base64.urlsafe_b64encode(parts[name].encode()).rstrip(b"=").decode() != part: return None
    near = lambda t: "%s<now%+d>" % (t.group(1), int(t.group(2)) - now)
    parts["payload"] = TIMES.sub(lambda t: near(t) if abs(int(t.group(2)) - now) < 10**7 else t.group(0),
                                 parts["payload"])
    parts["signature"] = mac
    for key in KEYS:
        for digest in ("sha256", "sha384", "sha512"):
            right = signature(key, digest, header + "." + payload)
            made = {"key": key, "digest": digest}
            if mac == right: parts["signature"] = made
            elif mac.startswith(right): parts["signature"] = {**made, "append": mac[len(right):]}
            elif len(mac) > 8 and right.startswith(mac): parts["signature"] = {**made, "drop": len(right) - len(mac)}
    return parts


def case_of(raw, now):
    head, _, body = raw.decode("latin1").partition("\r\n\r\n")
    lines = head.split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    tokens = []

    def put(match):
        found = template(match.group(0), now)
        if found is None: return match.group(0)
        if found not in tokens: tokens.append(found)
        return "{{%d}}" % tokens.index(found)

    fields = []
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name.lower() not in ("host", "user-agent", "content-length"):
            fields.append([name, TOKEN.sub(put, value.strip())])
    return {"method": method, "path": TOKEN.sub(put, path), "fields": fields,
            "body": TOKEN.sub(put, body), "tokens": tokens}


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    def serve():
        while True: threading.Thread(target=relay, args=(listener.accept()[0],), daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
    requests = []
    run = subprocess.run

    def record(command, **more):
        if command[0] != "curl":
            requests.append({"manage": command[-1]})
            return run(command, **more)
        before, now = len(seen), int(time.time())
        done = run(command, **more)
        if "-i" in command: requests.append(case_of(seen[before], now))
        return done

    subprocess.run = record
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "out.txt")
        sys.argv = [PROBE, "http://127.0.0.1:%d" % listener.getsockname()[1], out, "--manage", MANAGE]
        exec(compile(open(PROBE).read(), PROBE, "exec"), {"__name__": "__main__"})
        answers = iter(json.load(open(out[:-4] + ".json")).items())
    for case in requests:
        if "manage" in case: continue
        case["name"], answer = next(answers)
        case["expected"] = {"status": answer["status"], "fields": answer["headers"], "body": answer["body"]}
    # Every fourth signature is the same in both alphabets: that one comes out as it likes.
    requests = [c for c in requests if c.get("name") != "me standard-alphabet signature"]
    with open(CASES, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(c, ensure_ascii=True) for c in requests) + "\n]\n")


main()
