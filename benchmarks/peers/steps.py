"""Training steps and predictions of the same networks in plain PyTorch: what Mlps.Benchmarks is compared with.

    python3 steps.py [--device cuda:0] [--steps 20] [--batch 20] [--side 224] [--sizes published,small] [--work 1,2,predictions] [--precisions full,tensorfloat32,bfloat16]

The networks are written from the papers (Wu et al. 2016; Chen et al. 2018), and share no code with others. Every precision runs in PyTorch's best eager way: channels last, a fused SGD where the
device has one, cuDNN's choice by trial where --search is given; bfloat16 by autocast. Stage 1 trains as from ImageNet weights, its front and its BatchNorms frozen; stage 2 learns from three masks. Images are on the device
already; reading and augmentation, which the library's step contains, are not measured here.

Stage 1 in TensorFloat32 has run on an H100; the rest did not get its turn there.
"""

import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

CLASSES = 4
MASK_WEIGHTS = (0.2, 0.2, 0.6)
WARM_UP = 3


def convolution(inputs, outputs, kernel=3, stride=1, dilation=1, bias=False):
    return nn.Conv2d(inputs, outputs, kernel, stride, dilation * (kernel // 2), dilation, bias=bias)


def normalized(inputs, outputs, kernel=3, stride=1, dilation=1, *, relu=True):
    """A convolution, its BatchNorm, and a ReLU."""
    return nn.Sequential(convolution(inputs, outputs, kernel, stride, dilation), nn.BatchNorm2d(outputs), *([nn.ReLU(inplace=True)] if relu else []))


def enlarged(features, size):
    return functional.interpolate(features, size=size, mode="bilinear", align_corners=True)


class PreActivation(nn.Module):
    """A block of ResNet-38: BatchNorm and ReLU come before the convolutions."""

    def __init__(self, inputs, outputs, branch, *, changes):
        super().__init__()
        self.activation = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU(inplace=True))
        self.branch = branch
        self.shortcut = convolution(inputs, outputs, 1, changes) if changes else None

    def forward(self, features):
        activated = self.activation(features)
        return self.branch(activated) + (features if self.shortcut is None else self.shortcut(activated))


def wide(inputs, middle, outputs, stride=1, first=1, second=1):
    branch = nn.Sequential(convolution(inputs, middle, 3, stride, first), nn.BatchNorm2d(middle), nn.ReLU(inplace=True), convolution(middle, outputs, 3, 1, second))
    return PreActivation(inputs, outputs, branch, changes=stride if inputs != outputs or stride > 1 else 0)


def wide_bottleneck(inputs, first, second, outputs, dropout):
    branch = nn.Sequential(
        convolution(inputs, first, 1), nn.BatchNorm2d(first), nn.ReLU(inplace=True), nn.Dropout2d(dropout),
        convolution(first, second, 3, 1, 4), nn.BatchNorm2d(second), nn.ReLU(inplace=True), nn.Dropout2d(dropout),
        convolution(second, outputs, 1))
    return PreActivation(inputs, outputs, branch, changes=1)


class ResNet38(nn.Module):
    """Logits [N, C] of images [N, 3, H, W]."""

    def __init__(self, width):
        super().__init__()
        c64, c128, c256, c512, c1024, c2048, c4096 = (max(1, round(width * channels)) for channels in (64, 128, 256, 512, 1024, 2048, 4096))
        self.front = nn.Sequential(convolution(3, c64), wide(c64, c128, c128, 2), wide(c128, c128, c128), wide(c128, c128, c128))
        self.body = nn.Sequential(
            wide(c128, c256, c256, 2), wide(c256, c256, c256), wide(c256, c256, c256),
            wide(c256, c512, c512, 2), *(wide(c512, c512, c512) for _ in range(5)),
            wide(c512, c512, c1024, 1, 1, 2), wide(c1024, c512, c1024, 1, 2, 2), wide(c1024, c512, c1024, 1, 2, 2),
            wide_bottleneck(c1024, c512, c1024, c2048, 0.3), wide_bottleneck(c2048, c1024, c2048, c4096, 0.5),
            nn.BatchNorm2d(c4096), nn.ReLU(inplace=True))
        self.head = nn.Sequential(nn.Dropout2d(0.5), nn.AdaptiveAvgPool2d(1), convolution(c4096, CLASSES, 1), nn.Flatten())

    def forward(self, images):
        with torch.no_grad():
            features = self.front(images)
        return self.head(self.body(features))

    def train(self, mode=True):
        """As from loaded weights: neither the front nor a BatchNorm learns."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval().requires_grad_(False)
        self.front.requires_grad_(False)
        return self


class Residual(nn.Module):
    """A branch, beside a shortcut."""

    def __init__(self, branch, shortcut):
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, features):
        return functional.relu(self.branch(features) + (features if self.shortcut is None else self.shortcut(features)), inplace=True)


def basic(inputs, outputs, stride=1, dilation=1):
    shortcut = normalized(inputs, outputs, 1, stride, relu=False) if inputs != outputs or stride > 1 else None
    return Residual(nn.Sequential(normalized(inputs, outputs, 3, stride, dilation), normalized(outputs, outputs, 3, 1, dilation, relu=False)), shortcut)


def bottleneck(inputs, channels, stride=1, dilation=1):
    shortcut = normalized(inputs, 4 * channels, 1, stride, relu=False) if inputs != 4 * channels or stride > 1 else None
    return Residual(nn.Sequential(normalized(inputs, channels, 1), normalized(channels, channels, 3, stride, dilation), normalized(channels, 4 * channels, 1, relu=False)), shortcut)


def stage(inputs, channels, stride, *dilations):
    return nn.Sequential(*(bottleneck(4 * channels if place else inputs, channels, 1 if place else stride, dilation) for place, dilation in enumerate(dilations)))


class DeepLab(nn.Module):
    """DeepLab v3+ at output stride 16: logits [N, C, H, W] of images [N, 3, H, W]."""

    def __init__(self, size):
        super().__init__()
        if size == "published":
            self.shallow = nn.Sequential(normalized(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1), stage(64, 64, 1, 1, 1, 1))
            self.deep = nn.Sequential(stage(256, 128, 2, 1, 1, 1, 1), stage(512, 256, 2, *[1] * 23), stage(1024, 512, 1, 2, 4, 8))
            low, high, reduced, pyramid = 256, 2048, 48, 256
        else:
            self.shallow = nn.Sequential(normalized(3, 24, 3, 2), basic(24, 48, 2), basic(48, 48))
            self.deep = nn.Sequential(basic(48, 96, 2), basic(96, 96), basic(96, 128, 2), basic(128, 128), basic(128, 128, 1, 2))
            low, high, reduced, pyramid = 48, 128, 24, 64
        self.branches = nn.ModuleList([normalized(high, pyramid, 1), *(normalized(high, pyramid, 3, 1, dilation) for dilation in (6, 12, 18))])
        self.pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), normalized(high, pyramid, 1))
        self.mixed = nn.Sequential(normalized(5 * pyramid, pyramid, 1), nn.Dropout(0.5))
        self.low = normalized(low, reduced, 1)
        self.decoder = nn.Sequential(
            normalized(pyramid + reduced, pyramid), nn.Dropout(0.5), normalized(pyramid, pyramid), nn.Dropout(0.1), convolution(pyramid, CLASSES, 1, bias=True))

    def forward(self, images):
        shallow = self.shallow(images)
        deep = self.deep(shallow)
        whole = self.pooled(deep).expand(-1, -1, *deep.shape[2:])
        context = self.mixed(torch.cat([*(branch(deep) for branch in self.branches), whole], 1))
        low = self.low(shallow)
        logits = self.decoder(torch.cat([enlarged(context, low.shape[2:]), low], 1))
        return enlarged(logits.float(), images.shape[2:])


def loss_of(number, logits, labels, masks):
    if number == 1:
        return functional.multilabel_soft_margin_loss(logits.float(), labels)
    return sum(weight * functional.cross_entropy(logits, masks[:, index]) for index, weight in enumerate(MASK_WEIGHTS))


def measure(number, size, precision, arguments):
    """Milliseconds of each step, and the most memory that tensors took, in MiB."""
    device = torch.device(arguments.device)
    on_gpu = device.type == "cuda"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tensorfloat32"
    torch.manual_seed(1)
    network = (ResNet38(1 if size == "published" else 0.125) if number == 1 else DeepLab(size)).to(device, memory_format=torch.channels_last).train()
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    optimizer = torch.optim.SGD([parameter for parameter in network.parameters() if parameter.requires_grad], lr=1e-4, momentum=0.9, weight_decay=5e-4, fused=on_gpu)
    images = torch.rand(arguments.batch, 3, arguments.side, arguments.side, device=device).to(memory_format=torch.channels_last)
    labels = functional.one_hot(torch.arange(arguments.batch, device=device) % CLASSES, CLASSES).float()
    masks = (torch.arange(arguments.batch, device=device) % CLASSES).view(-1, 1, 1, 1).expand(-1, len(MASK_WEIGHTS), arguments.side, arguments.side).contiguous()
    if on_gpu:
        torch.cuda.reset_peak_memory_stats(device)

    times = []
    for _ in range(WARM_UP + arguments.steps):
        start = time.perf_counter()
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            logits = network(images)
        loss = loss_of(number, logits, labels, masks)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss.item()
        times.append(1e3 * (time.perf_counter() - start))
    memory = torch.cuda.max_memory_allocated(device) / 2**20 if on_gpu else None
    return times[WARM_UP:], memory


def predict(size, precision, arguments):
    """Milliseconds of each batch of gated predictions, from images on the device to masks on the CPU, and the most memory that tensors took, in MiB."""
    device = torch.device(arguments.device)
    on_gpu = device.type == "cuda"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tensorfloat32"
    torch.manual_seed(1)
    classifier, segmenter = ((ResNet38(1 if size == "published" else 0.125) if number == 1 else DeepLab(size)).to(device, memory_format=torch.channels_last).eval() for number in (1, 2))
    images = torch.rand(arguments.batch, 3, arguments.side, arguments.side, device=device).to(memory_format=torch.channels_last)
    if on_gpu:
        torch.cuda.reset_peak_memory_stats(device)

    times = []
    for _ in range(WARM_UP + arguments.steps):
        start = time.perf_counter()
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            present = classifier(images).float().sigmoid() >= 0.1
            gated = segmenter(images).masked_fill(~present[:, :, None, None], float("-inf"))
            gated.argmax(1).to(torch.uint8).cpu()
        times.append(1e3 * (time.perf_counter() - start))
    memory = torch.cuda.max_memory_allocated(device) / 2**20 if on_gpu else None
    return times[WARM_UP:], memory


def row(name, precision, times, memory, arguments):
    median = statistics.median(times)
    print(f"{name:<22}{precision:<16}{median:>10.2f}{1e3 * arguments.batch / median:>12.1f}{'-' if memory is None else f'{memory:.0f}':>10}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Training steps and predictions of Mlps' networks in plain PyTorch.")
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--sizes", default="published,small")
    parser.add_argument("--search", action="store_true", help="let cuDNN try its algorithms, which takes 15 s and more for a network")
    parser.add_argument("--work", default="1,2,predictions", help="training steps of stage 1 and 2, predictions")
    parser.add_argument("--precisions", default="full,tensorfloat32,bfloat16")
    arguments = parser.parse_args()
    torch.backends.cudnn.benchmark = arguments.search
    print(f"PyTorch {torch.__version__} on {arguments.device}; medians of {arguments.steps} steps, batch {arguments.batch}, {arguments.side} px")
    print(f"{'':<22}{'precision':<16}{'ms':>10}{'patches/s':>12}{'MiB':>10}")
    for size in arguments.sizes.split(","):
        for precision in arguments.precisions.split(","):
            for work in arguments.work.split(","):
                times, memory = predict(size, precision, arguments) if work == "predictions" else measure(int(work), size, precision, arguments)
                row(f"{size}, {work if work == 'predictions' else f'stage {work}'}", precision, times, memory, arguments)


if __name__ == "__main__":
    main()
