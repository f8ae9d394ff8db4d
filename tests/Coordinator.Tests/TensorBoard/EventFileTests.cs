using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Running.TensorBoard;

namespace Lockstep.Coordinator.Tests.TensorBoard;

public sealed class EventFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-events").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    // The check value of CRC-32C ("123456789" gives 0xE3069283), masked by hand.
    [InlineData("123456789", 0xE3069283u)]
    [InlineData("", 0u)]
    public void A_checksum_is_the_masked_crc32c(string text, uint crc)
    {
        uint masked = unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
        Assert.Equal(masked, RecordStream.MaskedChecksum(Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void A_file_says_its_version_where_it_begins_and_then_every_number()
    {
        using (EventFile file = EventFile.Create(_folder, 7, TimeProvider.System))
        {
            file.Observe(new StepCompleted(7, 0, 32, 0.5, 1.25, 0.1, 0.001));
            file.Observe(new Evaluated(8, [new MetricValue("accuracy", 0.75)]));
            file.Observe(new Diagnosed(8, [new MetricValue("deadRelus/2/deadUnits", 0.125)]));
        }
        List<byte[]> records = Records(File.ReadAllBytes(Assert.Single(Directory.GetFiles(_folder))));
        Assert.Equal(5, records.Count);
        Assert.Contains("brain.Event:2", Encoding.UTF8.GetString(records[0]), StringComparison.Ordinal);
        Assert.Equal([0L, 7, 7, 8, 8], records.Select(StepOf));
        Assert.Equal([("train/loss", 0.5f), ("train/gradientNorm", 1.25f), ("train/learningRate", 0.1f)], Scalars(records[2]));
        Assert.Equal([("validation/accuracy", 0.75f)], Scalars(records[3]));
        Assert.Equal([("diagnostics/deadRelus/2/deadUnits", 0.125f)], Scalars(records[4]));
    }

    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        for (int at = 0; at < file.Length;)
        {
            int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at)));
            Assert.Equal(RecordStream.MaskedChecksum(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            byte[] record = file[(at + 12)..(at + 12 + length)];
            Assert.Equal(RecordStream.MaskedChecksum(record), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            records.Add(record);
            at += length + 16;
        }
        return records;
    }

    private static long StepOf(byte[] record) => Fields(record).Where(field => field.Number == 2).Select(field => (long)field.Value).Single();

    private static List<(string Name, float Value)> Scalars(byte[] record)
    {
        byte[] summary = (byte[])Fields(record).Single(field => field.Number == 5).Value;
        return [.. Fields(summary).Select(entry =>
        {
            List<(int Number, object Value)> fields = Fields((byte[])entry.Value);
            return (Encoding.UTF8.GetString((byte[])fields[0].Value), (float)fields[1].Value);
        })];
    }

    // A reader of the wire format of its own: field number and value.
    private static List<(int Number, object Value)> Fields(byte[] message)
    {
        var input = new CodedInputStream(message);
        var fields = new List<(int, object)>();
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            fields.Add((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => input.ReadInt64(),
                WireFormat.WireType.Fixed64 => input.ReadDouble(),
                WireFormat.WireType.Fixed32 => input.ReadFloat(),
                _ => input.ReadBytes().ToByteArray(),
            }));
        }
        return fields;
    }
}
