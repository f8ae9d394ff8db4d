using CsCheck;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using MessagePack;

namespace Lockstep.Protocol.Tests.DataPlane;

public sealed class KeyTests
{
    private static readonly Gen<RunId> Run = Gen.ULong.Select(value => new RunId(value));
    private static readonly Gen<long> Term = Gen.UInt.Select(value => (long)value);

    [Fact]
    public void A_contributions_key_has_the_bytes_that_it_has_always_had()
    {
        var key = new ContributionKey(new RunId(0x0123456789abcdef), 3, 0x1122334455, 7, 8, 4);
        Span<byte> header = stackalloc byte[ContributionKey.Size];
        key.Write(header);
        Assert.Equal("efcdab8967452301" + "03000000" + "5544332211000000" + "07000000" + "08000000" + "04000000", Convert.ToHexStringLower(header));
    }

    [Fact]
    public void A_parameter_blocks_key_has_the_bytes_that_it_has_always_had()
    {
        var key = new ParameterBlockKey(new RunId(0x0123456789abcdef), uint.MaxValue, 2, 7, 9);
        Span<byte> header = stackalloc byte[ParameterBlockKey.Size];
        key.Write(header);
        Assert.Equal("efcdab8967452301" + "ffffffff" + "0200000000000000" + "07000000" + "09000000", Convert.ToHexStringLower(header));
    }

    [Fact]
    public void A_versions_key_has_the_bytes_that_it_has_always_had()
    {
        var key = new VersionKey(new RunId(1), 3, 258);
        Span<byte> header = stackalloc byte[VersionKey.Size];
        key.Write(header);
        Assert.Equal("0100000000000000" + "03000000" + "0201000000000000", Convert.ToHexStringLower(header));
    }

    [Fact]
    public void Every_key_survives_the_way_there_and_back() =>
        Gen.Select(Run, Term, Gen.Long, Gen.Int, Gen.Int, Gen.Int).Sample((run, term, step, channel, first, count) =>
        {
            var contribution = new ContributionKey(run, term, step, channel, first, count);
            byte[] header = new byte[ContributionKey.Size];
            contribution.Write(header);
            Assert.Equal(contribution, ContributionKey.Read(header));

            var block = new ParameterBlockKey(run, term, step, channel, first);
            header = new byte[ParameterBlockKey.Size];
            block.Write(header);
            Assert.Equal(block, ParameterBlockKey.Read(header));

            var version = new VersionKey(run, term, step);
            header = new byte[VersionKey.Size];
            version.Write(header);
            Assert.Equal(version, VersionKey.Read(header));
        });

    [Fact]
    public void Whatever_the_bytes_are_a_key_is_read_as_it_stands() => Gen.Byte.Array[ContributionKey.Size].Sample(header =>
    {
        byte[] again = new byte[ContributionKey.Size];
        ContributionKey.Read(header).Write(again);
        Assert.Equal(header, again);
    });

    [Fact]
    public void Where_blocks_lie_has_the_bytes_that_it_has_always_had()
    {
        byte[] payload = new byte[InPlaceBlocks.Size];
        new InPlaceBlocks(0x01020304, 575).Write(payload);
        Assert.Equal("04030201" + "3f020000", Convert.ToHexStringLower(payload));
        Assert.Equal(new InPlaceBlocks(0x01020304, 575), InPlaceBlocks.Read(payload));
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(1L << 32)]
    public void A_term_that_four_bytes_cannot_hold_is_never_cut_short(long term) =>
        Assert.Throws<OverflowException>(() => new VersionKey(default, term, 0).Write(new byte[VersionKey.Size]));

    [Fact]
    public void Greetings_have_the_bytes_that_they_have_always_had()
    {
        var hello = new NodeHello("n1", 300, 1, 2, 3, GreetingRole.Standby, "n2:47", 5);
        var welcome = new CoordinatorWelcome(1, 2, new Guid("00112233-4455-6677-8899-aabbccddeeff"), 3, "h", 9, "/f", [new StandbyAddress(4, "b:1")]);

        byte[] first = MessagePackSerializer.Serialize(hello), second = MessagePackSerializer.Serialize(welcome);

        Assert.Equal("98a26e31cd012c01020301a56e323a343705", Convert.ToHexStringLower(first));
        Assert.Equal("980102d924" + Convert.ToHexStringLower("00112233-4455-6677-8899-aabbccddeeff"u8) + "03a16809a22f66919204a3623a31", Convert.ToHexStringLower(second));
        Assert.Equal(hello, MessagePackSerializer.Deserialize<NodeHello>(first));
        CoordinatorWelcome again = MessagePackSerializer.Deserialize<CoordinatorWelcome>(second);
        Assert.Equal(welcome with { Standbys = null }, again with { Standbys = null });
        Assert.Equal(welcome.Standbys!, again.Standbys!);
    }

    [Fact]
    public void The_kinds_of_frames_keep_their_numbers() =>
        Assert.Equal(
            [("ParameterBlock", 1), ("Contribution", 2), ("VersionHeld", 3), ("VersionReleased", 4), ("TermRefused", 5), ("Dismissed", 6), ("VersionInPlace", 7), ("ContributionInPlace", 8), ("ReplicaOffered", 9), ("ReplicaChunk", 10), ("ReplicaHeld", 11)],
            Enum.GetValues<FrameKind>().Select(kind => (kind.ToString(), (int)kind)));

    [Fact]
    public void What_is_sent_to_standbys_has_the_bytes_that_it_has_always_had()
    {
        byte[] header = new byte[ReplicaChunkKey.Size];
        var key = new ReplicaChunkKey(new RunId(0x0123456789abcdef), 2, 3, 4, 5);
        key.Write(header);
        Assert.Equal("efcdab8967452301" + "02000000" + "0300000000000000" + "04000000" + "0500000000000000", Convert.ToHexStringLower(header));
        Assert.Equal(key, ReplicaChunkKey.Read(header));

        byte[] offer = MessagePackSerializer.Serialize(new ReplicaOffer(258, [new ReplicaFile(ReplicaFileKind.Metrics, 6, 7), new ReplicaFile(ReplicaFileKind.State, 0, 8)]));
        Assert.Equal("92cd0102" + "92" + "93070607" + "93000008", Convert.ToHexStringLower(offer));
    }

    [Fact]
    public void The_kinds_of_files_keep_their_numbers() =>
        Assert.Equal(
            [("State", 0), ("Model", 1), ("Optimizer", 2), ("Carried", 3), ("Job", 4), ("Statistics", 5), ("Vocabulary", 6), ("Metrics", 7)],
            Enum.GetValues<ReplicaFileKind>().Select(kind => (kind.ToString(), (int)kind)));
}
