"""What Lockstep wrote for other programs: a .safetensors file with initial weights by PyTorch's names, and minibatches."""
import json
import struct

import torch

TYPES = {"F32": torch.float32, "I64": torch.int64}


def read(path):
    """All tensors of a .safetensors file, by name: eight bytes of length, a header in JSON, then the numbers."""
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(data, dtype=TYPES[entry["dtype"]], count=(end - begin) // (4 if entry["dtype"] == "F32" else 8), offset=begin).reshape(entry["shape"])
    return tensors


def split(tensors):
    """Weights by name, minibatches' inputs [minibatches, N, ...], and targets [minibatches, N] or [minibatches, N, T]."""
    weights = dict(tensors)
    return weights, weights.pop("inputs"), weights.pop("targets")


def load(network, weights):
    """Gives a network the initial weights; every parameter must have one."""
    own = dict(network.named_parameters())
    if own.keys() != weights.keys():
        raise SystemExit(f"The file has the parameters {sorted(weights)}, the network {sorted(own)}.")
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(weights[name])
