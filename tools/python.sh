#!/bin/sh
# Print a Python that Callwright runs on, or say what is missing.
for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3 python; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null; then
        found=$candidate
        break
    fi
done
if [ -z "$found" ]; then
    echo "callwright needs Python 3.11 or 3.12, and found neither: install one, or name it, as in: make demo PYTHON=/path/to/python3.12" >&2
    echo "(its rules engine, durable_rules, does not load on Python 3.13)" >&2
    exit 1
fi
if ! "$found" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "$found cannot make a virtual environment: install its venv package, as in: apt install python3-venv" >&2
    exit 1
fi
if ! command -v "${CC:-cc}" >/dev/null 2>&1 && ! command -v gcc >/dev/null 2>&1; then
    echo "callwright needs a C compiler to build its rules engine, durable_rules: install one, as in: apt install gcc" >&2
    exit 1
fi
if ! "$found" -c 'import os, sysconfig, sys; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'; then
    echo "$found lacks the C headers that its rules engine is built against: install them, as in: apt install python3-dev" >&2
    exit 1
fi
echo "$found"
