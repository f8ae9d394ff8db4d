using System.Security.Cryptography;
using Lockstep.Coordinator.Parameters;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Text;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;

namespace Lockstep.Coordinator.Checkpoints;

/// <summary>A checkpoint that is on disk, verified.</summary>
/// <param name="Step">Steps that the parameters have had.</param>
/// <param name="Path">Its folder.</param>
/// <param name="ModelSha256">SHA-256 of the model's file.</param>
/// <param name="StateSha256">SHA-256 over the model, the optimizer's state and the carried state.</param>
public sealed record WrittenCheckpoint(long Step, string Path, string ModelSha256, string StateSha256);

/// <summary>What every checkpoint of a run says beside its numbers.</summary>
public sealed record CheckpointIdentity(
    string Name, string Run, Func<long> Term, byte[] Job, string JobSha256, string DataFingerprint, int NumericContract, byte[] Statistics, long StepsPerEpoch)
{
    /// <summary>The vocabularies as <see cref="VocabularyFile"/> writes them; empty where no token has a text.</summary>
    public byte[] Vocabulary { get; init; } = [];

    /// <summary>The vocabularies of some samples, as <see cref="Vocabulary"/> has them.</summary>
    /// <param name="data">What the run trains on.</param>
    public static byte[] VocabularyOf(DataSet data) =>
        data.Vocabulary is null && data.TargetVocabulary is null ? [] : VocabularyFile.Write(data.Vocabulary, data.TargetVocabulary);
}

/// <summary>
/// Writes checkpoints that are there as a whole or not at all: beside their place, synced, read back and verified, then
/// renamed. Older ones are removed only after that.
/// </summary>
/// <param name="runDirectory">The run's folder.</param>
/// <param name="layout">Where every parameter lies.</param>
/// <param name="identity">What every checkpoint of the run says.</param>
/// <param name="keep">How many are kept.</param>
public sealed class CheckpointWriter(string runDirectory, ParameterLayout layout, CheckpointIdentity identity, int keep)
{
    private readonly string _folder = Path.Combine(runDirectory, CheckpointFiles.Folder);

    /// <summary>Refuses a run whose checkpoints cannot be written: an old one and a new one must have room beside each other.</summary>
    /// <param name="folder">Where they will be; it need not be there yet.</param>
    /// <param name="layout">Where every parameter lies.</param>
    /// <param name="states">States of the optimizer.</param>
    /// <param name="free">Free bytes on the disk of a folder.</param>
    /// <exception cref="InsufficientSpaceException">They have not.</exception>
    public static void RequireRoom(string folder, ParameterLayout layout, int states, Func<string, long> free)
    {
        string there = Path.GetFullPath(folder);
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } parent)
            there = parent;
        AtomicFile.RequireSpace(Path.GetFullPath(folder), 2 * Bytes(layout, states), free(there));
    }

    private static long Bytes(ParameterLayout layout, int states) => (((layout.Length * (1 + states)) + ModelTensors.AddedLength(layout)) * sizeof(float)) + 65_536;

    /// <summary>Writes a snapshot. A sound checkpoint of that step with the same bits stays as it is; any other is replaced.</summary>
    /// <exception cref="InsufficientSpaceException">The disk has no room; older checkpoints are untouched.</exception>
    /// <exception cref="IOException">The files cannot be written; older checkpoints are untouched.</exception>
    public WrittenCheckpoint Write(TrainingSnapshot snapshot)
    {
        Directory.CreateDirectory(_folder);
        string path = Path.Combine(_folder, CheckpointFiles.NameOf(snapshot.Step));
        string partial = path + AtomicFile.PartialSuffix;
        CheckpointFolder.Remove(partial);
        long bytes = Bytes(layout, snapshot.State.Count) + identity.Job.Length + identity.Statistics.Length + identity.Vocabulary.Length;
        AtomicFile.RequireSpace(path, bytes, AtomicFile.FreeSpace(_folder));
        Directory.CreateDirectory(partial);
        try
        {
            CheckpointState state = WriteFiles(partial, snapshot);
            CheckpointFolder.Put(partial, path, state);
            CheckpointFolder.Prune(_folder, snapshot.Step, keep);
            return new WrittenCheckpoint(snapshot.Step, path, state.Files[CheckpointFiles.Model], state.StateSha256);
        }
        catch
        {
            // What was written of it would lack on a disk that is full.
            CheckpointFolder.Remove(partial);
            throw;
        }
    }

    private CheckpointState WriteFiles(string partial, TrainingSnapshot snapshot)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [CheckpointFiles.Model] = WriteTensors(partial, CheckpointFiles.Model, Model(snapshot)),
            [CheckpointFiles.Optimizer] = WriteTensors(partial, CheckpointFiles.Optimizer, Optimizer(snapshot)),
            [CheckpointFiles.Carried] = WriteTensors(partial, CheckpointFiles.Carried, Carried(snapshot)),
            [CheckpointFiles.Job] = WriteBytes(partial, CheckpointFiles.Job, identity.Job),
        };
        if (identity.Statistics.Length > 0)
            files[CheckpointFiles.Statistics] = WriteBytes(partial, CheckpointFiles.Statistics, identity.Statistics);
        if (identity.Vocabulary.Length > 0)
            files[CheckpointFiles.Vocabulary] = WriteBytes(partial, CheckpointFiles.Vocabulary, identity.Vocabulary);
        var state = new CheckpointState(
            CheckpointState.PresentFormat, identity.Name, snapshot.Step, snapshot.Step / identity.StepsPerEpoch, identity.Run, identity.Term(),
            identity.JobSha256, identity.DataFingerprint, identity.NumericContract, files, CheckpointState.HashOf(files));
        WriteBytes(partial, CheckpointFiles.State, state.ToJson());

        Checkpoint.Verify(partial);
        return state;
    }

    private unsafe IReadOnlyCollection<TensorData> Model(TrainingSnapshot snapshot) =>
        ModelTensors.Of(layout, snapshot.Parameters);

    private unsafe IReadOnlyCollection<TensorData> Carried(TrainingSnapshot snapshot) =>
        [.. layout.Of(ParameterRole.CarriedState).Select(state => TensorData.Of(state.Name, state.Shape, snapshot.Parameters + state.Offset))];

    private unsafe IReadOnlyCollection<TensorData> Optimizer(TrainingSnapshot snapshot) =>
        [.. snapshot.StateNames.Zip(snapshot.State, (name, buffer) => (Name: name, Buffer: buffer)).SelectMany(state =>
            layout.Trained.Select(parameter => Tensor($"{state.Name}.{parameter.Name}", parameter, state.Buffer)))];

    private static unsafe TensorData Tensor(string name, ParameterView parameter, FloatBuffer buffer) =>
        TensorData.Of(name, parameter.Shape, buffer.Pointer + parameter.Offset);

    private static string WriteTensors(string folder, string name, IReadOnlyCollection<TensorData> tensors) =>
        AtomicFile.Write(Path.Combine(folder, name), SafetensorsWriter.Measure(tensors), stream => SafetensorsWriter.Write(stream, tensors));

    private static string WriteBytes(string folder, string name, byte[] content)
    {
        AtomicFile.Write(Path.Combine(folder, name), content);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
