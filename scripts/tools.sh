#!/bin/sh
# Makes sure that the compilers, CMake and QEMU are there: scripts/tools.sh [test]
set -eu
missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need gcc "gcc libc6-dev"
need arm-none-eabi-gcc "gcc-arm-none-eabi libnewlib-arm-none-eabi"
need qemu-system-arm qemu-system-arm
if [ "${1:-}" = test ]; then
    need g++ g++
    need cmake cmake
    need clang "clang libclang-rt-14-dev"
    need clang-format clang-format
fi
[ -z "$missing" ] || scripts/apt.sh $missing
