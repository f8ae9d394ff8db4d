using Akka.Actor;
using Akka.Cluster;

namespace Lockstep.Protocol.Tests.Membership;

/// <summary>Nodes that are nothing but their addresses, the oldest first.</summary>
internal static class TestNodes
{
    public static UniqueAddress[] Of(int count) => [.. Enumerable.Range(0, count).Select(number => new UniqueAddress(new Address("akka.tcp", "lockstep", "10.0.0.1", 9000 + number), 100 + number))];
}
