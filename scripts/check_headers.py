#!/usr/bin/env python3
"""Checks that each header compiles alone, so that the order of includes never matters, and
that an installed one sends its reader to no header that is not installed.

A header that has passed, with all that it includes as it is now, is not compiled again.
SPDX-License-Identifier: Apache-2.0
"""
import re
import subprocess
import sys

from lib import project

COMPILE = ["g++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-I.", "-isystem", "/usr/share/include",
           "-isystem", "build/llhttp/usr/share/include", "-x", "c++", "-"]
INSTALLED = re.compile(r"set\(TOLLGATE_PUBLIC_HEADERS\s+(.*?)\s+PARENT_SCOPE", re.DOTALL)
COMMENT = re.compile(r"//.*")
HEADER = re.compile(r"\b[\w/]+\.h\b")
GUARD = re.compile(r"^#pragma once$", re.MULTILINE)


def compile_alone(path):
    """None, or why not."""
    name = project.relative(path)
    if not GUARD.search(path.read_text(encoding="utf-8")):
        return f"{name}:1: no #pragma once"
    # Through standard input, since g++ warns of #pragma once in a main file.
    result = subprocess.run(COMPILE, input=f'#include "{name}"\n', cwd=project.ROOT, text=True,
                            capture_output=True, check=False)
    return None if result.returncode == 0 else result.stderr.rstrip()


def missing_references():
    """What comments of installed headers name, and an author of applications does not have."""
    listed = INSTALLED.search((project.ROOT / "app/CMakeLists.txt").read_text(encoding="utf-8")).group(1).split()
    for name in listed:
        lines = (project.ROOT / name).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            for comment in COMMENT.findall(line):
                for header in HEADER.findall(comment):
                    if not any(("/" + other).endswith("/" + header) for other in listed):
                        yield f"{name}:{number}: {header} is not installed"


def main():
    headers = project.files(project.CODE, (".h",))
    passed = project.Passed("headers")
    keys = {path: passed.key(COMPILE, sorted((project.relative(file), digest)
                                             for file, digest in project.closure(path).items()))
            for path in headers}
    new = [path for path in headers if keys[path] not in passed]
    broken = 0
    for path, problem in project.run_all(compile_alone, new):
        if problem is None:
            passed.add(keys[path])
        else:
            print(problem)
            broken += 1
    for problem in missing_references():
        print(problem)
        broken += 1
    passed.forget_old()
    print(f"{len(headers)} headers, {len(headers) - len(new)} of them passed before")
    return broken != 0


if __name__ == "__main__":
    sys.exit(main())
