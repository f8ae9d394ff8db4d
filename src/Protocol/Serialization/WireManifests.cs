using Lockstep.Protocol.Messages;

namespace Lockstep.Protocol.Serialization;

/// <summary>The types that may cross the control plane, each with the short name that stands for it on the wire.</summary>
public static class WireManifests
{
    private static readonly Dictionary<string, Type> ByManifest = new()
    {
        ["register"] = typeof(RegisterWorker),
        ["job"] = typeof(JobOffered),
        ["accepted"] = typeof(JobAccepted),
        ["declined"] = typeof(JobDeclined),
        ["refused"] = typeof(WorkerRefused),
        ["view"] = typeof(ViewPublished),
        ["leave"] = typeof(LeaveRequested),
        ["failed"] = typeof(ComputationFailed),
        ["dismissed"] = typeof(WorkerDismissed),
        ["standby"] = typeof(RegisterStandby),
        ["standby-ready"] = typeof(StandbyReady),
        ["succession"] = typeof(SuccessionChanged),
    };

    private static readonly Dictionary<Type, string> ByType = ByManifest.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>All manifests with their types.</summary>
    public static IReadOnlyDictionary<string, Type> All => ByManifest;

    /// <summary>The manifest of a type; null where the type may not cross.</summary>
    public static string? Of(Type type) => ByType.GetValueOrDefault(type);

    /// <summary>The type of a manifest; null where there is none.</summary>
    public static Type? TypeOf(string manifest) => ByManifest.GetValueOrDefault(manifest);

    /// <summary>A manifest as it may be shown: what comes off a wire may be of any length.</summary>
    internal static string Shorten(string manifest) => manifest.Length <= 80 ? manifest : manifest[..80] + "…";
}
