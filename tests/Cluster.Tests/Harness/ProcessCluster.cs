using System.Globalization;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Protocol.DataPlane;
using Lockstep.Transport.Joining;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>
/// A run of real processes on this machine, in a folder of its own: one coordinator at a time, and workers that each join
/// through a gate. Whatever is still running at the end is ended, by the handles from its start.
/// </summary>
public sealed class ProcessCluster : IAsyncDisposable
{
    private readonly string _token = JoinToken.Generate().Reveal();
    private readonly List<LockstepProcess> _processes = [];
    private readonly List<WorkerGate> _gates = [];
    private readonly List<LockstepProcess> _workers = [];
    private readonly LockstepProgram _program;
    private readonly Lazy<TrainingPlan> _plan;
    private readonly bool _sharesMemory;
    private readonly string[] _encryption;
    private int _coordinators;
    private int _standbys;

    /// <param name="job">What is trained.</param>
    /// <param name="program">The build; null for the one beside the running assembly.</param>
    /// <param name="sharesMemory">Whether coordinator and workers share memory, over Unix domain sockets; else everything goes over TCP.</param>
    /// <param name="isEncrypted">Whether coordinator, standbys and free workers speak TLS with one another; gates let nothing encrypted through.</param>
    public ProcessCluster(TestJob job, LockstepProgram? program = null, bool sharesMemory = false, bool isEncrypted = false)
    {
        _encryption = isEncrypted ? ["--tls"] : [];
        _sharesMemory = sharesMemory;
        _program = program ?? LockstepProgram.Beside;
        Job = job;
        Folder = Directory.CreateTempSubdirectory("lockstep-cluster-").FullName;
        JobFile = Path.Combine(Folder, "job.yaml");
        job.MakeFiles?.Invoke(Folder);
        File.WriteAllText(JobFile, job.Yaml);
        _plan = new(() => PlanOf(JobFile));
    }

    public TestJob Job { get; }

    public string Folder { get; }

    public string JobFile { get; }

    public string Runs => Path.Combine(Folder, "runs");

    /// <summary>Steps of an epoch.</summary>
    public long StepsPerEpoch => _plan.Value.StepsPerEpoch;

    /// <summary>A step in the middle of the second epoch.</summary>
    public int MiddleOfAnEpoch => checked((int)(StepsPerEpoch + (StepsPerEpoch / 2)));

    /// <summary>Variables of every process that is started from now on.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>The join token of all that it starts.</summary>
    public JoinToken Token => JoinToken.Parse(_token);

    /// <summary>The coordinator that was started last.</summary>
    public CoordinatorProcess Coordinator { get; private set; } = null!;

    /// <summary>What all its processes said.</summary>
    public string Transcript => string.Concat(_processes.Select(process => process.Transcript));

    /// <summary>Starts any command of the program.</summary>
    public LockstepProcess Start(string name, IReadOnlyList<string> arguments, params (string Variable, string Value)[] environment)
    {
        var variables = new Dictionary<string, string>(Environment) { ["LOCKSTEP_TOKEN"] = _token };
        foreach ((string variable, string value) in environment)
            variables[variable] = value;
        var process = LockstepProcess.Start(_program, name, arguments, variables, Folder);
        _processes.Add(process);
        return process;
    }

    /// <summary>Starts a coordinator and waits until it listens.</summary>
    /// <param name="workersMinimum">Workers that it waits for.</param>
    public Task<CoordinatorProcess> StartCoordinatorAsync(int workersMinimum = 1) => CoordinatorAsync([JobFile, .. Minimum(workersMinimum)]);

    /// <summary>Starts one that goes on with the run of the one before; workers that look for theirs find it.</summary>
    public async Task<CoordinatorProcess> ResumeAsync()
    {
        CoordinatorProcess resumed = await CoordinatorAsync([JobFile, "--resume", Coordinator.RunDirectory]);
        foreach (WorkerGate gate in _gates)
            gate.PointTo(resumed.Endpoint);
        return resumed;
    }

    /// <summary>Starts a standby with an output folder of its own, and waits until it stands by.</summary>
    public async Task<StandbyProcess> StartStandbyAsync()
    {
        string name = $"standby {++_standbys}";
        return await StandbyProcess.StandingAsync(Start(
            name,
            ["coordinator", "--standby", "--join", Coordinator.Endpoint.ToString(), "--listen", Listen(), "--output", Path.Combine(Folder, name), .. _encryption]));
    }

