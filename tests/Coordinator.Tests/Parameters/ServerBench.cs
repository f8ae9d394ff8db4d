using System.Collections.Concurrent;
using System.IO.Hashing;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Steps;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Transport.SharedMemory;

namespace Lockstep.Coordinator.Tests.Parameters;

/// <summary>A parameter server whose workers are links in memory: what it sends is taken at once, what it raises is queued.</summary>
internal sealed unsafe class ServerBench : IDisposable
{
    public const long Term = 3;

    public static readonly RunId Run = new(77);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<(SharedSegment Seen, long Offset, byte[] Bits)> _lent = [];
    private readonly BlockingCollection<ServerEvent> _events = [];

    public ServerBench(LonePlan lone)
        : this(lone.Plan, lone.Start())
    {
    }

    public ServerBench(TrainingPlan plan, StartingPoint start, SharedFolder? shared = null)
    {
        Server = new ParameterServer(Run, plan, start, _events.Add, shared);
        start.Parameters.Dispose();
    }

    public ParameterServer Server { get; }

    public T Expect<T>()
        where T : ServerEvent
    {
        Assert.True(_events.TryTake(out ServerEvent? raised, Patience), $"No {typeof(T).Name} within {Patience}.");
        return Assert.IsType<T>(raised);
    }

    public void Post(long worker, ContributionKey key, byte[] bits)
    {
        NodeSum sum = Server.NodeSums.Take(bits.Length);
        bits.CopyTo(new Span<byte>(sum.Floats, bits.Length));
        Server.Post(new Contribution(worker, key, XxHash3.HashToUInt64(bits), sum));
    }

    /// <summary>Contributions of one node to neighbouring channels that lie in memory of a worker which is gone by the time that they are looked at.</summary>
    public void PostInPlace(long worker, long step, string folder, params IReadOnlyList<(int Channel, TreeNode Node, byte[] Bits)> parts)
    {
        var segment = SharedSegment.Create(Path.Combine(folder, Guid.NewGuid().ToString("N")), SegmentNames.BytesOf(Server.Layout.Length));
        var gradient = new SharedGradient(segment);
        foreach ((int channel, _, byte[] bits) in parts)
        {
            long offset = Server.Layout.Blocks[channel].Offset;
            bits.CopyTo(new Span<byte>(gradient.Pointer + offset, bits.Length));
            _lent.Add((SharedSegment.Open(segment.Path, SegmentNames.BytesOf(Server.Layout.Length)), offset, bits));
        }
        segment.Unlink();
        (int first, TreeNode node, _) = parts[0];
        Server.Post(new ContributionRun(worker, new ContributionKey(Run, Term, step, first, node.Start, node.Count), parts.Count, gradient));
        gradient.Release();
    }

    /// <summary>Contributions in place are as they were when they came.</summary>
    public void ExpectUntouched()
    {
        foreach ((SharedSegment seen, long offset, byte[] bits) in _lent)
        {
            Assert.True(new ReadOnlySpan<byte>((float*)seen.Pointer + offset, bits.Length).SequenceEqual(bits));
            seen.Dispose();
        }
        _lent.Clear();
    }

    public void Post(long worker, long step, (int Channel, TreeNode Node, byte[] Bits) part) =>
        Post(worker, new ContributionKey(Run, Term, step, part.Channel, part.Node.Start, part.Node.Count), part.Bits);

    public void Dispose()
    {
        Server.Dispose();
        _events.Dispose();
        foreach ((SharedSegment seen, _, _) in _lent)
            seen.Dispose();
    }

    /// <summary>A worker's link: keeps the versions that were sent whole, and holds each until it is let go.</summary>
    public sealed class Link(ParameterLayout layout) : IWorkerLink
    {
        private readonly BlockingCollection<(long Version, int View, float[] Parameters)> _whole = [];
        private readonly float[] _landing = new float[layout.Length];
        private int _blocks;

        public int Credit { get; private set; }

        public int Sent => _whole.Count;

        /// <summary>Blocks that came with a checksum, which was right; of the version that was sent last.</summary>
        public int Hashed { get; private set; }

        public (long Version, int View, float[] Parameters) Next()
        {
            Assert.True(_whole.TryTake(out (long, int, float[]) whole, Patience), "No version within the bound.");
            return whole;
        }

        public void SendBlock(in ParameterBlockKey key, ParameterVersion version, in ParameterBlock block)
        {
            Assert.Equal((Run, Term, _blocks), (key.Run, key.Term, key.Block));
            var numbers = new ReadOnlySpan<float>(version.Pointer + block.Offset, block.Length);
            numbers.CopyTo(_landing.AsSpan((int)block.Offset));
            Hashed = _blocks == 0 ? 0 : Hashed;
            if (version.ChecksumOf(block.Index) is { } checksum)
            {
                Assert.Equal(XxHash3.HashToUInt64(System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers)), checksum);
                Hashed++;
            }
            if (++_blocks < layout.Blocks.Count)
                return;
            _blocks = 0;
            _whole.Add((key.Version, key.View, [.. _landing]));
        }

        public bool SendInPlace(in ParameterBlockKey key) => false;

        public void RefuseTerm(in VersionKey present) => Assert.Equal(Term, present.Term);

        public void ReturnCredit() => Credit++;
    }
}
