using System.Buffers.Binary;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.Protocol.Serialization;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Joining;
using MessagePack;

namespace Lockstep.Fuzz;

/// <summary>What comes over the network, before and after a peer is known.</summary>
internal static class WireTargets
{
    private static readonly MessagePackSerializerOptions Untrusted = MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData);
    private static readonly string[] Manifests = [.. WireManifests.All.Keys.Order(StringComparer.Ordinal)];
    private static readonly Lazy<WireSerializer> Serializer = new(() => new WireSerializer((ExtendedActorSystem)ActorSystem.Create("fuzz", "akka { loglevel = OFF, stdout-loglevel = OFF }")));

    public static IEnumerable<FuzzTarget> All =>
    [
        new("frame", Frames(), ReadFrame, static _ => false) { Repair = RepairFrame, AllowedBytes = 16 * 1024 },
        new("handshake", Handshakes(), ReadHandshake, static _ => false),
        new("greeting", Greetings(), ReadGreeting, static e => e is MessagePackSerializationException),
        new("control", Controls(), ReadControl, static e => e is SerializationException) { Words = [.. Manifests.Select(Encoding.ASCII.GetBytes)] },
        new("token", Texts("aaaaaaaa-bbbbbbbb-cccccccc-22222222", "77777777 7777777777777777-77777777\n"), static bytes => JoinToken.Parse(Encoding.UTF8.GetString(bytes)), static e => e is FormatException),
        new("endpoint", Texts("127.0.0.1:4770", "[2001:db8::7]:1", "unix:/tmp/data.sock", "node-1:65535"), static bytes => DataEndpoint.Parse(Encoding.UTF8.GetString(bytes)), static e => e is FormatException),
    ];

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static byte[][] Frames() =>
    [
        .. new (FrameType Type, int Length)[] { (FrameType.Data, 1 << 20), (FrameType.Data, 0), (FrameType.Ping, 0), (FrameType.Credit, 0), (FrameType.Close, 12), (FrameType.Hello, 300), (FrameType.Verdict, 2000) }
            .Select(seed =>
            {
                byte[] header = new byte[FrameCodec.HeaderLength];
                FrameCodec.Encode(new FrameHeader(seed.Type, 1, seed.Length, 77, new ApplicationHeader(1, 2, 3, 4)), header);
                return header;
            }),
    ];

    private static void RepairFrame(byte[] bytes)
    {
        if (bytes.Length >= FrameCodec.HeaderLength)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(56), Checksum.Of(bytes.AsSpan(0, 56)));
    }

    private static void ReadFrame(byte[] bytes)
    {
        byte[] header = new byte[FrameCodec.HeaderLength];
        bytes.AsSpan(0, Math.Min(bytes.Length, header.Length)).CopyTo(header);
        FrameFault fault = FrameCodec.Decode(header, FrameLimits.Open(1 << 20), out FrameHeader open);
        if (fault == FrameFault.None && open.PayloadLength is < 0 or > 1 << 20)
            throw new InvalidDataException($"A frame of {open.PayloadLength} bytes was let through.");
        fault = FrameCodec.Decode(header, FrameLimits.HandshakeOnly(5000), out FrameHeader hand);
        if (fault == FrameFault.None && hand.PayloadLength is < 0 or > 5000)
            throw new InvalidDataException($"A handshake of {hand.PayloadLength} bytes was let through.");
        ReadOnlySpan<byte> application = header.AsSpan(24, 32);
        ContributionKey.Read(application);
        ParameterBlockKey.Read(application);
        ReleaseKey.Read(application);
        VersionKey.Read(application);
        InPlaceBlocks.Read(application);
    }

    private static byte[][] Handshakes() =>
    [
        HandshakeMessages.Encode(new HelloMessage(2, new byte[32], "build", [1, 2, 3])),
        HandshakeMessages.Encode(new ChallengeMessage(2, new byte[32])),
        HandshakeMessages.Encode(new VerdictMessage(RefusalCode.WrongToken, "no", [], new byte[32])),
        HandshakeMessages.Encode(new VerdictMessage(RefusalCode.None, "", new byte[100], new byte[32])),
    ];

    private static void ReadHandshake(byte[] bytes)
    {
        HandshakeMessages.VersionOf(bytes);
        if (HandshakeMessages.DecodeHello(bytes) is { } hello && (hello.Hello.Length > HandshakeMessages.MaximumHello || hello.Nonce.Length != 32))
            throw new InvalidDataException("A hello beyond its limits was let through.");
        HandshakeMessages.DecodeChallenge(bytes);
        if (HandshakeMessages.DecodeVerdict(bytes) is { } verdict && verdict.Welcome.Length > HandshakeMessages.MaximumWelcome)
            throw new InvalidDataException("A verdict beyond its limits was let through.");
        CloseText.Decode(bytes);
    }

    private static byte[][] Greetings() =>
    [
        MessagePackSerializer.Serialize(new NodeHello("node-1", 4711, 1, 3, 0x0123456789abcdef)),
        MessagePackSerializer.Serialize(new CoordinatorWelcome(1, 2, Guid.Empty, 3, "10.0.0.5", 4771, "/dev/shm/lockstep")),
        MessagePackSerializer.Serialize(new CoordinatorWelcome(1, 2, Guid.Empty, 3, "node", 4771, null)),
    ];

    // Either is tried with all: a byte string is not of a kind by itself.
    private static void ReadGreeting(byte[] bytes)
    {
        try
        {
            MessagePackSerializer.Deserialize<NodeHello?>(bytes, Untrusted);
        }
        catch (MessagePackSerializationException)
        {
            MessagePackSerializer.Deserialize<CoordinatorWelcome?>(bytes, Untrusted);
        }
    }

    private static byte[][] Controls()
    {
        IWireMessage[] messages =
        [
            new RegisterWorker(258, "node-1", 4711, 8, 256), new JobOffered(7, 3, [1, 2], "ab", "cd", "/d", [255]), new JobAccepted(2, "ab"), new JobDeclined(2, "no data"),
            new WorkerRefused(2, "other run"), new ViewPublished(1, 2, 3, 4, [new WorkerShare(5, [new LeafRun(6, 2), new LeafRun(8, 1)]), new WorkerShare(9, [])]), new LeaveRequested(300),
            new ComputationFailed(1, 70_000, 0, 4096, "conv2", "é", ""), new WorkerDismissed(7, DismissalReason.RunInterrupted, "bye"),
        ];
        return [.. messages.Select(message => (byte[])[(byte)Array.IndexOf(Manifests, WireManifests.Of(message.GetType())), .. MessagePackSerializer.Serialize(message.GetType(), message)])];
    }

    // The first byte chooses the kind.
    private static void ReadControl(byte[] bytes)
    {
        if (bytes.Length == 0)
            return;
        Serializer.Value.FromBinary(bytes[1..], bytes[0] < Manifests.Length ? Manifests[bytes[0]] : Encoding.Latin1.GetString(bytes));
    }
}
