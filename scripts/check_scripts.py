#!/usr/bin/env python3
"""Checks the scripts themselves: bash and shellcheck for shell, the compiler for Python.

SPDX-License-Identifier: Apache-2.0
"""
import shutil
import subprocess
import sys

from lib import project

TOPS = (".ci", "scripts", "systemd", "tests")
TAG = "SPDX-License-Identifier: Apache-2.0"


def is_shell(path):
    if path.suffix == ".sh":
        return True
    with path.open("rb") as file:
        return file.readline().rstrip() in (b"#!/usr/bin/env bash", b"#!/bin/bash", b"#!/bin/sh")


def python_problem(path):
    try:
        compile(path.read_bytes(), project.relative(path), "exec")
    except SyntaxError as error:
        return f"{error.filename}:{error.lineno}: {error.msg}"
    return None


def run(command):
    """What the command complains of, or None."""
    result = subprocess.run(command, cwd=project.ROOT, text=True, capture_output=True, check=False)
    return None if result.returncode == 0 else (result.stdout + result.stderr).rstrip()


def main():
    scripts = project.files(TOPS, ("",))
    shell = [path for path in scripts if is_shell(path)]
    python = [path for path in scripts if path.suffix == ".py"]
    names = [project.relative(path) for path in shell]

    problems = [python_problem(path) for path in python]
    problems += [run(["bash", "-n", name]) for name in names]
    problems += [f"{project.relative(path)}:1: the file lacks \"{TAG}\"" for path in shell + python
                 if TAG not in path.read_text(encoding="utf-8")]
    if shutil.which("shellcheck"):
        problems.append(run(["shellcheck", "-x", "-P", "SCRIPTDIR", "-P", ".", "-f", "gcc", *names]))
    else:
        problems.append("shellcheck is not installed (scripts/test installs it)")
    problems = [problem for problem in problems if problem]
    for problem in problems:
        print(problem)
    print(f"{len(shell)} shell, {len(python)} Python")
    return len(problems) != 0


if __name__ == "__main__":
    sys.exit(main())
