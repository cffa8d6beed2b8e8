"""DetectNet_v2: on a grid, how much of each cell an object covers, and where the edges of its box are.

Source: NVIDIA's TAO documentation, and github.com/NVIDIA/tao_tensorflow1_backend: two convolutions
of 1x1 on a backbone at a stride of 16, one for coverage and one for boxes (four values per class).

Coverage stays a logit: the sigmoid rises with it, so a threshold of probability is one of logits, and neither
an operator nor a table is spent on it. Without boxes the network gives centroids, as Edge Impulse's FOMO does
at a stride of 8.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from edgekit.errors import InputError
from edgekit.models.base import REGISTRY, Backbone, Model, ModelParams

if TYPE_CHECKING:
    import keras

_PRIOR = (
    0.05  # coverage that an untrained network says: Lin et al., "Focal Loss", arXiv:1708.02002, section 4.1
)


class DetectNetV2Params(ModelParams):
    """Parameters of DetectNet_v2."""

    backbone: str = Field("resnet", description="registry key of a model that can be one")
    backbone_params: dict[str, Any] = Field({}, description="its parameters")
    stride: Literal[4, 8, 16, 32] = Field(16, description="pixels per cell")
    neck: int = Field(0, ge=0, le=1024, description="filters of a 1x1 convolution before the heads; 0 = none")
    boxes: bool = Field(True, description="off: centroids alone")


class DetectNetV2(Model):
    """Outputs "coverage", [rows, columns, classes], and "boxes", [rows, columns, 4 * classes]."""

    title = "DetectNet_v2"
    Params = DetectNetV2Params

    def build(self, params: DetectNetV2Params, input_shape: tuple[int, ...], classes: int) -> keras.Model:
        """Returns the model; see `Model.build`. `input_shape` is (height, width, channels).

        Raises:
            InputError: The backbone is none, or the picture is no whole number of cells.
        """
        import keras
        from keras import initializers, layers

        backbone = REGISTRY.get(params.backbone)
        if not isinstance(backbone, Backbone):
            raise InputError(
                where="model.params.backbone", what=f"'{params.backbone}' cannot be a backbone",
                expected="e.g. resnet or mobilenet-v3",
            )  # fmt: skip
        if len(input_shape) != 3 or input_shape[0] % params.stride or input_shape[1] % params.stride:
            raise InputError(
                where="model.name", what=f"{self.title} takes pictures of whole cells",
                expected=f"(height, width, channels), both multiples of {params.stride}",
                found=str(input_shape),
            )  # fmt: skip
        inputs = keras.Input(input_shape, name="picture")
        x = backbone.features(inputs, backbone.parse(params.backbone_params), params.stride)
        cells = (input_shape[0] // params.stride, input_shape[1] // params.stride)
        if x.shape[1:3] != cells:
            raise InputError(
                where="model.params.stride", what=f"is not what {params.backbone} reaches",
                expected=f"{cells[0]} x {cells[1]} cells", found=f"{x.shape[1]} x {x.shape[2]}",
            )  # fmt: skip
        if params.neck:
            x = layers.ReLU(name="neck_act")(layers.Conv2D(params.neck, 1, name="neck")(x))
        prior = initializers.Constant(math.log(_PRIOR / (1 - _PRIOR)))
        outputs = {"coverage": layers.Conv2D(classes, 1, bias_initializer=prior, name="coverage")(x)}
        if params.boxes:
            outputs["boxes"] = layers.Conv2D(4 * classes, 1, name="boxes")(x)
        return keras.Model(inputs, outputs, name="detectnet_v2")


MODEL = DetectNetV2()
