"""The detector's training step in PyTorch, written plainly and set to its best: the yardstick of `npm run bench -- train-step`.

ResNet with frozen norm, feature pyramid P3-P7, box and class subnet, focal and smooth-L1 loss, Adam. Frozen norms are
folded into their kernels, which is faster than scaling the maps; memory format is whichever is faster; Adam is the
fused one. Reads `block N` from stdin, runs N steps and answers with one JSON line.
"""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

STAGES = {
    "resnet18": ("basic", [2, 2, 2, 2]),
    "resnet34": ("basic", [3, 4, 6, 3]),
    "resnet50": ("bottleneck", [3, 4, 6, 3]),
    "resnet101": ("bottleneck", [3, 4, 23, 3]),
}
ANCHORS = 9
WIDTH = 256
HEAD_DEPTH = 4


class FrozenConv(nn.Module):
    """Convolution and frozen norm: the norm's gain is folded into the kernel, its offset is the bias."""

    def __init__(self, inputs, outputs, kernel, stride=1, gain=1.0):
        super().__init__()
        deviation = (2 / (kernel * kernel * outputs)) ** 0.5
        self.weight = nn.Parameter(deviation * torch.randn(outputs, inputs, kernel, kernel))
        self.register_buffer("gain", torch.full((outputs, 1, 1, 1), gain))
        self.register_buffer("offset", torch.zeros(outputs))
        self.stride, self.padding = stride, kernel // 2

    def forward(self, x):
        return F.conv2d(x, self.weight * self.gain, self.offset, self.stride, self.padding)


class Block(nn.Module):
    def __init__(self, kind, inputs, outputs, stride, gain):
        super().__init__()
        if kind == "basic":
            self.branch = nn.Sequential(
                FrozenConv(inputs, outputs, 3, stride),
                nn.ReLU(inplace=True),
                FrozenConv(outputs, outputs, 3, gain=gain),
            )
        else:
            inner = outputs // 4
            self.branch = nn.Sequential(
                FrozenConv(inputs, inner, 1),
                nn.ReLU(inplace=True),
                FrozenConv(inner, inner, 3, stride),
                nn.ReLU(inplace=True),
                FrozenConv(inner, outputs, 1, gain=gain),
            )
        same = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same else FrozenConv(inputs, outputs, 1, stride)

    def forward(self, x):
        return F.relu_(self.branch(x) + self.shortcut(x))


class Detector(nn.Module):
    def __init__(self, backbone, classes):
        super().__init__()
        kind, blocks = STAGES[backbone]
        expansion = 4 if kind == "bottleneck" else 1
        gain = sum(blocks) ** -0.5
        self.stem = FrozenConv(3, 64, 7, 2)
        channels, stages = 64, []
        for i, count in enumerate(blocks):
            outputs = 64 * 2**i * expansion
            stage = []
            for block in range(count):
                stage.append(Block(kind, channels, outputs, 2 if block == 0 and i > 0 else 1, gain))
                channels = outputs
            stages.append(nn.Sequential(*stage))
        self.stages = nn.ModuleList(stages)
        c3, c4, c5 = (128 * expansion, 256 * expansion, 512 * expansion)
        self.laterals = nn.ModuleList(nn.Conv2d(c, WIDTH, 1) for c in (c3, c4, c5))
        self.outputs = nn.ModuleList(nn.Conv2d(WIDTH, WIDTH, 3, padding=1) for _ in range(3))
        self.p6 = nn.Conv2d(c5, WIDTH, 3, 2, 1)
        self.p7 = nn.Conv2d(WIDTH, WIDTH, 3, 2, 1)
        self.boxes = subnet(4 * ANCHORS)
        self.classes = subnet(classes * ANCHORS)
        nn.init.constant_(self.classes[-1].bias, -4.595)

    def forward(self, x):
        x = F.max_pool2d(F.relu_(self.stem(x)), 3, 2, 1)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        merged, levels = None, []
        for i in (2, 1, 0):
            lateral = self.laterals[i](maps[i + 1])
            merged = lateral if merged is None else lateral + F.interpolate(merged, lateral.shape[2:])
            levels.insert(0, self.outputs[i](merged))
        levels.append(self.p6(maps[3]))
        levels.append(self.p7(F.relu(levels[3])))
        rows = lambda subnet, columns: torch.cat(
            [subnet(p).permute(0, 2, 3, 1).reshape(len(p), -1, columns) for p in levels], 1
        )
        return rows(self.classes, self.classes[-1].out_channels // ANCHORS), rows(self.boxes, 4)


def subnet(outputs):
    layers = []
    for _ in range(HEAD_DEPTH):
        layers += [nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.ReLU(inplace=True)]
    last = nn.Conv2d(WIDTH, outputs, 3, padding=1)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(*layers, last)


def focal_loss(logits, targets, weights):
    minus_z = logits * (1 - 2 * targets)
    alpha = 0.75 - 0.5 * targets
    return (weights * alpha * torch.sigmoid(minus_z) ** 2 * F.softplus(minus_z)).sum()


class Step:
    """One film batch, again and again."""

    def __init__(self, load, memory_format):
        torch.manual_seed(1)
        size, batch, classes = load["size"], load["batch"], load["classes"]
        self.model = Detector(load["backbone"], classes).to(memory_format=memory_format)
        self.images = torch.randn(batch, 3, size, size).contiguous(memory_format=memory_format)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-4, fused=True)
        anchors = sum((-(-size // 2**level)) ** 2 for level in range(3, 8)) * ANCHORS
        self.rows = torch.tensor(load["rows"], dtype=torch.long)
        positives = max(1, len(load["rows"]))
        self.codes = torch.randn(len(load["rows"]), 4)
        self.targets = torch.zeros(batch, anchors, classes)
        self.targets.view(-1, classes)[self.rows, 0] = 1
        self.weights = torch.full((batch, anchors, classes), 1 / positives)
        self.share = 1 / (4 * positives)

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        logits, deltas = self.model(self.images)
        loss = focal_loss(logits, self.targets, self.weights)
        boxes = deltas.reshape(-1, 4)[self.rows]
        loss = loss + self.share * F.smooth_l1_loss(boxes, self.codes, beta=1 / 9, reduction="sum")
        loss.backward()
        self.optimizer.step()
        return loss.item()


def timed(step):
    cpu, wall = time.process_time(), time.perf_counter()
    step.run()
    return time.perf_counter() - wall, time.process_time() - cpu


def faster_format(load):
    """Least processor time of a few steps in each memory format."""
    best = {}
    for name, memory_format in (("channels_last", torch.channels_last), ("contiguous", torch.contiguous_format)):
        step = Step(load, memory_format)
        best[name] = min(timed(step)[1] for _ in range(4))
    name = min(best, key=best.get)
    return name, best


def main():
    load = json.loads(sys.argv[1])
    torch.set_num_threads(load["threads"])
    name, tried = faster_format(load) if load.get("format") is None else (load["format"], {})
    step = Step(load, torch.channels_last if name == "channels_last" else torch.contiguous_format)
    step.run()
    print(json.dumps({"ready": f"PyTorch {torch.__version__}, {name}", "tried": tried}), flush=True)
    for line in sys.stdin:
        count = int(line.split()[1])
        times = [timed(step) for _ in range(count)]
        print(
            json.dumps(
                {
                    "seconds": [wall for wall, _ in times],
                    "cpuSeconds": [cpu for _, cpu in times],
                    "peakRssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                }
            ),
            flush=True,
        )


main()
