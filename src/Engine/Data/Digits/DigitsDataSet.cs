using Lockstep.Engine.Data.Tables;

namespace Lockstep.Engine.Data.Digits;

/// <summary>The handwritten digits that come with the engine: [1, 8, 8], values 0 to 16, ten classes. See README.md beside this file.</summary>
internal static class DigitsDataSet
{
    private const string Resource = "Lockstep.Engine.Data.Digits.digits.csv.gz";
    private const int Pixels = 64;
    private const int ValidationSamples = 360;

    private static readonly Lazy<DataParts> Parts = new(Read);

    public static DataParts Load() => Parts.Value;

    private static DataParts Read()
    {
        using Stream packed = typeof(DigitsDataSet).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing from the build.");
        using Stream table = PackedFile.Unpack(packed, out _);
        var options = new CsvOptions("digits", [.. Enumerable.Range(0, Pixels).Select(column => (CsvColumn)column)])
        {
            Classes = Pixels,
            Header = false,
        };
        return DataParts.CutLast(CsvDataSet.Read(PackedFile.ReadAll(table, "digits"), options, "digits").WithInputShape([1, 8, 8]), ValidationSamples);
    }
}
