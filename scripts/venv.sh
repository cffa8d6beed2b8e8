#!/bin/sh
# Creates or updates the virtual environment of the checkout: scripts/venv.sh EXTRA, e.g. train or dev.
# Does nothing when it is already as pyproject.toml asks.
set -eu
extra=$1
venv=${VENV:-.venv}
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "edgekit needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1 || echo missing)." >&2
    echo "Name another with: make PYTHON=python3.12 ..." >&2
    exit 3
}

# [dev] contains [train]: whoever has run the tests need not install again for the demo.
for have in "$extra" dev; do
    stamp=$venv/.installed-$have
    if [ -f "$stamp" ] && cmp -s "$stamp" pyproject.toml; then
        exit 0
    fi
done

if [ ! -x "$venv/bin/python" ]; then
    "$python" -m venv "$venv" 2>/dev/null || {
        rm -rf "$venv"
        scripts/apt.sh python3-venv
        "$python" -m venv "$venv"
    }
fi
echo "Installing edgekit[$extra] into $venv (about 2 GB, mostly TensorFlow; once) ..." >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade pip
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[$extra]"
cp pyproject.toml "$venv/.installed-$extra"
