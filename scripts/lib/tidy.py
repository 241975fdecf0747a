"""clang-tidy for the files whose content has not passed it yet. See scripts/tidy.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

import project

DATABASE = project.ROOT / "build/dev/compile_commands.json"


def commands():
    """{source file of ours: its compiler flags}, for the product only."""
    found = {}
    for entry in json.loads(DATABASE.read_text(encoding="utf-8")):
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(project.ROOT) and path.relative_to(project.ROOT).parts[0] in project.PRODUCT:
            found[path] = shlex.split(entry["command"])
    return found


def include_folders(flags):
    """Where the compiler would look, below our root: headers that the build has made count too."""
    folders = [pathlib.Path(flag[2:]) for flag in flags if flag.startswith("-I")]
    return tuple(folder for folder in folders if folder.is_relative_to(project.ROOT))


def key_of(passed, path, flags, version):
    # Without the root's name, so that clones share what they have found out.
    where = [flag.replace(str(project.ROOT), "") for flag in flags]
    config = (project.ROOT / ".clang-tidy").read_bytes()
    files = sorted((project.relative(file), digest)
                   for file, digest in project.closure(path, include_folders(flags)).items())
    return passed.key(version, config, where, files)


def tidy(path):
    """None, or what clang-tidy says."""
    result = subprocess.run(["clang-tidy", "--quiet", "-p", str(DATABASE.parent), project.relative(path)],
                            cwd=project.ROOT, text=True, capture_output=True, check=False)
    if result.returncode == 0:
        return None
    return (result.stdout.rstrip() or result.stderr.rstrip()).replace(f"{project.ROOT}/", "")


def main(names):
    start = time.monotonic()
    flags = commands()
    wanted = [pathlib.Path(name).resolve() for name in names] or sorted(flags)
    unknown = [name for name, path in zip(names, wanted) if path not in flags]
    if unknown:
        print(f"tidy: not built by preset dev, or not of server/ auth/ app/: {' '.join(unknown)}")
        return 1

    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    passed = project.Passed("tidy")
    keys = {path: key_of(passed, path, flags[path], version) for path in wanted}
    new = [path for path in wanted if keys[path] not in passed]
    broken = 0
    for path, problem in project.run_all(tidy, new):
        if problem is None:
            passed.add(keys[path])
        else:
            print(problem, flush=True)
            broken += 1
    passed.forget_old()
    verdict = "FAILED" if broken else "ok"
    print(f"-- tidy     {verdict:7} {len(new)} files checked, {len(wanted) - len(new)} skipped (passed before), "
          f"{broken} with warnings ({time.monotonic() - start:.1f} s)")
    return broken != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
