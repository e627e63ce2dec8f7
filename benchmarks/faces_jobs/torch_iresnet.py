"""An iResNet in PyTorch, from our folded weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from faces_jobs.graphs import channels_first
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

Forward = Callable[[NDArray[np.float32]], Callable[[], Tensor]]


def torch_iresnet(params: Mapping[str, Any], halving: list[bool], layout: torch.memory_format) -> Forward:
    """Inputs (b, 3, 112, 112) to a call that gives (b, 512); everything lies in memory as `layout` says."""

    def tensor(values: Any) -> Tensor:
        return torch.tensor(np.asarray(values))

    def convolution(layer: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
        kernel = tensor(layer["kernel"]).permute(3, 2, 0, 1)
        return kernel.contiguous(memory_format=layout), tensor(layer["bias"])

    stem, stem_slope = convolution(params["stem"]["conv"]), tensor(params["stem"]["slope"])
    blocks = []
    for number, halves in enumerate(halving):
        block = params[f"block_{number:02d}"]
        scale, shift, slope = (tensor(block[name]) for name in ("scale", "shift", "slope"))
        shortcut = convolution(block["shortcut"]) if halves else None
        rest = (convolution(block["first"]), convolution(block["second"]), shortcut, 2 if halves else 1)
        blocks.append((scale, shift, torch.zeros_like(scale), torch.ones_like(scale), slope, *rest))
    last = tensor(channels_first(params["embedding"]["kernel"])).T.contiguous(), tensor(params["embedding"]["bias"])

    def forward(x: Tensor) -> Tensor:
        x = functional.prelu(functional.conv2d(x, *stem, 1, 1), stem_slope)
        for scale, shift, mean, variance, slope, first, second, shortcut, stride in blocks:
            y = functional.batch_norm(x, mean, variance, scale, shift, eps=0.0)
            y = functional.prelu(functional.conv2d(y, *first, 1, 1), slope)
            y = functional.conv2d(y, *second, stride, 1)
            x = y + (x if shortcut is None else functional.conv2d(x, *shortcut, stride))
        return functional.linear(x.flatten(1), *last)

    def prepared(inputs: NDArray[np.float32]) -> Callable[[], Tensor]:
        x = torch.tensor(inputs).contiguous(memory_format=layout)

        def call() -> Tensor:
            with torch.inference_mode():
                return forward(x)

        return call

    return prepared
