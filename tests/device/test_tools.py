"""Tools are found, or the message says what installs them; none may hang."""

from __future__ import annotations

import pytest

from edgekit.device import tools
from edgekit.errors import EnvironmentFailed


@pytest.mark.parametrize("name", sorted(tools.TOOLS))
def test_a_missing_tool_names_what_it_is_for_and_what_installs_it(name, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFailed) as caught:
        tools.find(name)
    tool = tools.TOOLS[name]
    assert tool.purpose in str(caught.value)
    assert tool.install in str(caught.value)
    assert tools.version(name) == ""


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205", "12.2.1"),
        ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0", "12.2.0"),
        ("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)", "7.2.22"),
        ("Debian clang version 14.0.6", "14.0.6"),
        ("nothing of the kind", ""),
    ],
)
def test_the_version_is_the_tools_and_not_the_packagers(stand_in, said, version):
    stand_in("qemu-system-arm", f"echo '{said}'")
    assert tools.version("qemu-system-arm") == version


def test_a_tool_that_hangs_is_stopped():
    with pytest.raises(EnvironmentFailed, match="did not end within"):
        tools.run(["sleep", "30"], seconds=0.2)


def test_a_program_that_is_not_there():
    with pytest.raises(EnvironmentFailed, match="cannot be started"):
        tools.run(["/nowhere/at/all"])
