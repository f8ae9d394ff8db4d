using System.Runtime.Serialization;
using Akka.Actor;
using CsCheck;
using Lockstep.Protocol.Messages;
using Lockstep.Protocol.Serialization;

namespace Lockstep.Protocol.Tests.Serialization;

public sealed class WireSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("serializers");
    private readonly WireSerializer _serializer;

    public WireSerializerTests() => _serializer = new WireSerializer((ExtendedActorSystem)_system);

    public void Dispose() => _system.Dispose();

    [Theory]
    [MemberData(nameof(WireExamples.Indices), MemberType = typeof(WireExamples))]
    public void Every_message_has_the_bytes_that_it_has_always_had(int index)
    {
        (string manifest, IWireMessage message, string hex) = WireExamples.All[index];

        Assert.Equal(manifest, _serializer.Manifest(message));
        Assert.Equal(hex, Convert.ToHexStringLower(_serializer.ToBinary(message)));
        Assert.Equivalent(message, _serializer.FromBinary(Convert.FromHexString(hex), manifest), strict: true);
    }

    [Fact]
    public void Every_message_type_has_exactly_one_manifest_and_an_example()
    {
        Type[] types = [.. typeof(IWireMessage).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IWireMessage)) && !type.IsInterface).OrderBy(type => type.Name)];

        Assert.NotEmpty(types);
        Assert.Equal(types, WireManifests.All.Values.OrderBy(type => type.Name));
        Assert.Equal(types, WireExamples.All.Select(example => example.Message.GetType()).Distinct().OrderBy(type => type.Name));
        Assert.All(types, type => Assert.True(type.IsSealed, $"{type.Name} could be something else than it says."));
        Assert.All(WireManifests.All, pair => Assert.Equal((pair.Key, pair.Value), (WireManifests.Of(pair.Value), WireManifests.TypeOf(pair.Key))));
    }

    [Fact]
    public void Every_message_survives_the_way_there_and_back()
    {
        Gen<int> number = Gen.Int;
        Gen<byte[]> bytes = Gen.Byte.Array[0, 300];
        Gen<LeafRun> run = Gen.Select(number, number, (first, count) => new LeafRun(first, count));
        Gen<WorkerShare> share = Gen.Select(Gen.Long, run.Array[0, 5], (worker, nodes) => new WorkerShare(worker, nodes));
        Gen<string> text = Gen.String;
        Gen<IWireMessage> message = Gen.OneOf(
            Gen.Select(Gen.Long, text, number, number, number, (worker, host, process, threads, bits) => (IWireMessage)new RegisterWorker(worker, host, process, threads, bits)),
            Gen.Select(Gen.ULong, Gen.Long, bytes, text, text, text, bytes, (run, term, job, hash, data, folder, fitted) => (IWireMessage)new JobOffered(run, term, job, hash, data, folder, fitted)),
            Gen.Select(Gen.Long, text, (worker, hash) => (IWireMessage)new JobAccepted(worker, hash)),
            Gen.Select(Gen.Long, text, (worker, reason) => (IWireMessage)new JobDeclined(worker, reason)),
            Gen.Select(Gen.Long, text, (worker, reason) => (IWireMessage)new WorkerRefused(worker, reason)),
            Gen.Select(Gen.ULong, Gen.Long, number, Gen.Long, share.Array[0, 5], (run, term, view, step, shares) => (IWireMessage)new ViewPublished(run, term, view, step, shares)),
            Gen.Long.Select(worker => (IWireMessage)new LeaveRequested(worker)),
            Gen.Select(Gen.Long, Gen.Long, number, number, text.Null(), text, text, (worker, step, first, leaves, layer, what, detail) => (IWireMessage)new ComputationFailed(worker, step, first, leaves, layer, what, detail)),
            Gen.Select(Gen.Long, Gen.Enum<DismissalReason>(), text, (worker, reason, explanation) => (IWireMessage)new WorkerDismissed(worker, reason, explanation)));

        message.Sample(sent =>
        {
            object received = _serializer.FromBinary(_serializer.ToBinary(sent), _serializer.Manifest(sent));
            Assert.Equal(sent.GetType(), received.GetType());
            Assert.Equivalent(sent, received, strict: true);
        }, iter: 2_000);
    }

    [Fact]
    public void Only_listed_types_may_leave()
    {
        foreach (object stranger in (object[])["text", 1, new Unlisted(), new LeafRun(0, 1), new Exception("x"), PoisonPill.Instance])
        {
            Assert.Throws<SerializationException>(() => _serializer.ToBinary(stranger));
            Assert.Throws<SerializationException>(() => _serializer.Manifest(stranger));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("View")]
    [InlineData("System.Diagnostics.Process, System.Diagnostics.Process")]
    [InlineData("Lockstep.Protocol.Messages.LeaveRequested, Lockstep.Protocol")]
    public void An_unknown_manifest_is_refused(string manifest) =>
        Assert.Throws<SerializationException>(() => _serializer.FromBinary([0x91, 0x01], manifest));

    [Fact]
    public void A_long_unknown_manifest_is_not_repeated_in_full()
    {
        string said = Assert.Throws<SerializationException>(() => _serializer.FromBinary([], new string('x', 100_000))).Message;
        Assert.InRange(said.Length, 1, 300);
    }

    [Theory]
    [MemberData(nameof(WireExamples.Indices), MemberType = typeof(WireExamples))]
    public void A_message_that_is_cut_off_anywhere_or_has_something_after_its_end_is_refused(int index)
    {
        (string manifest, _, string hex) = WireExamples.All[index];
        byte[] bytes = Convert.FromHexString(hex);

        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<SerializationException>(() => _serializer.FromBinary(bytes[..length], manifest));
        Assert.Throws<SerializationException>(() => _serializer.FromBinary([.. bytes, 0xc0], manifest));
    }

    [Fact]
    public void Whatever_the_bytes_are_the_answer_is_a_message_or_a_refusal()
    {
        Gen<byte[]> garbage = Gen.Byte.Array[0, 60];
        Gen<byte[]> damaged =
            from example in Gen.Int[0, WireExamples.All.Length - 1]
            from flips in Gen.Select(Gen.Int[0, 1000], Gen.Byte).Array[1, 4]
            select Damage(Convert.FromHexString(WireExamples.All[example].Hex), flips);

        Gen.Select(Gen.OneOf(garbage, damaged), Gen.Int[0, WireManifests.All.Count - 1]).Sample((bytes, kind) =>
        {
            (string manifest, Type type) = WireManifests.All.ElementAt(kind);
            try
            {
                Assert.IsType(type, _serializer.FromBinary(bytes, manifest));
            }
            catch (SerializationException refusal)
            {
                Assert.NotEmpty(refusal.Message);
            }
        }, iter: 30_000);
    }

    [Theory]
    [InlineData("c0")]
    [InlineData("90")]
    [InlineData("9102")]
    [InlineData("9202c0")]
    public void A_message_without_one_of_its_parts_is_refused(string hex) =>
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(Convert.FromHexString(hex), "declined"));

    [Theory]
    [InlineData("9501020304c0")]
    [InlineData("950102030491c0")]
    [InlineData("9501020304919205c0")]
    public void A_view_with_a_hole_inside_is_refused(string hex) =>
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(Convert.FromHexString(hex), "view"));

    [Theory]
    [InlineData("9501020304dd7fffffff")]
    [InlineData("97010203c6ffffffff")]
    public void A_length_that_the_bytes_cannot_hold_is_refused_before_memory_is_taken(string hex)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SerializationException>(() => _serializer.FromBinary(Convert.FromHexString(hex), hex[1] == '5' ? "view" : "job"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void A_key_that_a_newer_build_has_added_is_passed_over()
    {
        object received = _serializer.FromBinary(Convert.FromHexString("92cd012ca36e6577"), "leave");
        Assert.Equal(new LeaveRequested(300), received);
    }

    private static byte[] Damage(byte[] bytes, (int Place, byte Value)[] flips)
    {
        foreach ((int place, byte value) in flips)
            bytes[place % bytes.Length] = value;
        return bytes;
    }

    private sealed record Unlisted : IWireMessage;
}
