using CsCheck;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Standbys;
using Lockstep.Coordinator.Succession;
using Lockstep.Coordinator.Tests.Parameters;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Tests.Succession;

/// <summary>What a coordinator sends, put together by a standby: sound, or not there at all.</summary>
public sealed class ReplicaAssemblyTests : IDisposable
{
    private const string JobSha256 = "hash";
    private static readonly RunId Run = new(0xabc);

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-replicas").FullName;
    private readonly LonePlan _lone = new();

    private string Leader => Path.Combine(_folder, "leader");

    private string Standby => Path.Combine(_folder, "standby");

    public void Dispose()
    {
        _lone.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(77)]
    [InlineData(DataPlaneLimits.ReplicaChunkBytes)]
    public void What_is_received_is_what_was_written_however_it_is_cut(int chunk)
    {
        WrittenCheckpoint written = Write(5);
        Receive(Open(written), chunk);

        Checkpoint received = Checkpoint.Newest(Standby, text => throw new InvalidOperationException(text))!;
        Assert.Equal((5L, written.StateSha256), (received.State.Step, received.State.StateSha256));
        foreach (string file in Directory.EnumerateFiles(written.Path))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(received.Path, Path.GetFileName(file))));
        Assert.Equal(File.ReadAllText(Path.Combine(Leader, "metrics.jsonl")), File.ReadAllText(Path.Combine(Standby, "metrics.jsonl")));
    }

    [Fact]
    public void Only_the_newest_stay_and_metrics_grow()
    {
        long sent = 0;
        foreach (int step in (int[])[1, 2, 3, 4])
        {
            using ReplicaSource source = Open(Write(step), sent);
            sent = source.Offer.Files[^1].To;
            Receive(source, 1_000, keep: 2);
        }
        Assert.Equal([3L, 4L], Directory.EnumerateDirectories(Path.Combine(Standby, "checkpoints")).Select(CheckpointFiles.StepOf).Order());
        Assert.Equal("step 1\nstep 2\nstep 3\nstep 4\n", File.ReadAllText(Path.Combine(Standby, "metrics.jsonl")));
    }

    [Fact]
    public void Whichever_bit_is_damaged_the_checkpoint_does_not_come_to_be_and_the_one_before_stays()
    {
        Receive(Open(Write(5)), 10_000);
        using ReplicaSource source = Open(Write(6));
        (ReplicaChunkKey Key, byte[] Bytes)[] chunks = [.. Chunks(source, 10_000)];
        // The account itself and the metrics have no hash; the frames' checksums are all that guards those.
        int[] sizes = [.. chunks.Select(chunk => source.Offer.Files[chunk.Key.File].Kind is ReplicaFileKind.State or ReplicaFileKind.Metrics ? 0 : chunk.Bytes.Length)];
        Gen.Int[0, sizes.Sum() - 1].Select(Gen.Int[0, 7]).Sample((at, bit) =>
        {
            using ReplicaAssembly assembly = Begin(source.Offer);
            for (int i = 0; i < chunks.Length; i++)
            {
                byte[] sent = [.. chunks[i].Bytes];
                if (at >= 0 && at < sizes[i])
                    sent[at] ^= (byte)(1 << bit);
                at -= sizes[i];
                assembly.Add(chunks[i].Key, sent);
            }
            Assert.Throws<ReplicaException>(() => assembly.Complete(keep: 3));
            assembly.Dispose();
            Assert.Equal(5, Newest());
        }, iter: 40, threads: 1);
    }

    [Fact]
    public void One_that_is_cut_off_leaves_nothing_behind()
    {
        Receive(Open(Write(5)), 10_000);
        using ReplicaSource source = Open(Write(6));
        (ReplicaChunkKey Key, byte[] Bytes)[] chunks = [.. Chunks(source, 500)];
        Gen.Int[0, chunks.Length - 2].Sample(count =>
        {
            using ReplicaAssembly assembly = Begin(source.Offer);
            foreach ((ReplicaChunkKey key, byte[] bytes) in chunks.Take(count))
                assembly.Add(key, bytes);
            Assert.False(assembly.IsWhole);
            Assert.Throws<ReplicaException>(() => assembly.Complete(keep: 3));
            assembly.Dispose();
            Assert.Equal(["step-0000000005"], Directory.EnumerateDirectories(Path.Combine(Standby, "checkpoints")).Select(Path.GetFileName));
        }, iter: 20, threads: 1);
    }

    [Fact]
    public void A_checkpoint_of_another_run_job_or_step_is_refused()
    {
        WrittenCheckpoint written = Write(5);
        foreach ((RunId run, string job) in (ReadOnlySpan<(RunId, string)>)[(new RunId(1), JobSha256), (Run, "other")])
        {
            using ReplicaSource sent = Open(written);
            using ReplicaAssembly assembly = ReplicaAssembly.Begin(Standby, run, job, sent.Offer, AtomicFile.FreeSpace);
            foreach ((ReplicaChunkKey key, byte[] bytes) in Chunks(sent, 10_000))
                assembly.Add(key with { Run = run }, bytes);
            Assert.Contains("says that it is of step 5 of run 0000000000000abc", Assert.Throws<ReplicaException>(() => assembly.Complete(keep: 3)).Message, StringComparison.Ordinal);
        }
        using ReplicaSource source = Open(written);
        using ReplicaAssembly misnamed = Begin(source.Offer with { Step = 6 });
        foreach ((ReplicaChunkKey key, byte[] bytes) in Chunks(source, 10_000))
            misnamed.Add(key with { Step = 6 }, bytes);
        Assert.Throws<ReplicaException>(() => misnamed.Complete(keep: 3));
    }

    [Fact]
    public void Bytes_that_are_not_the_next_ones_are_refused()
    {
        using ReplicaSource source = Open(Write(5));
        using ReplicaAssembly assembly = Begin(source.Offer);
        (ReplicaChunkKey key, byte[] bytes) = Chunks(source, 100).First();
        ReplicaChunkKey[] wrong = [key with { Run = new RunId(1) }, key with { Step = 4 }, key with { File = 1 }, key with { File = -1 }, key with { Offset = 1 }, key with { Offset = -1 }];
        Assert.All(wrong, other => Assert.Throws<ReplicaException>(() => assembly.Add(other, bytes)));
        Assert.Throws<ReplicaException>(() => assembly.Add(key, []));
        Assert.Throws<ReplicaException>(() => assembly.Add(key, new byte[source.Offer.Files[0].To + 1]));
        assembly.Add(key, bytes);
        Assert.Throws<ReplicaException>(() => assembly.Add(key, bytes));
    }

    [Fact]
    public void An_offer_that_no_checkpoint_can_be_is_refused()
    {
        using ReplicaSource source = Open(Write(5));
        ReplicaFile[] files = source.Offer.Files;
        ReplicaFile Model(long from, long to) => new(ReplicaFileKind.Model, from, to);
        ReplicaFile[] WithModel(ReplicaFile model) => [.. files.Select(file => file.Kind == ReplicaFileKind.Model ? model : file)];
        ReplicaOffer[] wrong =
        [
            new(-1, files), new(5, []), new(5, null!), new(5, [null!]),
            new(5, [.. files, files[0]]), new(5, files[1..]),
            new(5, [.. files, new((ReplicaFileKind)8, 0, 1)]), new(5, [.. files, new((ReplicaFileKind)(-1), 0, 1)]),
            new(5, WithModel(Model(-1, 5))), new(5, WithModel(Model(1, 5))), new(5, WithModel(Model(0, -1))), new(5, WithModel(Model(0, ReplicaAssembly.LongestFile + 1))),
            new(5, [.. files.Where(file => file.Kind != ReplicaFileKind.State), new(ReplicaFileKind.State, 0, ReplicaAssembly.LongestText + 1)]),
        ];
        Assert.All(wrong, offer => Assert.Throws<ReplicaException>(() => Begin(offer)));
        Assert.Throws<InsufficientSpaceException>(() => ReplicaAssembly.Begin(Standby, Run, JobSha256, source.Offer, _ => 10));
        Assert.Throws<ReplicaException>(() => Receive(Open(Write(7), metricsFrom: 3), 10_000));
    }

    private ReplicaAssembly Begin(ReplicaOffer offer) => ReplicaAssembly.Begin(Standby, Run, JobSha256, offer, AtomicFile.FreeSpace);

    private void Receive(ReplicaSource source, int chunk, int keep = 3)
    {
        using ReplicaSource sent = source;
        using ReplicaAssembly assembly = Begin(source.Offer);
        foreach ((ReplicaChunkKey key, byte[] bytes) in Chunks(source, chunk))
            assembly.Add(key, bytes);
        Assert.True(assembly.IsWhole);
        assembly.Complete(keep);
    }

    private static IEnumerable<(ReplicaChunkKey Key, byte[] Bytes)> Chunks(ReplicaSource source, int chunk)
    {
        for (int file = 0; file < source.Offer.Files.Length; file++)
        {
            ReplicaFile offered = source.Offer.Files[file];
            for (long offset = offered.From; offset < offered.To; offset += chunk)
            {
                byte[] bytes = new byte[Math.Min(chunk, offered.To - offset)];
                source.Read(file, bytes);
                yield return (new ReplicaChunkKey(Run, 1, source.Offer.Step, file, offset), bytes);
            }
        }
    }

    private long? Newest() => Checkpoint.Newest(Standby, _ => { })?.State.Step;

    private ReplicaSource Open(WrittenCheckpoint written, long metricsFrom = 0) => ReplicaSource.Open(Leader, written.Path, metricsFrom);

    private unsafe WrittenCheckpoint Write(long step)
    {
        using var pool = new VersionPool(_lone.Layout.Length, _lone.Layout.Blocks.Count);
        ParameterVersion version = pool.Rent(step);
        using var momentum = new FloatBuffer(_lone.Layout.Length);
        foreach (ParameterView parameter in _lone.Layout.Parameters)
            new Span<float>(version.Pointer + parameter.Offset, (int)parameter.Length).Fill(step * 0.5f);
        var writer = new CheckpointWriter(Leader, _lone.Layout, new CheckpointIdentity("job", Run.ToString(), () => 1, [1, 2, 3], JobSha256, "data", 1, [4, 5], 10), keep: 9);
        WrittenCheckpoint written;
        using (var snapshot = new TrainingSnapshot(version, ["momentum"], [momentum], () => { }))
            written = writer.Write(snapshot);
        version.Unpin();
        File.AppendAllText(Path.Combine(Leader, "metrics.jsonl"), $"step {step}\n");
        return written;
    }
}