    /// <summary>Starts a worker that no gate stands before: it learns of standbys, and finds them by itself.</summary>
    public LockstepProcess StartFreeWorker() => Start("free worker", ["worker", "--join", Coordinator.Endpoint.ToString(), "--threads", "1", .. _encryption]);

    /// <summary>Starts a worker behind a gate.</summary>
    /// <param name="threads">Its compute threads.</param>
    /// <param name="holdAt">Bytes after which the gate holds it; null to let all through.</param>
    /// <param name="environment">Variables of its own.</param>
    public (WorkerUnderTest Worker, UpstreamHold Hold) StartWorker(int threads, long holdAt, params (string Variable, string Value)[] environment)
    {
        var gate = new WorkerGate(Coordinator.Endpoint, Path.Combine(Folder, $"gate-{_gates.Count}"));
        _gates.Add(gate);
        UpstreamHold hold = gate.HoldAt(holdAt);
        LockstepProcess process = Start(
            $"worker {_gates.Count}",
            ["worker", "--join", gate.Endpoint.ToString(), "--threads", threads.ToString(CultureInfo.InvariantCulture), "--join-timeout", "180"],
            environment);
        _workers.Add(process);
        return (new WorkerUnderTest(process, gate), hold);
    }

    /// <summary>Starts a worker with one thread that is not held.</summary>
    public WorkerUnderTest StartWorker(params (string Variable, string Value)[] environment) => StartWorker(1, long.MaxValue, environment).Worker;

    /// <summary>Starts a worker that stands still in the middle of a step.</summary>
    /// <param name="step">About which step.</param>
    /// <param name="offset">Bytes on top.</param>
    /// <param name="threads">Its compute threads.</param>
    public (WorkerUnderTest Worker, UpstreamHold Hold) StartWorkerHeldAt(int step, int offset = 0, int threads = 1) =>
        StartWorker(threads, BytesBefore(step) + offset);

    /// <summary>
    /// Waits until all workers behind gates have ended, and requires exit code 0 of those that were not killed. A worker that was given up because it stood still
    /// and that the end of the run was too early for still looks for its coordinator: it is killed.
    /// </summary>
    public async Task WorkersEndWellAsync()
    {
        foreach (LockstepProcess worker in _workers.Where(worker => !worker.WasKilled))
        {
            int givenUp = Said($":{worker.Id}: was not heard for");
            if (givenUp > 0 && givenUp == Said($":{worker.Id} joins"))
                await worker.KillAsync();
            else if (await worker.ExitAsync() is not 0 and int code)
                throw new HarnessException($"the worker process {worker.Id} ended with exit code {code} instead of 0");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (LockstepProcess process in _processes)
            process.Dispose();
        foreach (WorkerGate gate in _gates)
            await gate.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    // While it has one node of the tree: every block of the gradient and the sums, each in a frame with a header, and the words between. Of blocks in shared memory a frame tells of a bucket.
    private long BytesBefore(int step)
    {
        const int Header = 64, Words = 2 * Header;
        TrainingPlan plan = _plan.Value;
        int sums = Header + (plan.Sums.Length * sizeof(double));
        int frames = _sharesMemory ? plan.Network.Layout.Buckets.Count : plan.Network.Layout.Blocks.Count;
        long numbers = _sharesMemory ? frames * InPlaceBlocks.Size : plan.Network.Layout.Length * sizeof(float);
        long trained = numbers + (frames * Header) + sums + Words;
        long evaluated = (long)Enumerable.Range(0, step).Count(before => plan.EvaluatesAt(before)) * plan.EvaluationMinibatches * sums;
        return (step * trained) + evaluated;
    }

    private static TrainingPlan PlanOf(string jobFile)
    {
        JobSource files = JobSource.OfFolder(Path.GetDirectoryName(jobFile)!);
        return TrainingPlan.Create(Jobs.JobFile.Read(jobFile, files: files), files);
    }

    private int Said(string text) => Coordinator.Process.Transcript.Split(text).Length - 1;

    private static string[] Minimum(int workers) => ["--workers-minimum", workers.ToString(CultureInfo.InvariantCulture)];

    private async Task<CoordinatorProcess> CoordinatorAsync(string[] arguments) =>
        Coordinator = await CoordinatorProcess.ListeningAsync(Start(
            "coordinator", ["coordinator", .. arguments, "--listen", Listen(), "--output", Runs, .. _encryption]));

    private string Listen() => _sharesMemory ? $"unix:{Path.Combine(Folder, $"data-{_coordinators++}")}" : "127.0.0.1:0";
}
