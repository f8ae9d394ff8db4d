namespace Lockstep.Cluster.Tests.Harness;

/// <summary>A run did not do what was waited for. The message holds what its processes said.</summary>
public sealed class HarnessException(string message, Exception? inner = null) : Exception(message, inner);
