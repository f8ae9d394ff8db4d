using Lockstep.Protocol.Messages;

namespace Lockstep.Protocol.Tests.Serialization;

/// <summary>
/// One message of every kind with the bytes that it must have on the wire for ever: manifest, message, MessagePack in
/// hexadecimal. A message is an array of its keys in order: 9x is an array of x, ax text of x bytes, c4 bytes, cd, ce and
/// cf whole numbers of 2, 4 and 8 bytes, c0 nothing.
/// </summary>
internal static class WireExamples
{
    public static readonly (string Manifest, IWireMessage Message, string Hex)[] All =
    [
        ("register", new RegisterWorker(258, "node-1", 4711, 8, 256), "95cd0102a66e6f64652d31cd126708cd0100"),
        ("job", new JobOffered(0x0123456789abcdef, 3, [1, 2], "ab", "cd", "/d", [255]), "97cf0123456789abcdef03c4020102a26162a26364a22f64c401ff"),
        ("accepted", new JobAccepted(2, "ab"), "9202a26162"),
        ("declined", new JobDeclined(2, "no data"), "9202a76e6f2064617461"),
        ("refused", new WorkerRefused(2, "other run"), "9202a96f746865722072756e"),
        ("view", new ViewPublished(1, 2, 3, 4, [new WorkerShare(5, [new LeafRun(6, 2), new LeafRun(8, 1)]), new WorkerShare(9, [])]), "950102030492920592920602920801920990"),
        ("leave", new LeaveRequested(300), "91cd012c"),
        ("failed", new ComputationFailed(1, 2, 3, 4, null, "boom", "at x"), "9701020304c0a4626f6f6da461742078"),
        ("failed", new ComputationFailed(1, 70_000, 0, 4096, "conv2", "é", ""), "9701ce0001117000cd1000a5636f6e7632a2c3a9a0"),
        ("standby", new RegisterStandby(7, "n", 258), "9307a16ecd0102"),
        ("standby-ready", new StandbyReady(7, "ab"), "9207a26162"),
        ("succession", new SuccessionChanged(1, 2, [new StandbyAddress(3, "b:1")]), "930102919203a3623a31"),
        ("dismissed", new WorkerDismissed(7, DismissalReason.RunInterrupted, "bye"), "930703a3627965"),
    ];

    public static TheoryData<int> Indices => [.. Enumerable.Range(0, All.Length)];
}
