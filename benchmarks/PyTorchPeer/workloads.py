"""The workloads as a user of PyTorch would write them; jobs of the same names beside Lockstep's benchmarks define them."""
import torch
from torch import nn

CHARACTERS = 65


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))


def vgg():
    layers, channels = [], 3
    for filters in (64, 128, 256):
        layers += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(), nn.Conv2d(filters, filters, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        channels = filters
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(4096, 512), nn.ReLU(), nn.Linear(512, 10))


def alexnet():
    def norm():
        # PyTorch divides alpha by the number of channels: 5e-4 is the paper's 1e-4.
        return nn.LocalResponseNorm(5, 5e-4, 0.75, 2)
    return nn.Sequential(
        nn.Conv2d(3, 96, 11, stride=4), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4096, 1000))


class CharacterModel(nn.Module):
    """A recurrent layer over one-hot characters [T, N, D], and a linear layer at every step."""

    def __init__(self, cell, units):
        super().__init__()
        self.cell = cell
        self.head = nn.Linear(units, CHARACTERS)

    def forward(self, inputs, state):
        outputs, state = self.cell(inputs, state)
        return self.head(outputs), state


# Name: the network, the learning rate of plain SGD, and the global norm at which gradients are clipped, or None.
WORKLOADS = {
    "mnist-mlp": (mlp, 0.1, None),
    "mnist-lenet": (lenet, 0.1, None),
    "cifar-vgg": (vgg, 0.01, None),
    "alexnet": (alexnet, 0.01, None),
    "charlstm": (lambda: CharacterModel(nn.LSTM(CHARACTERS, 512, 2), 512), 1.0, 5),
    "chargru": (lambda: CharacterModel(nn.GRU(CHARACTERS, 256), 256), 1.0, 5),
    "rnn": (lambda: CharacterModel(nn.RNN(CHARACTERS, 256), 256), 0.5, 5),
}


def second_biases(network):
    """
    Lockstep has one bias where PyTorch has a sum of two, but for the candidate of a GRU. The gradient of what Lockstep has not is made zero before it is
    clipped, so that it neither counts in the norm nor makes the bias move twice as far. Pairs of a parameter and how many of its numbers that are.
    """
    return [(parameter, len(parameter) * 2 // 3 if isinstance(getattr(network, "cell", None), nn.GRU) else len(parameter))
            for name, parameter in network.named_parameters() if ".bias_hh_l" in name]


def image_loss(model, _, inputs, targets):
    return nn.functional.cross_entropy(model(inputs), targets), None


def text_loss(model, state, inputs, targets):
    scores, state = model(inputs, state)
    state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
    return nn.functional.cross_entropy(scores.reshape(-1, CHARACTERS), targets.reshape(-1)), state


def minibatches(inputs, targets, rank, world):
    """This rank's share of every minibatch: rows of images, lanes of text; of sequences time comes first, as the layers like it."""
    share = targets.shape[1] // world
    inputs, targets = (tensor[:, rank * share:(rank + 1) * share] for tensor in (inputs, targets))
    if targets.dim() == 3:
        inputs, targets = inputs.transpose(1, 2), targets.transpose(1, 2)
    return [(own.contiguous(), aim.contiguous()) for own, aim in zip(inputs, targets)]
