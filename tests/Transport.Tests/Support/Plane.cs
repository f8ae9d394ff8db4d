using System.Collections.Concurrent;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;

namespace Lockstep.Transport.Tests.Support;

/// <summary>A listener that lets everybody in, and the clients of a test.</summary>
internal sealed class Plane : IDoorkeeper, IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly string? _folder;

    public Plane(
        JoinOptions? options = null, bool unix = false, Func<Recorder>? serverHandler = null, Func<JoinRequest, Recorder, Admission>? decide = null)
    {
        Options = options ?? Defaults();
        ServerHandler = serverHandler ?? (static () => new Recorder());
        Decision = decide ?? (static (_, handler) => Admission.Welcome("welcome"u8, handler));
        DataEndpoint endpoint = DataEndpoint.Tcp("127.0.0.1", 0);
        if (unix)
        {
            _folder = Directory.CreateTempSubdirectory("lockstep").FullName;
            endpoint = DataEndpoint.Unix(Path.Combine(_folder, "data.sock"));
        }
        Listener = new DataListener(endpoint, Options, this);
    }

    public JoinOptions Options { get; }

    public DataListener Listener { get; }

    public BlockingCollection<Recorder> Admitted { get; } = [];

    public BlockingCollection<JoinRequest> Requests { get; } = [];

    public BlockingCollection<TurnedAway> Strangers { get; } = [];

    private Func<Recorder> ServerHandler { get; }

    private Func<JoinRequest, Recorder, Admission> Decision { get; }

    public static JoinOptions Defaults(ConnectionOptions? connection = null) => new()
    {
        Token = JoinToken.Generate(),
        ProtocolVersion = 1,
        BuildFingerprint = "build-1",
        Connection = connection ?? new ConnectionOptions(),
    };

    /// <summary>The same under TLS, by the identity of the token.</summary>
    public static JoinOptions Encrypted(ConnectionOptions? connection = null)
    {
        JoinOptions plain = Defaults(connection);
        return plain with { Identity = PlaneIdentity.OfToken(plain.Token) };
    }

    public Recorder Connect(Recorder? handler = null, JoinOptions? options = null, DataEndpoint? endpoint = null)
    {
        handler ??= new Recorder();
        lock (_owned)
            _owned.Add(handler);
        DataConnector.Connect(endpoint ?? Listener.Endpoint, options ?? Options, "hello"u8, handler);
        return handler;
    }

    public Recorder NextServer() =>
        Admitted.TryTake(out Recorder? handler, Bounds.Generous) ? handler : throw new TimeoutException("Nobody was admitted.");

    public TurnedAway NextStranger() =>
        Strangers.TryTake(out TurnedAway? who, Bounds.Generous) ? who : throw new TimeoutException("Nobody was turned away.");

    Admission IDoorkeeper.Decide(JoinRequest request)
    {
        Requests.Add(request);
        Recorder handler = ServerHandler();
        lock (_owned)
            _owned.Add(handler);
        Admission admission = Decision(request, handler);
        Admitted.Add(handler);
        return admission;
    }

    void IDoorkeeper.TurnedAway(TurnedAway who) => Strangers.Add(who);

    public void Dispose()
    {
        Listener.Dispose();
        foreach (IDisposable owned in _owned)
            owned.Dispose();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }
}
