"""Quantisation-aware training: the network learns with the rounding that its int8 kernels do."""

from edgekit.training.qat.build import calibrate, exporting, is_quantize_aware, quantize_aware
from edgekit.training.qat.config import QatConfig
from edgekit.training.qat.fold import fold_batch_norm

__all__ = ["QatConfig", "calibrate", "exporting", "fold_batch_norm", "is_quantize_aware", "quantize_aware"]
