using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Coordinator.Checkpoints;

/// <summary>
/// <c>state.json</c> of a checkpoint: where the run stood, what it belongs to, and the hashes by which the other files are
/// verified. The model's own file says none of this, so that equal models are equal files.
/// </summary>
/// <param name="Format">Version of this file's form.</param>
/// <param name="Name">The job's name.</param>
/// <param name="Step">Steps that the parameters have had; the run goes on with the step of this number.</param>
/// <param name="Epoch">Epoch of that step.</param>
/// <param name="Run">The run that it is from.</param>
/// <param name="Term">The term that it was written in.</param>
/// <param name="JobSha256">SHA-256 of the resolved job file.</param>
/// <param name="DataFingerprint">Fingerprint of the data.</param>
/// <param name="NumericContract">Version of the engine's arithmetic.</param>
/// <param name="Files">SHA-256 of every other file, by name.</param>
/// <param name="StateSha256">SHA-256 over the model, the optimizer's state and the carried state.</param>
public sealed record CheckpointState(
    int Format, string Name, long Step, long Epoch, string Run, long Term, string JobSha256, string DataFingerprint,
    int NumericContract, IReadOnlyDictionary<string, string> Files, string StateSha256)
{
    /// <summary>The form that this version writes and reads.</summary>
    public const int PresentFormat = 1;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        MaxDepth = 8,
    };

    /// <summary>SHA-256 over the hashes, in hexadecimal one after another, of the model, the optimizer's state and the carried state.</summary>
    /// <param name="files">The hashes by file.</param>
    public static string HashOf(IReadOnlyDictionary<string, string> files) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(
        files[CheckpointFiles.Model] + files[CheckpointFiles.Optimizer] + files[CheckpointFiles.Carried])));

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <exception cref="JsonException">The text is not such a file.</exception>
    public static CheckpointState FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<CheckpointState>(json, Json) ?? throw new JsonException("The file says null.");
}
