"""Names in C: identifiers made of any text, checked identifiers, and text that is safe in comments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from edgekit.errors import InputError

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
# Words of C and C++, macros that compilers predefine, headers that a file of that name would hide, and the
# stems of standard types, since a model's own type is <name>_t.
_WORDS = """
alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool break
case catch char char16_t char32_t char8_t class co_await co_return co_yield compl concept const const_cast
consteval constexpr constinit continue decltype default delete do double dynamic_cast else enum explicit
export extern false float for friend goto if import inline int long main module mutable namespace new
noexcept not not_eq nullptr operator or or_eq private protected public reflexpr register
reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct
switch synchronized template this thread_local throw true try typedef typeid typename typeof
typeof_unqual union unsigned using virtual void volatile wchar_t while xor xor_eq
linux unix arm main
assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype
int8 int16 int32 int64 uint8 uint16 uint32 uint64 intptr uintptr intmax uintmax ptrdiff size ssize max_align
"""
_RESERVED = frozenset(_WORDS.split())


def require_identifier(name: str, where: str) -> str:
    """Returns `name` if generated C can be named by it.

    Args:
        name: What the user asked for.
        where: The option, for the message.

    Raises:
        InputError: It is no identifier, a word of C or C++, or begins with edgekit's own `ek_`.
    """
    fault = ""
    if not _IDENTIFIER.fullmatch(name):
        fault = "is not a C identifier"
    elif name.lower() in _RESERVED:
        fault = "is a word of C or C++, or names one of its headers"
    elif name.lower().startswith("ek_"):
        fault = "begins with ek_, which is edgekit's own"
    if fault:
        raise InputError(
            where=where,
            what=f"'{name[:80]}' {fault}",
            expected="a letter, then at most 62 letters, digits or underscores",
            hint=f"for instance --name {identifier(name)}",
        )
    return name


def identifier(text: str) -> str:
    """Returns a C identifier that looks like `text`."""
    found = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")[:48].strip("_")
    if not found or not found[0].isalpha() or found.lower() in _RESERVED or found.lower().startswith("ek_"):
        found = f"t_{found}".rstrip("_")
    return found


def unique_identifiers(texts: Sequence[str]) -> tuple[str, ...]:
    """Returns an identifier for each text; no two differ by case alone."""
    made: list[str] = []
    taken: set[str] = set()
    for text in texts:
        base = found = identifier(text)
        number = 2
        while found.lower() in taken:
            found = f"{base}_{number}"
            number += 1
        taken.add(found.lower())
        made.append(found)
    return tuple(made)


def comment(text: str, limit: int = 72) -> str:
    """Returns `text` as it may stand inside a C comment: printable ASCII, one line, no way out.

    Args:
        text: Anything, e.g. a tensor name of an untrusted file.
        limit: Greatest length; a longer one keeps its end, where layer names tell most.
    """
    plain = "".join(c if " " <= c <= "~" and c not in "\\?" else "_" for c in text)
    plain = plain.replace("*/", "* /").replace("/*", "/ *")
    return plain if len(plain) <= limit else "..." + plain[3 - limit :]


def node_name(name: str) -> str:
    """Returns the telling part of a tensor name: converters join fused layers with ';'."""
    return name.split(";")[0]


def c_string(text: str) -> str:
    """Returns `text` as a C string literal in UTF-8; bytes beyond ASCII are octal escapes."""
    out = []
    for byte in text.encode("utf-8"):
        char = chr(byte)
        if char in '"\\?':
            out.append("\\" + char)
        elif " " <= char <= "~":
            out.append(char)
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'
