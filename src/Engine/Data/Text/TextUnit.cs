namespace Lockstep.Engine.Data.Text;

/// <summary>What one token of a text is.</summary>
public enum TextUnit
{
    /// <summary>A Unicode scalar value.</summary>
    Character = 0,

    /// <summary>A run of letters, or one other character; see <see cref="WordRule"/>.</summary>
    Word = 1,
}
