#!/bin/sh
# Installs Debian packages when root or sudo allows it; else prints the exact line and fails.
set -eu
line="apt-get install -y --no-install-recommends $*"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "This is no Debian system; install the equivalent of: $*" >&2
    exit 3
fi
if [ "$(id -u)" = 0 ]; then
    sudo=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    sudo=sudo
else
    echo "Some tools are missing. As root, run:" >&2
    echo "    $line" >&2
    exit 3
fi
echo "Installing: $*" >&2
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq >/dev/null
# shellcheck disable=SC2086
$sudo $line -qq >/dev/null
