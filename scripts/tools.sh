#!/bin/sh
# Makes sure that the compilers, CMake and QEMU are there: scripts/tools.sh [test|scenes]
set -eu
missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need gcc "gcc libc6-dev"
need arm-none-eabi-gcc "gcc-arm-none-eabi libnewlib-arm-none-eabi"
need qemu-system-arm qemu-system-arm
if [ -n "${1:-}" ]; then # scenes are drawn by OpenGL, without a screen
    ls /usr/lib/*/libEGL_mesa.so.0 /usr/lib/*/libGL.so.1 >/dev/null 2>&1 ||
        missing="$missing libegl1 libgl1 libgl1-mesa-dri"
fi
if [ "${1:-}" = test ]; then
    need g++ g++
    need cmake cmake
    need clang clang
    ls "$(clang -print-resource-dir 2>/dev/null)"/lib/linux/libclang_rt.fuzzer-* >/dev/null 2>&1 ||
        missing="$missing libclang-rt-dev"
    need clang-format clang-format
    need cppcheck cppcheck
    need riscv64-unknown-elf-gcc "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf"
    need qemu-system-riscv32 qemu-system-misc
fi
[ -z "$missing" ] || scripts/apt.sh $missing
