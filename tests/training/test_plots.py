"""Pictures that repeat to the byte and say what they should."""

import numpy as np
import pytest

from edgekit.training import evaluate, plots

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")


def test_curves_show_training_beside_validation(tmp_path):
    rows = [
        {"epoch": i, "loss": 1 / i, "val_loss": 1.1 / i, "val_mAP50": 0.9 - 0.8 / i, "learning_rate": 1e-3}
        for i in range(1, 6)
    ]
    path = plots.history(rows, tmp_path)
    assert path == tmp_path / "history.svg" and path.read_text().startswith("<?xml")
    assert "mAP50" in path.read_text()
    first = path.read_bytes()
    assert plots.history(rows, tmp_path).read_bytes() == first


def test_matrices_stand_side_by_side(tmp_path):
    y = np.array([0, 1, 1, 0])
    logits = np.array([[3, 0], [0, 3], [3, 0], [3, 0]], np.float32)
    scores = evaluate.scores(y, logits, ["up", "down"], 0.5)
    path = plots.confusion({"float": scores, "INT8": scores}, ["up", "down"], tmp_path)
    text = path.read_text()
    assert "float: accuracy 0.750" in text and "INT8: accuracy 0.750" in text
