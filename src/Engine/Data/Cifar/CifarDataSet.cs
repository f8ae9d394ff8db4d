namespace Lockstep.Engine.Data.Cifar;

/// <summary>
/// Images in the binary format of CIFAR-10: for each sample a byte with the label, 0 to 9, and 3,072 with the pixels, the red channel's 32 rows of 32 first,
/// then green, then blue. Gzipped or not.
/// </summary>
/// <remarks>Format: A. Krizhevsky, "The CIFAR-10 dataset", section "Binary version"; the data: "Learning Multiple Layers of Features from Tiny Images", 2009.</remarks>
internal static class CifarDataSet
{
    public const int SampleLength = 1 + Pixels;
    private const int Pixels = 3 * 32 * 32;

    private static readonly string[] ClassNames = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <param name="files">The files, whose samples follow each other.</param>
    /// <param name="name">What messages call the data set.</param>
    /// <exception cref="DataException">A file is missing or damaged.</exception>
    public static DataSet Read(IReadOnlyList<string> files, string name)
    {
        using var fingerprint = new DataFingerprint();
        byte[][] parts = new byte[files.Count][];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = PackedFile.ReadAll(files[i]);
            Check(parts[i], files[i]);
            fingerprint.Add(parts[i]);
        }
        long length = parts.Sum(part => (long)part.Length);
        if (length > Array.MaxLength)
            throw new DataException(name, $"Its files have {length} bytes, more than the {Array.MaxLength} that one data set may have.", "Train on fewer of them.");
        byte[] content = parts.Length == 1 ? parts[0] : Joined(parts, (int)length);
        int[] classes = new int[content.Length / SampleLength];
        for (int i = 0; i < classes.Length; i++)
            classes[i] = content[i * SampleLength];
        return new DataSet(name, [3, 32, 32], new ByteInputs(content, start: 1, between: 1), classes, ClassNames, fingerprint.Finish());
    }

    private static byte[] Joined(byte[][] parts, int length)
    {
        byte[] content = new byte[length];
        int done = 0;
        foreach (byte[] part in parts)
        {
            part.CopyTo(content, done);
            done += part.Length;
        }
        return content;
    }

    private static void Check(byte[] content, string file)
    {
        if (content.Length == 0 || content.Length % SampleLength != 0)
            throw new DataException(file, $"It has {content.Length} bytes, which is no multiple of the {SampleLength} of a sample.", "Give a file of CIFAR-10's binary version, or fetch it again: it is cut off.");
        for (int sample = 0; sample < content.Length / SampleLength; sample++)
        {
            if (content[sample * SampleLength] is var label && label >= ClassNames.Length)
                throw new DataException(file, $"Sample {sample} has the label {label}; labels are 0 to {ClassNames.Length - 1}.", "Give a file of CIFAR-10's binary version.");
        }
    }
}
