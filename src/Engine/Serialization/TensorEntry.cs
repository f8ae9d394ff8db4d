namespace Lockstep.Engine.Serialization;

/// <summary>One tensor of a file: what its header says.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its axes, outermost first; none for a single number.</param>
/// <param name="Count">How many elements: the axes' product.</param>
/// <param name="Offset">Its first byte, counted from the end of the header.</param>
public sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<int> Shape, long Count, long Offset)
{
    /// <summary>How many bytes it takes.</summary>
    public long Bytes => Count * Type.Size();

    public override string ToString() => $"'{Name}' {Type} [{string.Join(", ", Shape)}]";
}
