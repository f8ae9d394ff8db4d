namespace Lockstep.Engine.Data;

/// <summary>Data that is not there, cannot be read, or contradicts itself or the job. The message is for the user.</summary>
/// <param name="source">The file, or the data set's name.</param>
/// <param name="what">What is wrong, as a whole sentence.</param>
/// <param name="mend">What to do about it, as a whole sentence.</param>
/// <param name="inner">What the system said, if it did.</param>
public sealed class DataException(string source, string what, string mend, Exception? inner = null)
    : Exception($"{source}: {what} {mend}", inner)
{
    /// <summary>The file, or the data set's name.</summary>
    public string DataSource { get; } = source;

    /// <summary>What is wrong.</summary>
    public string What { get; } = what;

    /// <summary>What to do about it.</summary>
    public string Mend { get; } = mend;
}
