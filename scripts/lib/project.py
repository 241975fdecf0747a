"""What the checks share: the files of the project, what they include, and which
of them have passed before.

SPDX-License-Identifier: Apache-2.0
"""
import concurrent.futures
import functools
import hashlib
import os
import pathlib
import re
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = ("server", "auth", "app", "tests")
PRODUCT = ("server", "auth", "app")
JOBS = max(1, min(4, len(os.sched_getaffinity(0))))
INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', re.MULTILINE)


def files(tops, suffixes):
    """Files of ours below `tops` whose names end so: tracked, or new and not ignored."""
    # A clone may belong to another user (CI as root): git would refuse to list it.
    command = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z",
               "--cached", "--others", "--exclude-standard", "--", *tops]
    listed = subprocess.run(command, capture_output=True, check=False)
    if listed.returncode == 0:
        found = (ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name)
    else:  # an unpacked archive is no repository
        found = (path for top in tops for path in (ROOT / top).rglob("*"))
    return sorted(path for path in found if path.name.endswith(suffixes) and path.is_file())


def relative(path):
    return path.relative_to(ROOT).as_posix()


@functools.cache
def _content(path):
    """The hash of a file of ours and the names that it includes; None if it is not there."""
    if not path.is_file():
        return None
    data = path.read_bytes()
    return hashlib.sha256(data).hexdigest(), tuple(os.fsdecode(name) for name in INCLUDE.findall(data))


def closure(path, folders=(ROOT,)):
    """{file: hash} for `path` and all that it includes from its folder or from `folders`.

    No preprocessor is asked: an include that an #if leaves out counts too, which
    can only make a cached result stale too early. What is found in none of the
    folders belongs to the system, which environment() stands for.
    """
    seen, waiting = {}, [path]
    while waiting:
        current = waiting.pop()
        if current in seen or _content(current) is None:
            continue
        seen[current], names = _content(current)
        waiting.extend(folder / name for name in names for folder in (current.parent, *folders))
    return seen


@functools.cache
def environment():
    """The versions of all installed packages that bring headers or compilers."""
    command = ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "*-dev", "*-dev:*", "g++*", "clang*", "nlohmann*",
               "node-llhttp"]
    try:
        return subprocess.run(command, capture_output=True, check=False).stdout
    except FileNotFoundError:
        return b""


class Passed:
    """Remembers by content what has passed: an empty file named after a hash.

    A key holds everything that the result depends on, so that clones, branches
    and colleagues on one machine can share the folder.
    """

    KEEP = 30 * 24 * 3600  # seconds since the last use

    def __init__(self, name):
        self.folder = pathlib.Path(os.environ.get("CACHE", ROOT / "build/cache")) / name
        self.folder.mkdir(parents=True, exist_ok=True)

    def key(self, *parts):
        digest = hashlib.sha256(environment())
        for part in parts:
            data = part if isinstance(part, bytes) else repr(part).encode()
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.hexdigest()

    def __contains__(self, key):
        entry = self.folder / key
        if not entry.exists():
            return False
        os.utime(entry)
        return True

    def add(self, key):
        (self.folder / key).touch()

    def forget_old(self):
        for entry in self.folder.iterdir():
            if time.time() - entry.stat().st_mtime > self.KEEP:
                entry.unlink(missing_ok=True)


def run_all(work, items):
    """work(item) for all items, a few at a time; yields (item, result) as they end."""
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        futures = {pool.submit(work, item): item for item in items}
        for future in concurrent.futures.as_completed(futures):
            yield futures[future], future.result()
