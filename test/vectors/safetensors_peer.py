"""The safetensors library of Python, as the other reader and writer of our weight files.

    python3 safetensors_peer.py make > safetensors.json     a file written by the library, in base64
    python3 safetensors_peer.py read < {"file": base64}     what the library reads in a file of ours

Needs: pip install numpy safetensors
"""
import base64
import json
import sys

import numpy
from safetensors import deserialize
from safetensors.numpy import save


def make():
    tensors = {
        "backbone.conv1": numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 4,
        "classSubnet.bias": numpy.array([-4.59512, 1e-7, 3.4e38], dtype=numpy.float32),
        "scalar": numpy.array(2.5, dtype=numpy.float32),
    }
    file = save(tensors, metadata={"study": "lüttich"})
    return {
        "file": base64.b64encode(file).decode(),
        "metadata": {"study": "lüttich"},
        "tensors": {name: {"shape": list(t.shape), "values": t.ravel().tolist()} for name, t in tensors.items()},
    }


def read(message):
    file = base64.b64decode(message["file"])
    header_bytes = int.from_bytes(file[:8], "little")
    metadata = json.loads(file[8 : 8 + header_bytes]).get("__metadata__", {})
    tensors = {}
    for name, tensor in deserialize(file):
        values = numpy.frombuffer(tensor["data"], dtype="<f4")
        tensors[name] = {"shape": tensor["shape"], "dtype": tensor["dtype"], "values": values.tolist()}
    return {"metadata": metadata, "tensors": tensors}


if sys.argv[1] == "make":
    print(json.dumps(make(), indent=2, ensure_ascii=False))
else:
    print(json.dumps(read(json.load(sys.stdin))))
