namespace Lockstep.Fuzz;

/// <summary>A number for a name, the same in every process (FNV-1a, 32 bits).</summary>
internal static class Checks
{
    public static uint Of(string name)
    {
        uint hash = 2_166_136_261;
        foreach (char letter in name)
            hash = (hash ^ letter) * 16_777_619;
        return hash;
    }
}
