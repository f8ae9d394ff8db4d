using System.Diagnostics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lockstep.TorchSharpPeer.Training;

/// <summary>784-512-512-10 with relu, mean softmax cross-entropy and plain SGD, as any user of TorchSharp would write it.</summary>
internal sealed class TrainingLoop
{
    private const double LearningRate = 0.1;

    private readonly SharedWork _work;
    private readonly Sequential _network;
    private readonly optim.Optimizer _optimizer;
    private int _step;

    public TrainingLoop(SharedWork work)
    {
        _work = work;
        // Flatten gives the layers the numbers, and so the parameters the names, that they have in Lockstep.
        _network = Sequential(Flatten(), Linear(784, 512), ReLU(), Linear(512, 512), ReLU(), Linear(512, 10));
        work.Load(_network);
        _network.train();
        _optimizer = optim.SGD(_network.parameters(), LearningRate);
    }

    /// <summary>Trains one step.</summary>
    /// <returns>Its loss, and how long it took.</returns>
    public (double Loss, double Milliseconds) Step()
    {
        long start = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        (Tensor input, Tensor target) = _work.MinibatchAt(_step++);
        _optimizer.zero_grad();
        Tensor loss = functional.cross_entropy(_network.call(input), target);
        loss.backward();
        _optimizer.step();
        double value = loss.item<float>();
        return (value, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
