using System.Security.Cryptography;
using System.Text.Json;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Text;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;
using Lockstep.Protocol;

namespace Lockstep.Coordinator.Checkpoints;

/// <summary>A checkpoint on disk whose files have been verified against their hashes.</summary>
public sealed class Checkpoint
{
    private const int MaximumStateBytes = 1 << 20;

    private Checkpoint(string path, CheckpointState state) => (Path, State) = (path, state);

    /// <summary>Its folder.</summary>
    public string Path { get; }

    /// <summary>What its <c>state.json</c> says.</summary>
    public CheckpointState State { get; }

    /// <summary>The resolved job, as bytes.</summary>
    public byte[] Job => File.ReadAllBytes(System.IO.Path.Combine(Path, CheckpointFiles.Job));

    /// <summary>The fitted statistics, as bytes; empty where the job fits none.</summary>
    public byte[] Statistics => Optional(CheckpointFiles.Statistics);

    /// <summary>What tokens of inputs and of targets mean; null where they have no texts.</summary>
    /// <exception cref="DataException">The file is as it was written, but is no vocabulary.</exception>
    public (Vocabulary? Input, Vocabulary? Target) Vocabularies => Optional(CheckpointFiles.Vocabulary) is { Length: > 0 } json
        ? VocabularyFile.Read(json, System.IO.Path.Combine(Path, CheckpointFiles.Vocabulary))
        : (null, null);

    /// <summary>Opens a checkpoint and checks every file against its hash.</summary>
    /// <param name="path">A checkpoint's folder, or a run directory, of which the newest sound checkpoint is taken.</param>
    /// <param name="warn">Told of every damaged checkpoint that was passed over.</param>
    /// <exception cref="CheckpointException">There is no sound checkpoint.</exception>
    public static Checkpoint Open(string path, Action<string> warn)
    {
        string checkpoints = System.IO.Path.Combine(path, CheckpointFiles.Folder);
        return Directory.Exists(checkpoints) && !File.Exists(System.IO.Path.Combine(path, CheckpointFiles.State))
            ? Newest(path, warn) ?? throw new CheckpointException(path, "The run has no sound checkpoint.", "Begin it anew, without --resume.")
            : Verify(path);
    }

    /// <summary>The newest sound checkpoint of a run; null where it has none.</summary>
    /// <param name="runDirectory">The run's folder.</param>
    /// <param name="warn">Told of every damaged checkpoint that was passed over.</param>
    public static Checkpoint? Newest(string runDirectory, Action<string> warn)
    {
        string folder = System.IO.Path.Combine(runDirectory, CheckpointFiles.Folder);
        if (!Directory.Exists(folder))
            return null;
        foreach (string candidate in Directory.EnumerateDirectories(folder)
            .Where(candidate => CheckpointFiles.StepOf(candidate) is not null)
            .OrderByDescending(CheckpointFiles.StepOf))
        {
            try
            {
                return Verify(candidate);
            }
            catch (CheckpointException damaged)
            {
                warn($"{damaged.Message} The checkpoint before it is used.");
            }
        }
        return null;
    }

    /// <summary>Checks every file of one checkpoint's folder against its hash.</summary>
    /// <exception cref="CheckpointException">A file is missing or damaged.</exception>
    public static Checkpoint Verify(string path)
    {
        CheckpointState state = ReadState(path);
        foreach (string needed in CheckpointFiles.Needed)
        {
            if (!state.Files.ContainsKey(needed))
                throw Damaged(path, $"{CheckpointFiles.State} does not say what {needed} must be.");
        }
        if (state.Step < 0)
            throw Damaged(path, $"{CheckpointFiles.State} says that it is of step {state.Step}.");
        if (state.StateSha256 != CheckpointState.HashOf(state.Files))
            throw Damaged(path, $"{CheckpointFiles.State} contradicts itself: its hashes do not have the hash {state.StateSha256}.");
        foreach ((string name, string expected) in state.Files)
        {
            if (!CheckpointFiles.Needed.Contains(name) && !CheckpointFiles.Optional.Contains(name))
                throw Damaged(path, $"{CheckpointFiles.State} names the file '{name}', which is not one of its own.");
            string found = HashOf(path, name);
            if (!string.Equals(found, expected, StringComparison.Ordinal) && Safety.Holds(SafetyRule.VerifyHashes))
                throw Damaged(path, $"{name} is damaged: its SHA-256 is {found}, not {expected}.");
        }
        return new Checkpoint(path, state);
    }

