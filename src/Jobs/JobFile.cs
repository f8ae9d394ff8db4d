using System.Text;
using Lockstep.Jobs.Binding;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs;

/// <summary>Reads job files.</summary>
public static class JobFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The resolved job of the file, changed as the command line says. The files that it names must be there.</summary>
    /// <param name="path">The job file.</param>
    /// <param name="overrides">What the command line changes.</param>
    /// <param name="files">Where named files must be; null for the places that belong to the job file's folder.</param>
    /// <exception cref="JobFaultException">With everything that is wrong.</exception>
    public static Job Read(string path, JobOverrides? overrides = null, JobSource? files = null) =>
        Parse(Text(path), path, overrides, files ?? JobSource.OfJobFile(path));

    /// <summary>The job of a text that <see cref="JobText"/> wrote, as a worker receives it.</summary>
    /// <exception cref="JobFaultException">With everything that is wrong.</exception>
    public static Job Read(ReadOnlySpan<byte> text, string name) => Parse(Decode(text, name), name);

    /// <summary>The resolved job of <paramref name="text"/>.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="file">What faults call it; a job without a name is called after it.</param>
    /// <param name="overrides">What the command line changes.</param>
    /// <param name="files">Where named files must be; null to leave them unchecked.</param>
    /// <exception cref="JobFaultException">With everything that is wrong.</exception>
    public static Job Parse(string text, string file, JobOverrides? overrides = null, JobSource? files = null)
    {
        var faults = new FaultList();
        YamlNode? root = YamlReader.Read(text, file, faults);
        root = (overrides ?? JobOverrides.None).Apply(root, faults);
        Job? job = null;
        if (root is not null)
        {
            var context = new BindingContext(faults, files);
            context.Remember("", root);
            job = (Job?)Shapes.Job.Bind(root, "", context);
            if (job is not null)
                JobRules.Check(job, context);
        }
        faults.ThrowIfAny();
        return JobDefaults.Resolve(job!, file);
    }

    private static string Text(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            // Four bytes a character at most: more cannot be a job file, and is not worth reading.
            var bytes = new byte[4 * YamlReader.MaximumCharacters + 1];
            int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Decode(bytes.AsSpan(0, count), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unreadable(path, $"cannot be read: {exception.Message}");
        }
    }

    private static string Decode(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length > 4 * YamlReader.MaximumCharacters)
            throw Unreadable(file, $"a job file has at most {YamlReader.MaximumCharacters / 1024} KiB");
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw Unreadable(file, $"not UTF-8 (byte {exception.Index}): save the file as UTF-8");
        }
    }

    private static JobFaultException Unreadable(string file, string message) => new([new JobFault(file, 0, 0, "", message)]);
}
