"""Another commit of this tree, built beside it, to be measured against it.

SPDX-License-Identifier: Apache-2.0
"""
import dataclasses
import os
import pathlib
import subprocess
import sys

import tables
from servers import Broken


@dataclasses.dataclass(frozen=True)
class Other:
    name: str
    build: pathlib.Path


def build(root, revision):
    """Checks `revision` out in build/compare/COMMIT, which stays for the next time, and builds it."""
    git = ["git", "-c", f"safe.directory={root}", "-C", str(root)]
    found = subprocess.run([*git, "rev-parse", "--short", "--verify", f"{revision}^{{commit}}"], text=True,
                           capture_output=True, check=False)
    if found.returncode != 0:
        raise Broken(f"{revision!r} is no commit")
    commit = found.stdout.strip()
    tree = root / "build/compare" / commit
    if not (tree / "scripts/build").exists():
        run([*git, "worktree", "prune"])  # it forgets a build/ that was removed
        run([*git, "worktree", "add", "--detach", str(tree), commit])
    if not (tree / "tests/apps/bench").exists():
        raise Broken(f"{revision} has no tests/apps/bench, so nothing that could be compared")
    tables.say(f"building {commit}")
    run([str(tree / "scripts/build")])
    return Other(f"tollgate {commit}", tree / "build/release")


def run(command):
    done = subprocess.run(command, stdout=sys.stderr, env={**os.environ}, check=False)
    if done.returncode != 0:
        raise Broken(f"{' '.join(command)} failed")
