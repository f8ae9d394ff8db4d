using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Standbys;
using Lockstep.Coordinator.Terms;
using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Transport.Joining;
using MessagePack;
using Serilog;

namespace Lockstep.Coordinator.DataPlane;

/// <summary>A worker knows a higher term of this run than this coordinator's.</summary>
public sealed record TermHeard(TermAnswer Answer, long Known, string Remote);

/// <summary>
/// Decides who gets in, after the transport has seen proof of the join token: the arithmetic must be the same, and nobody may
/// have seen a higher term. Every worker that gets in is a new incarnation.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="terms">This coordinator's term.</param>
/// <param name="server">Where contributions go.</param>
/// <param name="standbys">Lets standbys in.</param>
/// <param name="control">Host and port of the control plane.</param>
/// <param name="raise">Told of workers and their connections; must not block.</param>
/// <param name="heard">Told of higher terms; must not block.</param>
/// <param name="log">Names everybody who is turned away.</param>
public sealed class Doorkeeper(
    RunId run, TermAuthority terms, ParameterServer server, StandbyDoor standbys, (string Host, int Port) control,
    Action<LinkEvent> raise, Action<TermHeard> heard, ILogger log) : IDoorkeeper, IDisposable
{
    private static readonly MessagePackSerializerOptions Untrusted =
        MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData);

    private readonly Dictionary<long, WorkerConnection> _connections = [];
    private long _incarnations;

    public Admission Decide(JoinRequest request)
    {
        NodeHello? hello;
        try
        {
            hello = MessagePackSerializer.Deserialize<NodeHello?>(request.Hello, Untrusted);
        }
        catch (MessagePackSerializationException e)
        {
            return Admission.Refuse(RefusalCode.Other, $"the worker's greeting cannot be read ({e.GetBaseException().Message}): install the same build on all machines");
        }
        if (hello?.Host is null)
            return Admission.Refuse(RefusalCode.Other, "the worker's greeting does not say who it is: install the same build on all machines");
        if (hello.NumericContract != ProtocolVersion.NumericContract)
            return Admission.Refuse(RefusalCode.Other, $"the coordinator computes by numeric contract {ProtocolVersion.NumericContract}, this worker by {hello.NumericContract}: install the same build on all machines");

        if (hello.KnownRun == run.Value && terms.Hear(hello.KnownTerm) is var answer and not TermAnswer.Stands)
        {
            if (answer == TermAnswer.Impossible)
                return Admission.Refuse(RefusalCode.Other, $"the worker claims term {hello.KnownTerm} of this run, which no coordinator can have led at: start it anew");
            heard(new TermHeard(answer, hello.KnownTerm, request.Remote));
            // Not the end for whoever came: somebody leads at that term, and is to be looked for.
            if (answer == TermAnswer.MustStop)
                return Admission.Refuse(RefusalCode.Full, $"this coordinator leads at term {terms.Present.Term}, but term {hello.KnownTerm} has begun: it stops");
        }

        if (hello.Role == GreetingRole.Inquirer)
            return StandbyDoor.Answer(WelcomeOf(0, null));
        long incarnation = Interlocked.Increment(ref _incarnations);
        return hello.Role switch
        {
            GreetingRole.Worker => AdmitWorker(incarnation, hello),
            GreetingRole.Standby => standbys.Admit(incarnation, hello, () => WelcomeOf(incarnation, null)),
            _ => Admission.Refuse(RefusalCode.Other, $"the greeting is of the unknown role {(int)hello.Role}: install the same build on all machines"),
        };
    }

    private Admission AdmitWorker(long incarnation, NodeHello hello)
    {
        var connection = new WorkerConnection(incarnation, server, RaiseAndForget);
        lock (_connections)
            _connections.Add(incarnation, connection);
        raise(new WorkerGreeted(incarnation, hello, connection));
        return Admission.Welcome(
            WelcomeOf(incarnation, server.Shared?.Path), connection, $"worker {incarnation} ({hello.Host}, process {hello.ProcessId})");
    }

    private byte[] WelcomeOf(long incarnation, string? sharedFolder)
    {
        CoordinatorTerm term = terms.Present;
        return MessagePackSerializer.Serialize(new CoordinatorWelcome(
            run.Value, term.Term, term.CoordinatorId, incarnation, control.Host, control.Port, sharedFolder, standbys.List.Present));
    }

    /// <summary>Ends all connections and waits for their threads: afterwards nothing lands in the parameter server's memory. The listener must have ended before.</summary>
    public void Dispose()
    {
        WorkerConnection[] open;
        lock (_connections)
            open = [.. _connections.Values];
        foreach (WorkerConnection connection in open)
            connection.Dispose();
    }

    private void RaiseAndForget(LinkEvent happened)
    {
        if (happened is WorkerDisconnected)
        {
            lock (_connections)
                _connections.Remove(happened.Worker);
        }
        raise(happened);
    }

    public void TurnedAway(TurnedAway who) =>
        log.Warning("{Remote} was turned away: {Fault}, {Text}", who.Remote, who.Fault, who.Text);
}
