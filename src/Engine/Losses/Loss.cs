using System.Globalization;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Losses;

/// <summary>
/// What is minimized: a number for each sample, which is a sum over the sample's terms, and its gradient. Both are
/// undivided: the mean is taken once, by whoever has the whole minibatch. Of a sequence each step that counts is a row with a loss of its own.
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

    /// <summary>Terms of one row, a sample or a step of a sequence: the mean is over terms.</summary>
    private protected abstract int TermsPerRow { get; }

    /// <summary>K, numbers of one row: those of a step where the output is a sequence [U, K], else all.</summary>
    private protected int RowLength => Output.Rank == 2 ? Output[1] : Output.Length;

    /// <summary>Whether targets are class numbers, one a row; else they are values of the output's shape.</summary>
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
        if (!TakesClasses && classes is not null && classes != RowLength)
            throw new ShapeException(layer, "last axis of the network's output", $"{classes}, one unit a class, since the targets are one-hot vectors", $"{RowLength}", $"Give the last dense layer {classes} units.");
        if (TakesClasses && classes > RowLength)
            throw new ShapeException(layer, "last axis of the network's output", $"at least {classes}, one unit a class", $"{RowLength}", "Give the last dense layer more units.");
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
    /// <param name="terms">Receives how many terms that is the sum of, [N].</param>
    /// <param name="outputGradient">Receives ∂L/∂output, undivided, [N, output shape].</param>
    /// <exception cref="ArgumentException">The batch has no targets of this loss's kind, or a class that the output has no place for.</exception>
    public void Evaluate(ComputeCrew crew, in Batch batch, float* output, double* losses, double* terms, float* outputGradient)
    {
        RequireTargetsOf(batch, output);
        var job = new SampleJob { Loss = this, Batch = batch, Output = output, Losses = losses, Terms = terms, OutputGradient = outputGradient };
        if ((long)batch.Count * Output.Length < NumbersWorthSharing)
            job.Execute(0, 1);
        else
            crew.Run(ref job);
    }

    /// <summary>One row's undivided loss and gradient.</summary>
    /// <param name="rows">The sample with its targets.</param>
    /// <param name="row">Which row.</param>
    /// <param name="output">The row's output, [K].</param>
    /// <param name="outputGradient">Receives the row's gradient, [K].</param>
    private protected abstract double OfRow(in SampleRows rows, int row, float* output, float* outputGradient);

    /// <summary>Whether one output can tell two classes apart. Else classes have one output each.</summary>
    private protected virtual bool IsBinary => false;

    /// <summary>Which target values there may be, in words.</summary>
    private protected virtual string ValuesTaken => "all numbers";

    /// <summary>Whether there may be such a target value.</summary>
    private protected virtual bool Takes(float value) => true;

    private void RequireTargetsOf(in Batch batch, float* output)
    {
        if (batch.Count == 0)
            return;
        if (TakesClasses ? batch.Classes is null : batch.Values is null)
            throw new ArgumentException($"The loss takes {(TakesClasses ? "class numbers" : "values")} as targets, and the batch has none.", nameof(batch));
        for (int i = 0; TakesClasses && i < batch.Count; i++)
        {
            var rows = new SampleRows(batch, i, output, Output);
            for (int row = 0; row < rows.Count; row++)
            {
                if (rows.Counts(row) && (rows.ClassOf(row) < 0 || rows.ClassOf(row) >= RowLength))
                    throw new ArgumentException($"Sample {i} has class {rows.ClassOf(row)}, and the network has {RowLength} outputs.", nameof(batch));
            }
        }
    }

    private struct SampleJob : ICrewJob
    {
        public Loss Loss;
        public Batch Batch;
        public float* Output;
        public double* Losses;
        public double* Terms;
        public float* OutputGradient;

        public readonly void Execute(int member, int members)
        {
            int end = (int)((long)Batch.Count * (member + 1) / members);
            for (int i = (int)((long)Batch.Count * member / members); i < end; i++)
            {
                var rows = new SampleRows(Batch, i, Output, Loss.Output);
                float* gradient = OutputGradient + rows.Offset;
                double sum = 0, terms = 0;
                for (int row = 0; row < rows.Count; row++, gradient += rows.Length)
                {
                    if (!rows.Counts(row))
                    {
                        new Span<float>(gradient, rows.Length).Clear();
                        continue;
                    }
                    sum += Loss.OfRow(rows, row, rows.OutputOf(row), gradient);
                    terms += Loss.TermsPerRow;
                }
                Losses[i] = sum;
                Terms[i] = terms;
            }
        }
    }
}
