"""The servers that are compared: started on a port of the kernel's choice, looked at in /proc, and ended.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import re
import secrets
import subprocess
import time

READY = re.compile(r"is ready: listening on http://127\.0\.0\.1:(\d+)")
BOOT_SECONDS = 30
END_SECONDS = 5
TICK = 1 / os.sysconf("SC_CLK_TCK")
USER, ADMIN = "bench", "bench-admin"


class Broken(Exception):
    """The benchmark cannot go on; the text says why."""


class Site:
    """What all servers share: the binary, and a key, a database and users in `folder`."""

    def __init__(self, binary, folder):
        self.binary = str(binary)
        self.folder = pathlib.Path(folder)
        self.passwords = {name: secrets.token_hex(16) for name in (USER, ADMIN)}
        self.settings = ["--signing-key-file", str(self.folder / "signing.key"),
                         "--database", f"sqlite:{self.folder / 'tollgate.db'}"]
        self._run("keys", "generate", "--out", str(self.folder / "signing.key"))
        for name, password in self.passwords.items():
            staff = ["--staff"] if name == ADMIN else []
            self._run("users", "add", name, *staff, "--password-stdin", *self.settings[2:],
                      typed=password + "\n")

    def _run(self, *arguments, typed=None):
        done = subprocess.run([self.binary, *arguments], input=typed, text=True, capture_output=True,
                              cwd=self.folder, env=environment(), timeout=BOOT_SECONDS, check=False)
        if done.returncode != 0:
            raise Broken(f"tollgate {' '.join(arguments[:2])} failed: {done.stderr.strip()}")


class Server:
    """One server, from entering `with` to leaving it. `name` is how the tables call it."""

    def __init__(self, site, name, *command):
        self.name = name
        self._site = site
        self._command = command
        self._log = site.folder / (name.replace(" ", "-") + ".log")
        self._process = None
        self.port = 0

    def __enter__(self):
        # No terminal's Ctrl-C: the benchmark gets that, and ends what it has started. The token
        # must outlive the run.
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [self._site.binary, *self._command, "--bind", "127.0.0.1:0", *self._site.settings,
                 "--access-token-lifetime", "12h"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._site.folder,
                env=environment(), start_new_session=True)
        try:
            self.port = self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # the workers end with their master
            self._process.wait()

    def _wait_until_ready(self):
        deadline = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            text = self._log.read_text(errors="replace")
            if found := READY.search(text):
                return int(found[1])
            if ended:
                break
            time.sleep(0.02)
        raise Broken(f"{self.name} did not become ready; it said:\n{text}")

    def lives(self):
        return self._process.poll() is None

    def cpu_seconds(self):
        """User and system time of the server's processes, with that of children it has reaped."""
        return TICK * sum(ticks for _, ticks in family(self._process.pid).values())


def environment():
    """Ours, without settings of tollgate's that somebody has exported."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TOLLGATE_")}


def family(root):
    """{pid: (parent, clock ticks)} of a process and its descendants."""
    everyone = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            stat = pathlib.Path(entry.path, "stat").read_text(errors="replace")
        except OSError:
            continue  # ended meanwhile
        # The name, in parentheses, may hold anything; proc(5) counts the fields behind it from 3.
        fields = stat.rpartition(")")[2].split()
        parent, times = int(fields[1]), map(int, fields[11:15])  # utime stime cutime cstime
        everyone[int(entry.name)] = (parent, sum(times))

    members, added = {}, {root} & everyone.keys()
    while added:
        members.update((pid, everyone[pid]) for pid in added)
        added = {pid for pid, (parent, _) in everyone.items() if parent in members} - members.keys()
    return members