    /// <summary>Reads the parameters and running statistics into a flat buffer.</summary>
    /// <exception cref="CheckpointException">The checkpoint is of another model.</exception>
    public void ReadModel(ParameterLayout layout, FloatBuffer destination)
    {
        using SafetensorsFile file = SafetensorsFile.Open(System.IO.Path.Combine(Path, CheckpointFiles.Model));
        foreach (ParameterView parameter in layout.Model)
        {
            foreach (ModelTensors.Needed source in ModelTensors.SourcesOf(file, parameter))
                Require(file, CheckpointFiles.Model, source.Name, source.Shape);
            ModelTensors.Read(file, layout, parameter, destination.Slice(parameter.Offset, checked((int)parameter.Length)));
        }
    }

    /// <summary>Reads the state that is carried on into a flat buffer.</summary>
    /// <exception cref="CheckpointException">The checkpoint is of another model.</exception>
    public void ReadCarried(ParameterLayout layout, FloatBuffer destination) =>
        Read(CheckpointFiles.Carried, "", layout.Of(ParameterRole.CarriedState), destination);

    /// <summary>Reads one of the optimizer's states into a flat buffer.</summary>
    /// <exception cref="CheckpointException">The checkpoint has no such state, or is of another model.</exception>
    public void ReadOptimizerState(string name, ParameterLayout layout, FloatBuffer destination) =>
        Read(CheckpointFiles.Optimizer, name + ".", layout.Trained, destination);

    private byte[] Optional(string fileName) => State.Files.ContainsKey(fileName) ? File.ReadAllBytes(System.IO.Path.Combine(Path, fileName)) : [];

    private void Read(string fileName, string prefix, IEnumerable<ParameterView> parameters, FloatBuffer destination)
    {
        using SafetensorsFile file = SafetensorsFile.Open(System.IO.Path.Combine(Path, fileName));
        foreach (ParameterView parameter in parameters)
        {
            Require(file, fileName, prefix + parameter.Name, parameter.Shape);
            file.CopyTo(prefix + parameter.Name, destination.Slice(parameter.Offset, checked((int)parameter.Length)));
        }
    }

    private void Require(SafetensorsFile file, string fileName, string name, IReadOnlyList<int> shape)
    {
        if (!file.Contains(name))
            throw new CheckpointException(Path, $"{fileName} has no '{name}': the checkpoint is of another model.", "Use the job file that it was trained with.");
        if (!file[name].Shape.SequenceEqual(shape))
            throw new CheckpointException(Path, $"{fileName} has {file[name]}, where the model has [{string.Join(", ", shape)}].", "Use the job file that it was trained with.");
    }

    private static CheckpointState ReadState(string path)
    {
        string file = System.IO.Path.Combine(path, CheckpointFiles.State);
        try
        {
            if (!File.Exists(file))
                throw new CheckpointException(path, $"There is no {CheckpointFiles.State}: it is not a checkpoint.", "Give the folder of a checkpoint (runs/…/checkpoints/step-…) or of a run.");
            if (new FileInfo(file).Length > MaximumStateBytes)
                throw Damaged(path, $"{CheckpointFiles.State} is larger than {MaximumStateBytes} bytes.");
            CheckpointState state = CheckpointState.FromJson(File.ReadAllBytes(file));
            return state.Format == CheckpointState.PresentFormat
                ? state
                : throw new CheckpointException(path, $"It has format {state.Format}; this version reads format {CheckpointState.PresentFormat}.", "Use the version of Lockstep that wrote it.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Damaged(path, $"{CheckpointFiles.State} cannot be read: {e.Message}", e);
        }
    }

    private static string HashOf(string folder, string name)
    {
        try
        {
            using FileStream stream = File.OpenRead(System.IO.Path.Combine(folder, name));
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Damaged(folder, $"{name} cannot be read: {e.Message}", e);
        }
    }

    private static CheckpointException Damaged(string path, string what, Exception? inner = null) =>
        new(path, what, "Use another checkpoint.", inner);
}
