using System.Collections.Concurrent;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Parameters;
using Lockstep.Engine.Memory;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Protocol;
using Lockstep.Protocol.Identities;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary>A run directory with a sound checkpoint of a model as it begins, or trained, for commands that read one.</summary>
internal sealed class SavedRun
{
    public SavedRun(string folder, string jobText, bool train = false)
    {
        Job job = JobFile.Parse(jobText, "job.yaml");
        Plan = TrainingPlan.Create(job, JobSource.OfFolder(folder));
        Path = System.IO.Path.Combine(folder, "runs", "saved");
        using var events = new BlockingCollection<ServerEvent>();
        StartingPoint start = Starting.Point(Plan, null, JobSource.OfFolder(folder));
        if (train)
            LoneTraining.Run(Plan, start.Parameters);
        Parameters = start.Parameters.Span.ToArray();
        using (var server = new ParameterServer(new RunId(1), Plan, start, events.Add))
        {
            server.Start(1);
            server.RequestStop(abandonStep: true);
            using TrainingSnapshot snapshot = Assert.IsType<ServerStopped>(events.Take()).Snapshot;
            var identity = new CheckpointIdentity(
                job.Name, "1", () => 1, JobText.Bytes(job), JobText.Hash(job), Plan.Data.Fingerprint, ProtocolVersion.NumericContract, FittedStatistics.ToBytes(Plan.Transforms), Plan.StepsPerEpoch)
            {
                Vocabulary = CheckpointIdentity.VocabularyOf(Plan.Data.Training),
            };
            new CheckpointWriter(Path, Plan.Network.Layout, identity, keep: 1).Write(snapshot);
        }
        start.Parameters.Dispose();
    }

    public string Path { get; }

    public TrainingPlan Plan { get; }

    /// <summary>The flat buffer.</summary>
    public float[] Parameters { get; }
}
