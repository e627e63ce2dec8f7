"""iResNet in PyTorch, after the papers: He et al. 2016, Deng et al. 2019 (ArcFace), Duta et al. 2020.

The names of the parts are those of the files that the field exchanges, since importers read them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Block(nn.Module):
    """Norm, 3 x 3, norm, PReLU, 3 x 3 with the stride, norm; plus the input, projected where the plane changes."""

    def __init__(self, n_in: int, n_out: int, stride: int, eps: float) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(n_in, eps)
        self.conv1 = nn.Conv2d(n_in, n_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out, eps)
        self.prelu = nn.PReLU(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(n_out, eps)
        changes = stride != 1 or n_in != n_out
        self.downsample = (
            nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out, eps))
            if changes
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(self.prelu(self.bn2(self.conv1(self.bn1(x)))))
        return self.bn3(y) + (x if self.downsample is None else self.downsample(x))


class TorchIResNet(nn.Module):
    """Chips (b, 3, 112, 112), preprocessed, to vectors (b, 512)."""

    def __init__(
        self, stages: tuple[int, ...], eps: float = 2e-5, channels: tuple[int, ...] = (64, 128, 256, 512)
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, channels[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels[0], eps)
        self.prelu = nn.PReLU(channels[0])
        n_in = channels[0]
        for number, (n_blocks, n_out) in enumerate(zip(stages, channels, strict=True), start=1):
            blocks = [Block(n_in if i == 0 else n_out, n_out, 2 if i == 0 else 1, eps) for i in range(n_blocks)]
            setattr(self, f"layer{number}", nn.Sequential(*blocks))
            n_in = n_out
        self.bn2 = nn.BatchNorm2d(n_in, eps)
        self.dropout = nn.Dropout(0.0)
        self.fc = nn.Linear(n_in * 49, 512)
        self.features = nn.BatchNorm1d(512, eps)

    def forward(self, x: Tensor) -> Tensor:
        x = self.prelu(self.bn1(self.conv1(x)))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return self.features(self.fc(torch.flatten(self.dropout(self.bn2(x)), 1)))


def random_iresnet(
    stages: tuple[int, ...],
    seed: int = 0,
    eps: float = 2e-5,
    channels: tuple[int, ...] = (64, 128, 256, 512),
) -> TorchIResNet:
    """A network whose weights, moments and slopes are all random, and its numbers about as large as in a trained one.

    The moments are those of eight random pictures, then changed: with moments out of the air the numbers would grow
    from block to block. Blocks add about a third of what they are given, so that the network does not amplify noise
    from block to block as an untrained one would.
    """
    model = TorchIResNet(stages, eps, channels)
    draw = torch.Generator().manual_seed(seed)

    def uniform(like: Tensor, low: float, high: float) -> Tensor:
        return torch.rand(like.shape, generator=draw) * (high - low) + low

    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d)]
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                fan_in = module.weight[0].numel()
                module.weight.copy_(torch.randn(module.weight.shape, generator=draw) * fan_in**-0.5)
                if module.bias is not None:
                    module.bias.copy_(uniform(module.bias, -0.5, 0.5))
            elif isinstance(module, nn.PReLU):
                module.weight.copy_(uniform(module.weight, -0.2, 0.6))
        for norm in norms:
            norm.momentum = 1.0
            norm.weight.copy_(uniform(norm.weight, 0.5, 1.5))
            norm.bias.copy_(uniform(norm.bias, -0.5, 0.5))
        for block in model.modules():
            if isinstance(block, Block):
                block.bn3.weight.mul_(0.3)
        model.train()(random_pictures(8, seed))
        for norm in norms:
            norm.running_mean.add_(norm.running_var.sqrt() * uniform(norm.bias, -0.2, 0.2))
            norm.running_var.mul_(uniform(norm.bias, 0.7, 1.4))
    return model.eval()


def random_pictures(n: int, seed: int = 0) -> Tensor:
    """Smooth random pictures (n, 3, 112, 112), from -1 to 1."""
    draw = torch.Generator().manual_seed(seed)
    coarse = torch.rand((n, 3, 8, 8), generator=draw) * 2 - 1
    return nn.functional.interpolate(coarse, (112, 112), mode="bilinear")
