#!/usr/bin/python3
"""Tokens of Debian's simplejwt and of tollgate, each taken by the other.

usage: interop_test.py TOLLGATE. Exits 77 when Debian's packages are missing.
SPDX-License-Identifier: Apache-2.0
"""
import json, os, socket, subprocess, sys, tempfile
import urllib.error, urllib.request

SITE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "site")
try:
    import cryptography, django, jwt, rest_framework_simplejwt  # noqa: F401
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
except ImportError as missing:
    print(f"INTEROPERATION NOT TESTED: {missing}", flush=True)
    sys.exit(77)
if not os.access("/usr/bin/gunicorn", os.X_OK):
    print("INTEROPERATION NOT TESTED: there is no /usr/bin/gunicorn", flush=True)
    sys.exit(77)

MAKE = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}
PASSWORD = "interop-pass-77"
USER = f"from django.contrib.auth.models import User; User.objects.create_user('alice', password='{PASSWORD}')"


def write_keys(algorithm, folder):
    private, public = os.path.join(folder, "key"), os.path.join(folder, "key.pub")
    if algorithm == "HS256":
        text, shown = os.urandom(32).hex().encode(), b""
    else:
        key = MAKE[algorithm]()
        text = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        shown = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    for path, data in ((private, text), (public, shown)):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(data)
    return private, public


def listen():
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


def start(listener, command, env, folder):
    """With `listener` as systemd hands one over: both servers understand that, and no port is guessed."""
    wrapper = ["/bin/sh", "-c", 'exec 3<&"$0"; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', str(listener.fileno())]
    with listener:
        return subprocess.Popen(wrapper + command, env=env, cwd=folder, pass_fds=[listener.fileno()])


def call(base, path, body=None, token=None):
    request = urllib.request.Request(base + path, None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request, timeout=10) as got:
            return got.status, json.loads(got.read() or b"{}")
    except urllib.error.HTTPError as got:
        return got.code, {}


def exchange(maker, taker, expect):
    status, pair = call(maker, "/api/token/", {"username": "alice", "password": PASSWORD})
    expect("obtain", status, 200)
    if status != 200:
        return
    old = {"refresh": pair["refresh"]}
    expect("protected", call(taker, "/api/me", token=pair["access"])[0], 200)
    expect("verify", call(taker, "/api/token/verify/", {"token": pair["access"]})[0], 200)
    status, new = call(taker, "/api/token/refresh/", old)
    expect("refresh", status, 200)
    expect("rotated is refused by its maker", call(maker, "/api/token/refresh/", old)[0], 401)
    if status == 200:
        expect("new access at its maker", call(maker, "/api/me", token=new["access"])[0], 200)


def make_database(env):
    for command in (["migrate", "-v0"], ["shell", "-c", USER]):
        subprocess.run(["/usr/bin/python3", "-m", "django", *command], env=env, check=True, timeout=60)


def stop(processes):
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run(tollgate, algorithm, folder):
    private, public = write_keys(algorithm, folder)
    database = os.path.join(folder, "db.sqlite3")
    env = dict(os.environ, DJANGO_SETTINGS_MODULE="settings", PYTHONPATH=SITE, INTEROP_DB=database,
               PYTHONDONTWRITEBYTECODE="1", INTEROP_ALGORITHM=algorithm,
               INTEROP_SIGNING_KEY=private, INTEROP_VERIFYING_KEY=public)
    make_database(env)
    failures, started = [], []

    def expect(what, got, want):
        print(f"{algorithm}: {what}: {got}", flush=True)
        if got != want:
            failures.append(f"{algorithm}: {what}: {got}, not {want}")

    (django, at_django), (ours, at_ours) = listen(), listen()
    options = {"workers": "1", "compat": "5.2", "algorithm": algorithm, "signing-key-file": private,
               "database": "sqlite:" + database, "token-blacklist": "true",
               "rotate-refresh-tokens": "true", "blacklist-after-rotation": "true"}
    try:
        started.append(start(django, ["/usr/bin/gunicorn", "wsgi:application"], env, folder))
        started.append(start(ours, [tollgate, "serve"] + [f"--{k}={v}" for k, v in options.items()], env, folder))
        for way, maker, taker in (("django to tollgate", at_django, at_ours), ("tollgate to django", at_ours, at_django)):
            exchange(maker, taker, lambda what, got, want: expect(f"{way}: {what}", got, want))
    except OSError as error:
        failures.append(f"{algorithm}: {error}")
    finally:
        stop(started)
    return failures


def main():
    failures = []
    for algorithm in ("HS256", "RS256", "ES256", "EdDSA"):
        with tempfile.TemporaryDirectory() as folder:
            try:
                failures += run(os.path.abspath(sys.argv[1]), algorithm, folder)
            except subprocess.SubprocessError as error:
                failures.append(f"{algorithm}: {error}")
    print("\n".join("FAILED " + line for line in failures) or "all algorithms, both ways")
    return bool(failures)


sys.exit(main())
