using System.Diagnostics;
using Lockstep.Benchmarks.Measuring;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Lockstep.TorchSharpPeer.Training;

/// <summary>Zero the gradients, forward, loss, backward, clip where the workload clips, SGD: as any user of TorchSharp would write it.</summary>
internal sealed class TrainingLoop
{
    private readonly SharedWork _work;
    private readonly Workload _workload;
    private readonly TrainedNetwork _trained;
    private readonly optim.Optimizer _optimizer;
    private int _step;

    public TrainingLoop(Workload workload, SharedWork work)
    {
        _work = work;
        _workload = workload;
        _trained = workload.Create();
        work.Load(_trained.Network);
        _optimizer = optim.SGD(_trained.Network.parameters(), workload.LearningRate);
    }

    /// <summary>A few steps without dropout: evaluation mode with a backward pass and an update. Then everything is as it was before.</summary>
    /// <returns>Their losses.</returns>
    public List<double> Check(int steps)
    {
        _trained.Network.eval();
        var losses = new List<double>();
        for (int step = 0; step < steps; step++)
            losses.Add(Step().Loss);
        _work.Load(_trained.Network);
        _trained.BeginAnew();
        _step = 0;
        return losses;
    }

    /// <summary>Warms up and measures.</summary>
    /// <param name="repetition">How often, how long.</param>
    /// <param name="losses">Receives the first losses, until it has as many as are kept.</param>
    /// <returns>Milliseconds of every measured step.</returns>
    public List<double> Measure(Repetition repetition, List<double> losses)
    {
        _trained.Network.train();
        return repetition.Measure(() =>
        {
            (double loss, double milliseconds) = Step();
            if (losses.Count < Turn.KeptLosses)
                losses.Add(loss);
            return milliseconds;
        });
    }

    private (double Loss, double Milliseconds) Step()
    {
        long start = Stopwatch.GetTimestamp();
        using DisposeScope scope = NewDisposeScope();
        (Tensor input, Tensor target) = _work.MinibatchAt(_step++);
        _optimizer.zero_grad();
        Tensor loss = _trained.Loss(input, target);
        loss.backward();
        foreach ((Parameter parameter, long count) in _trained.SecondBiases)
            parameter.grad!.narrow(0, 0, count).zero_();
        if (_workload.Clip is { } norm)
            nn.utils.clip_grad_norm_(_trained.Network.parameters(), norm);
        _optimizer.step();
        double value = loss.item<float>();
        return (value, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
