using System.Globalization;

namespace Lockstep.Engine.Data.Transforms;

internal sealed unsafe class FittedOneHot : ReshapingTransform
{
    /// <summary>The size is kept with the statistics: it may be the vocabulary's, which is not at hand where only the model is.</summary>
    public const string Size = "size";

    private readonly int _steps;
    private readonly int _size;

    private FittedOneHot(int steps, int size)
        : base([steps, size])
    {
        _steps = steps;
        _size = size;
    }

    public override IReadOnlyList<(string Name, float[] Values)> Statistics => [(Size, [_size])];

    /// <exception cref="DataException">Inputs are no tokens, or there are more of them than places.</exception>
    public static FittedOneHot Of(OneHotTransform spec, IReadOnlyList<int> shape, DataSet training)
    {
        if (!training.InputsAreTokens || shape.Count != 1)
            throw new DataException(training.Name, $"Its inputs, of shape [{string.Join(", ", shape)}], are no tokens.", "'oneHot' is for tokens [T], and comes first.");
        int size = spec.Size ?? training.VocabularySize;
        if (size < training.VocabularySize || size > Text.Vocabulary.MaximumTokens)
            throw new DataException(training.Name, $"It has {training.VocabularySize} different tokens, which do not fit in 'oneHot: {size}'.", "Leave the number out, or give a larger one.");
        return new FittedOneHot(shape[0], size);
    }

    /// <exception cref="DataException">The saved size is none.</exception>
    public static FittedOneHot Restore(IReadOnlyList<int> shape, float size, string source) =>
        shape.Count == 1 && size is >= 1 and <= Text.Vocabulary.MaximumTokens && size == (int)size
            ? new FittedOneHot(shape[0], (int)size)
            : throw new DataException(source, string.Create(CultureInfo.InvariantCulture, $"{size} places for tokens of shape [{string.Join(", ", shape)}] make no sense."), "Fetch the model again: it is damaged.");

    public override void Write(float* sample, float* output, in SampleVisit visit)
    {
        new Span<float>(output, _steps * _size).Clear();
        for (int step = 0; step < _steps; step++)
        {
            int token = (int)sample[step];
            if ((uint)token >= (uint)_size)
                throw new InvalidOperationException($"The token {token} is not below {_size}.");
            output[(long)step * _size + token] = 1;
        }
    }
}
