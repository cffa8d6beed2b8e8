"""One trained tiny network for all tests that need one."""

import pytest

from . import tiny


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    pytest.importorskip("tensorflow")
    folder = tmp_path_factory.mktemp("trained")
    config = tiny.CONFIG.model_copy(update={"epochs": 8})
    return tiny.train(folder, config), folder
