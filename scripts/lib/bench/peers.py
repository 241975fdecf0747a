"""The servers that are compared by their cost of a request, each with the settings that its users run it with.

SPDX-License-Identifier: Apache-2.0
"""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time

from exchange import call
from servers import BOOT_SECONDS, END_SECONDS, TICK, Broken, environment, family

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's modules
PROBE_SECONDS = 0.0005


def free_port():
    """A port that nobody listens on. For servers that can neither choose one nor be passed a socket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Peer:
    """One server, from entering `with` to leaving it. A subclass says how it is started."""
    kind = ""
    offers = frozenset()  # the names of the cases it can serve
    is_variant = False    # of another kind: only its requests are measured

    def __init__(self, assets, folder, name=None, workers=2):
        self.name = name or self.kind
        self.workers = workers
        self.port = 0
        self.started_in = None  # seconds from spawn to ready, which is the first response
        self._assets = assets
        self._folder = pathlib.Path(folder) / self.name.replace(" ", "-").replace("/", "-")
        self._process = None

    def command(self):
        """Writes into self._folder what the server needs, and gives its command line."""
        raise NotImplementedError

    def variables(self):
        return {**environment(), "BENCH_ASSETS": str(self._assets.folder)}

    def path(self, path):
        """Where this server answers what the case calls `path`."""
        return path

    def __enter__(self):
        self._folder.mkdir(exist_ok=True)
        self.port = free_port()
        command = self.command()
        with (self._folder / "output.log").open("wb") as log:
            spawned = time.monotonic()
            # No terminal's Ctrl-C: the benchmark gets that, and ends what it has started.
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             cwd=self._folder, env=self.variables(), start_new_session=True)
        try:
            self.wait_until_ready()
            self.started_in = time.monotonic() - spawned
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in family(self._process.pid):  # also workers that would outlive their master
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()

    def wait_until_ready(self):
        deadline = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError):
                if call(self.port, self.path("/plain")).status == 200:
                    return
            time.sleep(PROBE_SECONDS)
        raise Broken(f"{self.name} does not answer; it said:\n{self.output()}")

    def output(self):
        return (self._folder / "output.log").read_text(errors="replace")

    def cpu_seconds(self):
        """User and system time of the server's processes, with that of children it has reaped."""
        return TICK * sum(ticks for _, ticks in family(self._process.pid).values())

    def worker_pids(self):
        """Of the processes that serve: the children of the one that was started."""
        return sorted(pid for pid, (parent, _) in family(self._process.pid).items() if parent == self._process.pid)

    def pids(self):
        return sorted(family(self._process.pid))


class Tollgate(Peer):
    """`tollgate serve` with the bench application, as shipped. `build` is a build directory of release."""
    kind = "tollgate"
    offers = frozenset(("plain", "json", "jwt_hs", "jwt_hs_many", "jwt_hs_fresh", "jwt_rs", "jwt_es", "jwt_ed", "pipe16", "close",
                        "echo", "static_10k", "static_1m", "pool"))

    def __init__(self, build, *arguments, settings=(), **named):
        super().__init__(*arguments, **named)
        self._build = pathlib.Path(build)
        self._settings = settings

    def command(self):
        return [str(self._build / "tollgate"), "serve", str(self._build / "libbench.so"),
                "--bind", f"127.0.0.1:{self.port}", "--workers", str(self.workers), *self._settings]


class TollgateWithLog(Tollgate):
    kind = "tollgate with access log"
    offers = frozenset(("plain",))
    is_variant = True

    def command(self):
        return [*super().command(), "--access-logfile", str(self._folder / "access.log")]


class Nginx(Peer):
    """Canned answers and files. What it has no code for (a token, JSON that is parsed), it answers with the
    canned JSON: the price of an answer as such."""
    kind = "nginx"
    offers = frozenset(("plain", "json", "jwt_hs", "jwt_hs_many", "jwt_hs_fresh", "jwt_rs", "jwt_es", "jwt_ed", "pipe16", "close",
                        "echo", "static_10k", "static_1m"))
    LISTEN = ""
    PLACES = ("/usr/sbin/nginx", str(HERE.parents[2] / "build/nginx/usr/sbin/nginx"))
    CONFIG = """
daemon off; pid nginx.pid; error_log stderr; {user}
worker_processes {workers}; worker_rlimit_nofile 65536;
events {{ worker_connections 16384; }}
http {{
  access_log off; default_type text/plain;
  sendfile on; tcp_nopush off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port} backlog=2048{listen};
    location = /plain {{ return 200 "Hello, World!"; }}
    location = /json {{ default_type application/json; return 200 '{{"message":"Hello, World!"}}'; }}
    location /static/ {{ alias {static}/; }}
  }}
}}
"""

    @classmethod
    def binary(cls):
        for place in cls.PLACES:
            if os.access(place, os.X_OK):
                return place
        raise Broken("there is no nginx: scripts/bench unpacks one")

    def path(self, path):
        return "/json" if path.startswith(("/jwt/", "/echo")) else path

    def command(self):
        config = self._folder / "nginx.conf"
        config.write_text(self.CONFIG.format(
            user="user root;" if os.geteuid() == 0 else "", workers=self.workers, port=self.port, listen=self.LISTEN,
            static=self._assets.folder / "static"), encoding="utf-8")
        return [self.binary(), "-p", str(self._folder), "-c", str(config), "-e", "stderr"]


class NginxDeferred(Nginx):
    """With TCP_DEFER_ACCEPT, which tollgate has unless it is told otherwise."""
    kind = "nginx with deferred"
    offers = frozenset(("close",))
    is_variant = True
    LISTEN = " deferred"


class Gunicorn(Peer):
    """Gunicorn's sync workers with Django, REST framework and simplejwt. They close after each response."""
    kind = "gunicorn"
    offers = frozenset(("plain", "json", "jwt_hs", "jwt_hs_many", "jwt_hs_fresh", "jwt_rs", "jwt_es", "close", "echo"))

    def command(self):
        return [PYTHON, "/usr/bin/gunicorn", "--workers", str(self.workers), "--bind", f"127.0.0.1:{self.port}",
                "--chdir", str(HERE / "django"), "bench_site"]


KINDS = {kind.kind: kind for kind in (Tollgate, TollgateWithLog, Nginx, NginxDeferred, Gunicorn)}
