namespace Lockstep.Cluster.Tests.Promise;

/// <summary>Tests that start processes: each has several of its own, so they run one after another, in two rows beside each other.</summary>
[CollectionDefinition(Name)]
public sealed class ProcessCollection : ICollectionFixture<UndisturbedRuns>
{
    public const string Name = "processes";
}

/// <summary>The second row: other nets than the first one's, and whole runs that somebody leads on or attacks.</summary>
[CollectionDefinition(Name)]
public sealed class SecondProcessCollection : ICollectionFixture<UndisturbedRuns>
{
    public const string Name = "processes, second row";
}
