using System.Security.Cryptography;
using System.Text;
using Lockstep.Jobs.Binding;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs;

/// <summary>The one text of a resolved job: what a run directory keeps, what workers receive, and what is hashed.</summary>
public static class JobText
{
    /// <summary>Keys in the order of the format, every default explicit, LF. Reading it back gives an equal job and the same text.</summary>
    public static string Write(Job job) => CanonicalYaml.Write((YamlMap)Shapes.Job.Write(job));

    /// <summary>The UTF-8 bytes of <see cref="Write"/>, without a byte-order mark.</summary>
    public static byte[] Bytes(Job job) => Encoding.UTF8.GetBytes(Write(job));

    /// <summary>SHA-256 of <see cref="Bytes"/>, in lower-case hexadecimal digits.</summary>
    public static string Hash(Job job) => Convert.ToHexStringLower(SHA256.HashData(Bytes(job)));
}
