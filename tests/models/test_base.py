"""What every architecture keeps to."""

import subprocess
import sys

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
