namespace Lockstep.Cluster.Tests.Promise;

/// <summary>Tests that start processes run one after another: each has several processes of its own.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessCollection : ICollectionFixture<UndisturbedRuns>
{
    public const string Name = "processes";
}
