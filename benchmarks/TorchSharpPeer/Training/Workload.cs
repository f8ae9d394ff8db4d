using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lockstep.TorchSharpPeer.Training;

/// <summary>A workload as a user of TorchSharp would write it; the job of the same name beside Lockstep's benchmarks defines it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="LearningRate">Of plain SGD.</param>
/// <param name="Clip">The global norm at which gradients are clipped; null for none.</param>
/// <param name="Create">Makes its network.</param>
internal sealed record Workload(string Name, double LearningRate, double? Clip, Func<TrainedNetwork> Create)
{
    private const int Characters = 65;

    private static readonly Workload[] All =
    [
        new("mnist-mlp", 0.1, null, () => new ImageNetwork(Mlp())),
        new("mnist-lenet", 0.1, null, () => new ImageNetwork(LeNet())),
        new("cifar-vgg", 0.01, null, () => new ImageNetwork(Vgg())),
        new("alexnet", 0.01, null, () => new ImageNetwork(AlexNet())),
        new("charlstm", 1.0, 5, () => new CharacterNetwork(LSTM(Characters, 512, numLayers: 2), 512, Characters)),
        new("chargru", 1.0, 5, () => new CharacterNetwork(GRU(Characters, 256), 256, Characters)),
        new("rnn", 0.5, 5, () => new CharacterNetwork(RNN(Characters, 256), 256, Characters)),
    ];

    /// <exception cref="ArgumentException">There is no such workload.</exception>
    public static Workload Named(string name) => All.FirstOrDefault(workload => workload.Name == name)
        ?? throw new ArgumentException($"There is no workload '{name}'; there are {string.Join(", ", All.Select(workload => workload.Name))}.", nameof(name));

    // Places in these lists are those of the jobs' layers, and so are the parameters' names.
    private static Module<Tensor, Tensor> Mlp() => Sequential(Flatten(), Linear(784, 512), ReLU(), Linear(512, 512), ReLU(), Linear(512, 10));

    private static Module<Tensor, Tensor> LeNet() => Sequential(
        Conv2d(1, 6, 5, padding: 2), Tanh(), AvgPool2d(2),
        Conv2d(6, 16, 5), Tanh(), AvgPool2d(2),
        Flatten(), Linear(400, 120), Tanh(), Linear(120, 84), Tanh(), Linear(84, 10));

    private static Module<Tensor, Tensor> Vgg() => Sequential(
        Conv2d(3, 64, 3, padding: 1), ReLU(), Conv2d(64, 64, 3, padding: 1), ReLU(), MaxPool2d(2),
        Conv2d(64, 128, 3, padding: 1), ReLU(), Conv2d(128, 128, 3, padding: 1), ReLU(), MaxPool2d(2),
        Conv2d(128, 256, 3, padding: 1), ReLU(), Conv2d(256, 256, 3, padding: 1), ReLU(), MaxPool2d(2),
        Flatten(), Linear(4096, 512), ReLU(), Linear(512, 10));

    // libtorch divides the normalization's alpha by the number of channels: 5e-4 is the paper's 1e-4.
    private static Module<Tensor, Tensor> AlexNet() => Sequential(
        Conv2d(3, 96, 11, stride: 4), ReLU(), LocalResponseNorm(5, 5e-4, 0.75, 2), MaxPool2d(3, 2),
        Conv2d(96, 256, 5, padding: 2, groups: 2), ReLU(), LocalResponseNorm(5, 5e-4, 0.75, 2), MaxPool2d(3, 2),
        Conv2d(256, 384, 3, padding: 1), ReLU(),
        Conv2d(384, 384, 3, padding: 1, groups: 2), ReLU(),
        Conv2d(384, 256, 3, padding: 1, groups: 2), ReLU(), MaxPool2d(3, 2),
        Flatten(), Linear(9216, 4096), ReLU(), Dropout(0.5), Linear(4096, 4096), ReLU(), Dropout(0.5), Linear(4096, 1000));
}
