using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Schedules;
using Lockstep.Cli.Downloads;
using Lockstep.Coordinator.Running;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Cifar;
using Lockstep.Engine.Data.Idx;
using Lockstep.Engine.Serialization;

namespace Lockstep.Fuzz;

/// <summary>Files of numbers, archives, and what a run leaves behind.</summary>
internal static class FileTargets
{
    private static readonly byte[] IdxImages = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, .. new byte[12]];

    public static IEnumerable<FuzzTarget> All =>
    [
        new("safetensors", [Tensors("F32", 4, "[2,2]", 16), Tensors("F64", 8, "[1]", 8), Tensors("I64", 8, "[]", 8)], ReadTensors, static e => e is SafetensorsException)
        {
            Words = Texts("\"", "{", "}", "[", "]", ",", ":", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "__metadata__", "F32", "BF16", "4294967296", "-1"), BytesPerByte = 512,
        },
        new("idx", [IdxImages, [0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3], Packed(IdxImages)], static bytes => IdxFile.Read(Scratch.File("idx", bytes)), static e => e is DataException) { BytesPerByte = 4096 },
        new("cifar", [new byte[3073], Packed(new byte[3073 * 2])], static bytes => CifarDataSet.Read([Scratch.File("cifar.bin", bytes)], "cifar"), static e => e is DataException) { BytesPerByte = 8192 },
        new("tar", [Tar(TarEntryFormat.Ustar), Tar(TarEntryFormat.Pax), Tar(TarEntryFormat.Gnu)], static bytes => ReadArchive(Packed(bytes)), static e => e is SourceException) { Repair = RepairTar, BytesPerByte = 512, AllowedBytes = 16 << 20 },
        new("archive", [Packed(Tar(TarEntryFormat.Ustar))], ReadArchive, static e => e is SourceException) { BytesPerByte = 4096, AllowedBytes = 16 << 20 },
        new("run", Texts("{\"run\":\"0123456789abcdef\",\"term\":3}", "{\"run\":\"ffffffffffffffff\",\"term\":9223372036854775807}"), ReadRun, static e => e is RunDirectoryException) { Words = Texts("null", "\"", "{", "[", "\"term\":", "1e9", "-1") },
        new("metrics", Texts("{\"step\":0,\"loss\":1.5,\"seconds\":0.1}\n{\"step\":1,\"loss\":\"NaN\"}\n{\"step\":2,\"evaluation\":{\"accuracy\":0.5}}\n"), ReadMetrics, static _ => false)
        {
            // A line that is none costs an exception.
            BytesPerByte = 4096, Words = Texts("null", "\"", "{", "\n", "\"step\":", "1e400", "[[[["),
        },
        new("schedule", [ScheduleFile.Write(SomeSchedule)], ReadSchedule, static e => e is ScheduleFormatException)
        {
            // A text that is none costs an exception.
            BytesPerByte = 4096, Words = Texts("null", "\"", "{", "}", "[", "]", "\"kind\":", "\"takeover\"", "\"shared-memory\"", "1e400", "-1", "[[[["),
        },
    ];

    private static Schedule SomeSchedule => new(
        7, 3, 0, 2, Exchange.Tcp,
        [
            new(FaultKind.Kill, 10) { Target = 1 },
            new(FaultKind.Flip, 20) { Target = 0, Direction = LinkDirection.ToWorker, Amount = 400, Bit = 3 },
            new(FaultKind.Throw, 30) { Target = 1, Layer = 2, Leaf = 3 },
            new(FaultKind.Clock, 40) { Amount = -60 },
        ]);

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static byte[] Packed(byte[] bytes) => Scratch.Written(stream =>
    {
        using var gzip = new GZipStream(stream, CompressionLevel.Fastest);
        gzip.Write(bytes);
    });

    private static byte[] Tensors(string type, int size, string shape, int bytes)
    {
        string json = $"{{\"__metadata__\":{{\"a\":\"b\"}},\"w\":{{\"dtype\":\"{type}\",\"shape\":{shape},\"data_offsets\":[0,{bytes}]}},\"v\":{{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[{bytes},{bytes + 8}]}}}}";
        json = json.PadRight((json.Length + size - 1) / size * size);
        return [.. BitConverter.GetBytes((long)json.Length), .. Encoding.UTF8.GetBytes(json), .. new byte[bytes + 8]];
    }

    // What is let through is a schedule that is written and read as the same.
    private static void ReadSchedule(byte[] bytes)
    {
        Schedule schedule = ScheduleFile.Read(bytes);
        if (ScheduleFile.Read(ScheduleFile.Write(schedule)) != schedule)
            throw new InvalidDataException("A schedule that was read is another one when it is written and read again.");
    }

    private static void ReadTensors(byte[] bytes)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Scratch.File("model.safetensors", bytes));
        foreach (TensorEntry tensor in file.Tensors)
        {
            if (tensor.Bytes > bytes.Length || tensor.Count < 0)
                throw new InvalidDataException($"{tensor} was let through, which a file of {bytes.Length} bytes cannot hold.");
            if (tensor.Type == TensorType.F32)
                file.CopyTo(tensor.Name, new float[tensor.Count]);
        }
    }

    private static byte[] Tar(TarEntryFormat format) => Scratch.Written(stream =>
    {
        using var writer = new TarWriter(stream, format, leaveOpen: true);
        foreach ((string name, int length) in (ReadOnlySpan<(string, int)>)[("a/readme.txt", 10), ("a/data.bin", 600)])
        {
            TarEntry entry = format switch
            {
                TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                _ => new UstarTarEntry(TarEntryType.RegularFile, name),
            };
            entry.DataStream = new MemoryStream(new byte[length]);
            entry.ModificationTime = DateTimeOffset.UnixEpoch;
            writer.WriteEntry(entry);
        }
    });

    // The header's checksum: the sum of its bytes, its own field taken as blanks, in octal.
    private static void RepairTar(byte[] bytes)
    {
        for (int at = 0; at + 512 <= bytes.Length; at += 512)
        {
            Span<byte> header = bytes.AsSpan(at, 512);
            if (!header.Slice(257, 5).SequenceEqual("ustar"u8))
                continue;
            header.Slice(148, 8).Fill((byte)' ');
            int sum = 0;
            foreach (byte value in header)
                sum += value;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0')).CopyTo(header[148..]);
            header[154] = 0;
        }
    }

    private static void ReadArchive(byte[] bytes) => TarExtraction.Extract(
        Scratch.File("archive.tar.gz", bytes),
        new Dictionary<string, (string, long)> { ["a/data.bin"] = (Path.Combine(Scratch.Folder, "data.bin"), 600) },
        CancellationToken.None);

    private static void ReadRun(byte[] bytes)
    {
        Scratch.File("run.json", bytes);
        RunDirectory.Open(Scratch.Folder).Dispose();
    }

    private static void ReadMetrics(byte[] bytes)
    {
        Scratch.File("metrics.jsonl", bytes);
        MetricsFile.Open(Scratch.Folder, 1).Dispose();
    }
}
