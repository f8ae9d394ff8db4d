namespace Lockstep.Jobs;

/// <summary>One thing that is wrong with a job file.</summary>
/// <param name="File">The file as it was named, or the command-line option that set the value.</param>
/// <param name="Line">From 1; 0 where the fault is the whole file's.</param>
/// <param name="Column">From 1, in characters; 0 where the fault is the whole file's.</param>
/// <param name="Path">The keys that lead there, joined by dots: <c>model.0.dense.units</c>. Empty for the document.</param>
/// <param name="Message">What was expected, what was found, and the nearest valid name.</param>
public sealed record JobFault(string File, int Line, int Column, string Path, string Message)
{
    /// <summary><c>file(line,column): message</c>, the form in which editors and build tools jump to a place.</summary>
    public override string ToString() =>
        Line > 0 ? FormattableString.Invariant($"{File}({Line},{Column}): {Message}") : $"{File}: {Message}";
}
