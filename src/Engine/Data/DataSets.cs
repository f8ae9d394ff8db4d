using Lockstep.Engine.Data.Cifar;
using Lockstep.Engine.Data.Digits;
using Lockstep.Engine.Data.Idx;
using Lockstep.Engine.Data.Images;
using Lockstep.Engine.Data.Named;
using Lockstep.Engine.Data.Tables;
using Lockstep.Engine.Data.Tensors;

namespace Lockstep.Engine.Data;

/// <summary>Reads data sets. All methods throw <see cref="DataException"/> for data that is missing or wrong.</summary>
public static class DataSets
{
    /// <summary>The data sets that have a name.</summary>
    public static IReadOnlyList<string> Names { get; } = ["digits", "mnist", "fashionMnist", "cifar10"];

    /// <summary>1,797 handwritten digits of 8×8 pixels, which come with the engine; the last 360 are the validation part.</summary>
    public static DataParts Digits() => DigitsDataSet.Load();

    /// <summary>MNIST from the folder mnist of one of the folders, or from the configured one itself.</summary>
    public static DataParts Mnist(DataFolders folders) => NamedIdxDataSet.Load("mnist", folders, unsorted: true);

    /// <summary>Fashion-MNIST from the folder fashionMnist of one of the folders.</summary>
    public static DataParts FashionMnist(DataFolders folders) => NamedIdxDataSet.Load("fashionMnist", folders, unsorted: false);

    /// <summary>CIFAR-10 from the folder cifar10 of one of the folders, or from cifar-10-batches-bin or cifar10-6k.</summary>
    public static DataParts Cifar10(DataFolders folders) => NamedCifarDataSet.Load(folders);

    /// <summary>Images in the binary format of CIFAR-10.</summary>
    /// <param name="path">A file, or several: see <see cref="FilePattern"/>.</param>
    public static DataSet Cifar(string path) => CifarDataSet.Read(FilePattern.Require(path), path);

    /// <summary>Images and labels in the IDX format.</summary>
    public static DataSet Idx(string images, string labels) => IdxDataSet.Read(images, labels, images);

    /// <summary>PNG and JPEG files in one folder for each class, as images [3, size, size].</summary>
    public static DataSet Images(string path, int size) => ImageFolderDataSet.Read(path, size);

    /// <summary>Rows of a table.</summary>
    public static DataSet Csv(CsvOptions options) => CsvDataSet.Read(options);

    /// <summary>A .safetensors file with <c>inputs</c> and <c>targets</c>.</summary>
    public static DataSet Tensors(string path) => TensorDataSet.Read(path);

    /// <summary>Reads what a job trains and evaluates on. Paths in it are used as they are.</summary>
    public static DataParts Load(DataSpec spec, DataFolders folders)
    {
        if (JointParts.Load(spec) is { } joint)
            return joint;
        (DataSet training, DataSet? own) = Read(spec.Source, folders);
        training = Select(training, spec.Classes);
        if (spec.Limit is { } limit)
            training = training.Limit(RequireLimit(limit, training.Name));
        return spec.Validation switch
        {
            null => new DataParts(training, own is null ? null : Select(own, spec.Classes)),
            OwnValidation => new DataParts(training, Select(own ?? throw new DataException(training.Name, "It has no test part of its own.", "Use 'validation: { fraction: 0.1 }', or name another source."), spec.Classes)),
            FractionValidation(double fraction) when spec.Source is ImagesSource => DataParts.CutEachClass(training, fraction),
            FractionValidation(double fraction) => DataParts.Cut(training, fraction),
            SourceValidation(SourceSpec source) => new DataParts(training, Select(Read(source, folders).Training, spec.Classes)),
            _ => throw new ArgumentException($"Unknown validation {spec.Validation.GetType().Name}.", nameof(spec)),
        };
    }

    internal static int RequireLimit(int limit, string name) => limit >= 1
        ? limit
        : throw new DataException(name, $"The limit is {limit}.", "Give a limit of at least 1, or none.");

    private static DataSet Select(DataSet data, IReadOnlyList<int>? classes) => classes is null ? data : data.OnlyClasses(classes);

    private static (DataSet Training, DataSet? Validation) Read(SourceSpec source, DataFolders folders) => source switch
    {
        NamedSource(string name) => Read(Named(name, folders)),
        IdxSource(string images, string labels) => (Idx(images, labels), null),
        CifarSource cifar => (Cifar(cifar.Train), cifar.Test is null ? null : Cifar(cifar.Test)),
        CsvSource(CsvOptions options) => (Csv(options), null),
        ImagesSource(string path, int size) => (Images(path, size), null),
        TensorsSource(string path) => (Tensors(path), null),
        _ => throw new ArgumentException($"Unknown source {source.GetType().Name}.", nameof(source)),
    };

    private static (DataSet Training, DataSet? Validation) Read(DataParts parts) => (parts.Training, parts.Validation);

    private static DataParts Named(string name, DataFolders folders) => name switch
    {
        "digits" => Digits(),
        "mnist" => Mnist(folders),
        "fashionMnist" => FashionMnist(folders),
        "cifar10" => Cifar10(folders),
        _ => throw new DataException(name, "There is no data set of this name.", $"There are {string.Join(", ", Names)}."),
    };
}
