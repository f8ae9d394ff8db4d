using System.Globalization;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Losses;

/// <summary>
/// What is minimized: a number for each sample, which is a sum over the sample's terms, and its gradient. Both are
/// undivided: the mean is taken once, by whoever has the whole minibatch.
/// </summary>
public abstract unsafe class Loss
{
    // Below this a fork and join of the threads costs more than it saves.
    private const long NumbersWorthSharing = 4_096;

    /// <param name="output">Shape of a sample of the network's output.</param>
    private protected Loss(Shape output) => Output = output;

    /// <summary>Shape of a sample of the network's output.</summary>
    public Shape Output { get; }

    /// <summary>What job files call it.</summary>
    public abstract string Name { get; }

    /// <summary>Terms of one sample: the mean is over terms.</summary>
    public abstract int TermsPerSample { get; }

    /// <summary>Whether targets are class numbers; else they are values of the output's shape.</summary>
    public abstract bool TakesClasses { get; }

    /// <summary>Makes the loss that a job asks for.</summary>
    /// <exception cref="ShapeException">The network's output is not what the loss takes.</exception>
    public static Loss Create(LossSpec spec, Shape output) => spec.Kind switch
    {
        LossKind.SoftmaxCrossEntropy => new SoftmaxCrossEntropyLoss(output),
        LossKind.L2 => new L2Loss(output),
        LossKind.L1 => new L1Loss(output),
        LossKind.Hinge => new HingeLoss(output),
        LossKind.MulticlassHinge => new MulticlassHingeLoss(output),
        LossKind.Perceptron => new PerceptronLoss(output),
        LossKind.BinaryCrossEntropy => new BinaryCrossEntropyLoss(output),
        LossKind.BinaryCrossEntropyOnProbabilities => new ProbabilityCrossEntropyLoss(output),
        _ => throw new NotSupportedException($"There is no loss {spec.Kind}."),
    };

    /// <summary>
    /// Checks once, before training, that a data set's targets are what the loss takes for this output. A loss on values takes
    /// classes too, as one-hot vectors of as many numbers as there are classes; one with two sides (hinge, perceptron, binary
    /// cross-entropy) takes two classes at a single output as well.
    /// </summary>
    /// <param name="classes">How many classes the targets tell apart; null where they are values.</param>
    /// <param name="values">Shape of a sample's target values; null where they are classes.</param>
    /// <exception cref="ShapeException">They are not.</exception>
    public void RequireTargets(int? classes, Shape? values)
    {
        string layer = $"{Name} (loss)";
        if (TakesClasses && classes is null)
            throw new ShapeException(layer, "targets", "class numbers", $"values {values}", "Take a loss on values, such as l2, or a data set with classes.");
        if (IsBinary && classes == 2 && Output.Length == 1)
            return;
        if (!TakesClasses && classes is not null && classes != Output.Length)
            throw new ShapeException(layer, "axis 0 of the network's output", $"{classes}, one unit a class, since the targets are one-hot vectors", $"{Output.Length}", $"Give the last dense layer {classes} units.");
        if (TakesClasses && classes > Output.Length)
            throw new ShapeException(layer, "axis 0 of the network's output", $"at least {classes}, one unit a class", $"{Output.Length}", "Give the last dense layer more units.");
        if (!TakesClasses && classes is null && !Output.Equals(values))
            throw new ShapeException(layer, "targets", $"values {Output}, the network's output", $"{values}", "Change the last layers so that the output has the targets' shape.");
    }

    /// <summary>What is wrong with a target value, such as "is 0, and hinge takes -1 or 1"; null where it is right.</summary>
    public string? FaultOf(float value) =>
        Takes(value) ? null : string.Create(CultureInfo.InvariantCulture, $"is {value}, and {Name} takes {ValuesTaken}");

    /// <summary>Computes every sample's loss and its gradient.</summary>
    /// <param name="crew">Threads to compute with.</param>
    /// <param name="batch">Targets, and how many samples (N).</param>
    /// <param name="output">The network's output, [N, output shape].</param>
    /// <param name="losses">Receives each sample's undivided loss, [N].</param>
    /// <param name="outputGradient">Receives ∂L/∂output, undivided, [N, output shape].</param>
    /// <exception cref="ArgumentException">The batch has no targets of this loss's kind, or a class that the output has no place for.</exception>
    public void Evaluate(ComputeCrew crew, in Batch batch, float* output, double* losses, float* outputGradient)
    {
        RequireTargetsOf(batch);
        var job = new SampleJob { Loss = this, Batch = batch, Output = output, Losses = losses, OutputGradient = outputGradient };
        if ((long)batch.Count * Output.Length < NumbersWorthSharing)
            job.Execute(0, 1);
        else
            crew.Run(ref job);
    }

    /// <summary>One sample's undivided loss and gradient.</summary>
    /// <param name="batch">Targets.</param>
    /// <param name="sample">Which sample.</param>
    /// <param name="output">The sample's output.</param>
    /// <param name="outputGradient">Receives the sample's gradient.</param>
    private protected abstract double OfSample(in Batch batch, int sample, float* output, float* outputGradient);

    /// <summary>Whether one output can tell two classes apart. Else classes have one output each.</summary>
    private protected virtual bool IsBinary => false;

    /// <summary>Which target values there may be, in words.</summary>
    private protected virtual string ValuesTaken => "all numbers";

    /// <summary>Whether there may be such a target value.</summary>
    private protected virtual bool Takes(float value) => true;

    private void RequireTargetsOf(in Batch batch)
    {
        if (batch.Count == 0)
            return;
        if (TakesClasses ? batch.Classes is null : batch.Values is null)
            throw new ArgumentException($"The loss takes {(TakesClasses ? "class numbers" : "values")} as targets, and the batch has none.", nameof(batch));
        for (int i = 0; TakesClasses && i < batch.Count; i++)
        {
            if (batch.Classes[i] < 0 || batch.Classes[i] >= Output.Length)
                throw new ArgumentException($"Sample {i} has class {batch.Classes[i]}, and the network has {Output.Length} outputs.", nameof(batch));
        }
    }

    private struct SampleJob : ICrewJob
    {
        public Loss Loss;
        public Batch Batch;
        public float* Output;
        public double* Losses;
        public float* OutputGradient;

        public readonly void Execute(int member, int members)
        {
            int end = (int)((long)Batch.Count * (member + 1) / members);
            for (int i = (int)((long)Batch.Count * member / members); i < end; i++)
            {
                long offset = (long)i * Loss.Output.Length;
                Losses[i] = Loss.OfSample(Batch, i, Output + offset, OutputGradient + offset);
            }
        }
    }
}
