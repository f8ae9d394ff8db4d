using System.Globalization;
using Lockstep.Benchmarks.Workload;

namespace Lockstep.Benchmarks.Clusters;

/// <summary>
/// A job whose steps compute next to nothing, so that their time is that of the exchange: an embedding of as many numbers as are to be moved, of which a
/// step looks up two rows. Its gradient is pushed whole, as every layer's is.
/// </summary>
internal sealed class ExchangeJob : IDisposable
{
    private const int RowsPerMiB = 256;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-benchmarks-exchange-");

    public ExchangeJob()
    {
        JobFile = Path.Combine(_folder.FullName, "exchange.yaml");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Clusters", "exchange.yaml"), JobFile);
        SyntheticData.WriteTokens(Path.Combine(_folder.FullName, "exchange.safetensors"));
    }

    public string JobFile { get; }

    /// <summary>What <c>--set</c> takes for parameters of so many MiB.</summary>
    public static IReadOnlyList<string> Settings(int mebibytes) => [string.Create(CultureInfo.InvariantCulture, $"model.0.embedding.vocabulary={mebibytes * RowsPerMiB}")];

    public void Dispose() => _folder.Delete(recursive: true);
}
