"""Plug-ins are found by file stem: edgekit's own, the user's, and those of other packages."""

import subprocess
import sys

import pytest

from edgekit.errors import EnvironmentFailed, InputError
from edgekit.recipes.base import Recipe
from edgekit.registry import Registry, key_of, stem_of

USER_RECIPE = """
from edgekit.recipes.ecg_rhythm import RECIPE as base
RECIPE = base.model_copy(update={"name": "mine", "title": "my own"})
"""


def recipes() -> Registry[Recipe]:
    return Registry(kind="recipes", attribute="RECIPE", type=Recipe)


def test_keys_use_dashes_where_stems_use_underscores():
    assert key_of("ecg_rhythm") == "ecg-rhythm"
    assert stem_of("ecg-rhythm") == "ecg_rhythm"


def test_builtin_plugins_are_listed_without_the_contract_itself():
    assert "ecg-rhythm" in recipes().keys()
    assert "base" not in recipes().keys()


def test_either_spelling_gets_the_plugin():
    assert recipes().get("ecg_rhythm") is not None
    assert recipes().get("ecg-rhythm").name == "ecg-rhythm"


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(InputError, match="did you mean 'ecg-rhythm'"):
        recipes().get("ecg-rythm")


def test_the_users_own_folder_is_searched(tmp_path, monkeypatch):
    folder = tmp_path / "edgekit" / "recipes"
    folder.mkdir(parents=True)
    (folder / "my_recipe.py").write_text(USER_RECIPE)
    monkeypatch.chdir(tmp_path)
    assert "my-recipe" in recipes().keys()
    assert recipes().get("my-recipe").title == "my own"


def test_a_path_to_a_file_is_loaded(tmp_path):
    path = tmp_path / "other.py"
    path.write_text(USER_RECIPE)
    assert recipes().get(str(path)).name == "mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "does not define RECIPE"),
        ("RECIPE = 1", "RECIPE is int"),
        ("def", "cannot be loaded: SyntaxError"),
        ("1 / 0", "cannot be loaded: ZeroDivisionError"),
    ],
)
def test_a_file_that_is_no_plugin_is_named(tmp_path, text, message):
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        recipes().get(str(path))


def test_a_missing_package_is_named_with_its_install_line(tmp_path):
    path = tmp_path / "lacking.py"
    path.write_text("import no_such_package_anywhere")
    with pytest.raises(EnvironmentFailed, match="no_such_package_anywhere") as caught:
        recipes().get(str(path))
    assert "pip install" in caught.value.problems[0].hint


def test_a_missing_file_is_an_input_error():
    with pytest.raises(InputError, match="no such file"):
        recipes().get("./nowhere.py")


def test_listing_imports_no_plugin():
    code = (
        "import sys; from edgekit.recipes.base import REGISTRY; REGISTRY.keys();"
        "sys.exit('edgekit.recipes.ecg_rhythm' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
