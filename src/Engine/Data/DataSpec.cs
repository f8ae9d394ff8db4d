using Lockstep.Engine.Data.Tables;
using Lockstep.Engine.Data.Text;
using Lockstep.Engine.Data.Transforms;

namespace Lockstep.Engine.Data;

/// <summary>What a job trains on.</summary>
/// <param name="Source">Where the samples come from.</param>
public sealed record DataSpec(SourceSpec Source)
{
    /// <summary>Only these classes, renumbered from 0 in this order; null for all. Holds for both parts.</summary>
    public IReadOnlyList<int>? Classes { get; init; }

    /// <summary>
    /// Only the first so many samples, counted after <see cref="Classes"/> and before <see cref="FractionValidation"/> cuts; null for all. A
    /// validation part of its own (<see cref="OwnValidation"/>, <see cref="SourceValidation"/>) stays whole.
    /// </summary>
    public int? Limit { get; init; }

    /// <summary>What evaluation runs on; null for the source's own test part, or none where it has none.</summary>
    public ValidationSpec? Validation { get; init; }

    /// <summary>Whether each epoch has an order of its own; else the file's.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>What is done to each input, in order.</summary>
    public IReadOnlyList<TransformSpec> Transforms { get; init; } = [];
}

/// <summary>Where samples come from. One record per kind of source.</summary>
public abstract record SourceSpec;

/// <summary>A data set that has a name: one of <see cref="DataSets.Names"/>.</summary>
public sealed record NamedSource(string Name) : SourceSpec;

/// <summary>Images and labels in the IDX format, gzipped or not.</summary>
public sealed record IdxSource(string Images, string Labels) : SourceSpec;

/// <summary>Images in the binary format of CIFAR-10, gzipped or not; each path may mean several files (<see cref="FilePattern"/>).</summary>
/// <param name="Train">What is trained on.</param>
/// <param name="Test">The test part; null for none.</param>
public sealed record CifarSource(string Train, string? Test = null) : SourceSpec;

/// <summary>A table.</summary>
public sealed record CsvSource(CsvOptions Options) : SourceSpec;

/// <summary>A text whose next tokens are predicted.</summary>
/// <param name="Path">A file, gzipped or not, or several: see <see cref="FilePattern"/>.</param>
/// <param name="Unit">What a token is.</param>
/// <param name="Lanes">In how many lanes the stream is cut: the samples of a minibatch.</param>
public sealed record TextSource(string Path, TextUnit Unit, int Lanes) : SourceSpec;

/// <summary>A table of source and target sentences, in two columns.</summary>
/// <param name="Path">The file: comma-separated, UTF-8, gzipped or not.</param>
/// <param name="Unit">What a token is.</param>
/// <param name="Header">Whether the first line names the columns.</param>
public sealed record PairsSource(string Path, TextUnit Unit, bool Header) : SourceSpec;

/// <summary>PNG and JPEG files, in one folder for each class.</summary>
/// <param name="Path">The folder of the folders.</param>
/// <param name="Size">Each image becomes a square of so many pixels a side.</param>
public sealed record ImagesSource(string Path, int Size) : SourceSpec;

/// <summary>Images and sentences about them.</summary>
/// <param name="Images">The folder of the images.</param>
/// <param name="Table">A table of file name and sentence, in two columns.</param>
/// <param name="Size">Each image becomes a square of so many pixels a side; null: as many as the shorter side of the table's first image has.</param>
/// <param name="Unit">What a token is.</param>
/// <param name="Header">Whether the first line names the columns.</param>
public sealed record CaptionsSource(string Images, string Table, int? Size, TextUnit Unit, bool Header) : SourceSpec;

/// <summary>A .safetensors file with <c>inputs</c> and <c>targets</c>.</summary>
public sealed record TensorsSource(string Path) : SourceSpec;

/// <summary>Where the validation part comes from.</summary>
public abstract record ValidationSpec;

/// <summary>The data set's own test part.</summary>
public sealed record OwnValidation : ValidationSpec;

/// <summary>The last ⌊fraction·n⌋ of the n samples; the product is taken in decimal, so that 0.29 of 100 is 29.</summary>
public sealed record FractionValidation(double Fraction) : ValidationSpec;

/// <summary>Another source.</summary>
public sealed record SourceValidation(SourceSpec Source) : ValidationSpec;
