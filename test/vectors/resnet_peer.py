"""ResNets of PyTorch, as the other reader of published weights.

    python3 resnet_peer.py make > resnet-features.json          names, shapes and C3, C4, C5 of weights made by formula
    python3 resnet_peer.py random < {"folder": ..., "seed": n}  random ResNets saved there, and their C3, C4, C5

Needs: pip install torch numpy (make) safetensors (random). With torchvision its own ResNets are used, else those below,
which carry the same names; `make` says which.
"""
import json
import os
import sys

import numpy
import torch
from torch import nn

BLOCKS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3), "resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3)}
# Higher than wide, so that swapped sides show; odd maps on the way, so that the padding shows.
INPUT = (1, 3, 96, 64)
# Of the features that `make` stores.
EVERY = 61


class Block(nn.Module):
    def __init__(self, inputs, width, stride, expansion):
        super().__init__()
        outputs = width * expansion
        first, second = ((3, stride), (3, 1)) if expansion == 1 else ((1, 1), (3, stride))
        self.conv1 = nn.Conv2d(inputs, width, first[0], first[1], first[0] // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, second[0], second[1], second[0] // 2, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.bottleneck = expansion > 1
        if self.bottleneck:
            self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.bottleneck:
            y = self.bn3(self.conv3(torch.relu(y)))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, name):
        super().__init__()
        expansion = 1 if name in ("resnet18", "resnet34") else 4
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs = 64
        for stage, count in enumerate(BLOCKS[name]):
            width = 64 * 2**stage
            blocks = []
            for index in range(count):
                blocks.append(Block(inputs, width, 2 if index == 0 and stage > 0 else 1, expansion))
                inputs = width * expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(inputs, 1000)


def build(name):
    try:
        import torchvision

        return torchvision.models.get_model(name, weights=None).eval(), f"torchvision {torchvision.__version__}"
    except ImportError:
        return ResNet(name).eval(), "the ResNets of resnet_peer.py"


def features(model, images):
    with torch.no_grad():
        x = model.maxpool(model.relu(model.bn1(model.conv1(images))))
        maps = []
        for stage in (model.layer1, model.layer2, model.layer3, model.layer4):
            x = stage(x)
            maps.append(x.permute(0, 2, 3, 1).contiguous())
    return {f"c{index + 2}": array for index, array in enumerate(maps) if index > 0}


def fnv1a(text):
    state = 0x811C9DC5
    for byte in text.encode():
        state = (state ^ byte) * 0x01000193 & 0xFFFFFFFF
    return state


def uniform(name, shape, low, high):
    """The numbers that the tests make by the same formula: a hash of name and index, in [low, high)."""
    count = int(numpy.prod(shape))
    with numpy.errstate(over="ignore"):
        h = numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(2654435761) + numpy.uint32(fnv1a(name))
        h = (h ^ (h >> numpy.uint32(15))) * numpy.uint32(2246822519)
        h = h ^ (h >> numpy.uint32(13))
    unit = (h >> numpy.uint32(8)).astype(numpy.float64) / 2**24
    return (low + (high - low) * unit).astype(numpy.float32).reshape(shape)


def by_formula(name, shape, last):
    """Kernels by He et al. 2015; norms near one, the last of a branch small, so that a deep network stays tame."""
    if name.endswith("running_var"):
        return uniform(name, shape, 0.5, 1.5)
    if name.endswith("running_mean") or name.endswith("bias"):
        return uniform(name, shape, -0.2, 0.2)
    if len(shape) == 1:
        return uniform(name, shape, 0.1, 0.3) if name.endswith(last) else uniform(name, shape, 0.5, 1.5)
    bound = float(numpy.sqrt(6 / numpy.prod(shape[1:])))
    return uniform(name, shape, -bound, bound)


def last_norm(name):
    return "bn2.weight" if name in ("resnet18", "resnet34") else "bn3.weight"


def make():
    images = torch.from_numpy(uniform("images", INPUT, -2, 2))
    networks = {}
    for name in BLOCKS:
        model, origin = build(name)
        shapes = {
            key: list(tensor.shape)
            for key, tensor in model.state_dict().items()
            if not key.startswith("fc.") and not key.endswith("num_batches_tracked")
        }
        state = {key: torch.from_numpy(by_formula(key, shape, last_norm(name))) for key, shape in shapes.items()}
        model.load_state_dict(state, strict=False)
        maps = features(model, images)
        networks[name] = {
            "shapes": shapes,
            "features": {
                key: {"shape": list(map.shape), "values": [float(f"{v:.7g}") for v in map.ravel()[::EVERY].tolist()]}
                for key, map in maps.items()
            },
        }
    return {"torch": torch.__version__, "origin": origin, "input": list(INPUT), "every": EVERY, "networks": networks}


def random(message):
    from safetensors.torch import save_file

    torch.manual_seed(message["seed"])
    images = torch.randn(INPUT)
    answer = {"torch": torch.__version__, "input": list(INPUT), "images": images.ravel().tolist(), "networks": {}}
    for name in BLOCKS:
        model, answer["origin"] = build(name)
        for key, module in model.named_modules():
            if isinstance(module, nn.BatchNorm2d):
                scale = 0.3 if f"{key}.weight".endswith(last_norm(name)) else 1
                nn.init.uniform_(module.weight, 0.5 * scale, 1.5 * scale)
                nn.init.normal_(module.bias, 0, 0.2)
                nn.init.normal_(module.running_mean, 0, 0.2)
                nn.init.uniform_(module.running_var, 0.5, 1.5)
        dtype = {"resnet18": torch.bfloat16, "resnet34": torch.float16}.get(name, torch.float32)
        state = {k: v.to(dtype) if v.is_floating_point() else v for k, v in model.state_dict().items()}
        # What the file holds is what counts: read it back before the forward pass.
        model.load_state_dict(state)
        file = os.path.join(message["folder"], f"{name}.safetensors")
        save_file(state, file, metadata={"format": "pt"})
        maps = features(model.float(), images)
        answer["networks"][name] = {
            "file": file,
            "features": {key: {"shape": list(map.shape), "values": map.ravel().tolist()} for key, map in maps.items()},
        }
    return answer


def print_vectors(vectors):
    """One line per tensor: a change shows where it is."""
    networks = vectors.pop("networks")
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in vectors.items()]
    parts = []
    for name, network in networks.items():
        rows = [
            f'"{part}": {{\n' + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in network[part].items()) + "\n}"
            for part in ("shapes", "features")
        ]
        parts.append(f'"{name}": {{\n' + ",\n".join(rows) + "\n}")
    print("{\n" + ",\n".join([*lines, '"networks": {\n' + ",\n".join(parts) + "\n}"]) + "\n}")


if sys.argv[1] == "make":
    print_vectors(make())
else:
    print(json.dumps(random(json.load(sys.stdin))))
