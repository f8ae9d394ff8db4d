using System.Buffers.Binary;
using Lockstep.Engine.Data.Named;

namespace Lockstep.Benchmarks.Workload;

/// <summary>
/// Sees to it that the data set of the job is there: MNIST where this machine has it, else files of the same format and
/// shape, which this process and those that it starts then find in its place.
/// </summary>
internal sealed class MnistFiles : IDisposable
{
    private const int Side = 28;
    private const int Classes = 10;
    private readonly DirectoryInfo? _made;

    private MnistFiles(DirectoryInfo? made) => _made = made;

    /// <summary>What is trained on, for the head of a report.</summary>
    public string Description => _made is null
        ? "MNIST"
        : $"synthetic data of MNIST's shape (MNIST is not here: lockstep data get mnist, or {DataFolders.Variable})";

    /// <summary>Looks for MNIST, and makes synthetic files where it is not.</summary>
    /// <param name="evenIfPresent">Whether synthetic files are made in any case: they are smaller, so a smoke test starts sooner.</param>
    public static MnistFiles Find(bool evenIfPresent = false)
    {
        if (!evenIfPresent && IsPresent())
            return new MnistFiles(null);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lockstep-benchmarks-");
        Write(folder.FullName, "train", 12_800);
        Write(folder.FullName, "t10k", 1_280);
        Environment.SetEnvironmentVariable(DataFolders.Variable, folder.FullName);
        return new MnistFiles(folder);
    }

    public void Dispose() => _made?.Delete(recursive: true);

    private static bool IsPresent()
    {
        DataFolders folders = DataFolders.FromEnvironment();
        string?[] places = [folders.Configured, .. new[] { folders.Configured, folders.PerUser }.OfType<string>().Select(root => Path.Combine(root, "mnist"))];
        return places.OfType<string>().Any(folder => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "train-images-idx3-ubyte*").Any());
    }

    // A tenth of the pixels depends on the class and a tenth is noise, so that losses fall and about as many are zero as in MNIST.
    private static void Write(string folder, string part, int count)
    {
        byte[] images = Header([count, Side, Side]);
        byte[] labels = Header([count]);
        int pixels = images.Length;
        int classes = labels.Length;
        Array.Resize(ref images, pixels + (count * Side * Side));
        Array.Resize(ref labels, classes + count);
        uint random = 1;
        for (int sample = 0; sample < count; sample++)
        {
            random = (random * 1_664_525) + 1_013_904_223;
            int label = (int)((random >> 16) % Classes);
            labels[classes + sample] = (byte)label;
            Span<byte> image = images.AsSpan(pixels + (sample * Side * Side), Side * Side);
            for (int pixel = 0; pixel < image.Length; pixel++)
            {
                random = (random * 1_664_525) + 1_013_904_223;
                if (pixel % Classes == label || (random >> 16) % 10 == 0)
                    image[pixel] = (byte)(random >> 24);
            }
        }
        File.WriteAllBytes(Path.Combine(folder, $"{part}-images-idx3-ubyte"), images);
        File.WriteAllBytes(Path.Combine(folder, $"{part}-labels-idx1-ubyte"), labels);
    }

    private static byte[] Header(int[] axes)
    {
        byte[] header = new byte[4 + (4 * axes.Length)];
        header[2] = 8;
        header[3] = (byte)axes.Length;
        for (int i = 0; i < axes.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), axes[i]);
        return header;
    }
}
