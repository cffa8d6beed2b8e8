"""What every architecture keeps to."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from edgekit.errors import InputError
from edgekit.models import base


def test_architectures_are_listed_without_keras():
    code = (
        "import sys; from edgekit.models.base import REGISTRY;"
        "[model.parse({}) for model in REGISTRY.all().values()];"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_architecture_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'efficientnetv2-1d'"):
        base.build("efficientnet-1d", {}, (800, 1), 4)


@pytest.mark.parametrize("key", base.REGISTRY.keys())
def test_every_architecture_has_a_title_and_defaults(key):
    model = base.REGISTRY.get(key)
    assert model.title
    assert model.parse({}) == model.Params()


def test_the_model_of_the_documentation_is_found_beside_the_user(tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    page = Path(__file__).parents[2] / "docs/adding-a-model.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / "edgekit/models"
    folder.mkdir(parents=True)
    (folder / "tiny_conv.py").write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert "tiny-conv" in base.REGISTRY.keys()
    model = base.build("tiny-conv", {"filters": [4, 8, 8]}, (64, 2), 3)
    assert (model.input_shape, model.output_shape) == ((None, 64, 2), (None, 3))
    with pytest.raises(InputError, match="did you mean 'filters'"):
        base.build("tiny-conv", {"filter": [4]}, (64, 2), 3)
