using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Serialization;

namespace Lockstep.Jobs.Planning;

/// <summary>
/// The statistics of a job's transforms as the bytes of a .safetensors file: fitted once, sent to every worker and saved
/// with the model. No bytes where the transforms have none.
/// </summary>
public static class FittedStatistics
{
    public static byte[] ToBytes(TransformPipeline transforms)
    {
        if (transforms.Statistics.Count == 0)
            return [];
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, transforms.Statistics);
        return stream.ToArray();
    }

    /// <exception cref="SafetensorsException">The bytes are not those of such a file, or lack a statistic.</exception>
    public static TransformPipeline Restore(IReadOnlyList<TransformSpec> specs, IReadOnlyList<int> inputShape, byte[] bytes)
    {
        // The reader takes files alone, so that large ones are never in memory as a whole.
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            using SafetensorsFile file = SafetensorsFile.Open(path);
            return TransformPipeline.Restore(specs, inputShape, file);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
