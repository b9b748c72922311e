#!/bin/sh
# Installs the console from the wheels beside this file, without a network, into a virtual environment of its own.
#   ./install.sh [FOLDER]      PYTHON=/path/to/python3.11 ./install.sh
# Neither pip nor python3-venv need be on the machine: the environment is made bare, and pip runs from its wheel.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target=${1:-"$here/console110"}

fits() { "$1" -c 'import sys, venv; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; }
python=
for candidate in "${PYTHON:-}" python3.11 python3 /usr/bin/python3.11; do
    [ -n "$candidate" ] && fits "$candidate" && python=$candidate && break
done
if [ -z "$python" ]; then
    echo "需要 Python 3.11：请先安装，或用 PYTHON=/路径/python3.11 指定。Python 3.11 is needed." >&2
    exit 1
fi

if command -v sha256sum >/dev/null; then
    (cd "$here" && sha256sum --quiet --check SHA256SUMS) || { echo "安装包不完整或被改动。The bundle is damaged." >&2; exit 1; }
fi
"$python" -m venv --without-pip "$target"
PIP_CONFIG_FILE=/dev/null PIP_ROOT_USER_ACTION=ignore PIP_DISABLE_PIP_VERSION_CHECK=1 \
    "$target/bin/python" "$(ls "$here"/wheels/pip-*.whl)/pip" --isolated install --quiet --no-index --require-hashes \
    --find-links "$here/wheels" --requirement "$here/requirements.txt"
echo "已安装，启动命令：$target/bin/console110 run"
"$target/bin/console110" selftest
