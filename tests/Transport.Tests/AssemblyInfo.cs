// The tests time out on silence of milliseconds and count the process's threads: side by side they would disturb each other.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
