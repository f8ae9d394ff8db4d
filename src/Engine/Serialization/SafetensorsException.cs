namespace Lockstep.Engine.Serialization;

/// <summary>A tensor file that cannot be read, or has not what was asked of it.</summary>
/// <param name="path">The file.</param>
/// <param name="what">What is wrong with it, as a whole sentence.</param>
/// <param name="mend">What to do about it, as a whole sentence.</param>
/// <param name="inner">What the system said, if it did.</param>
public sealed class SafetensorsException(string path, string what, string mend, Exception? inner = null)
    : Exception($"{path}: {what} {mend}", inner)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>What is wrong with it.</summary>
    public string What { get; } = what;

    /// <summary>What to do about it.</summary>
    public string Mend { get; } = mend;
}
