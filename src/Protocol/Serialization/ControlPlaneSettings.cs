namespace Lockstep.Protocol.Serialization;

/// <summary>The settings of both sides' actor systems that decide what may cross the control plane, in HOCON.</summary>
public static class ControlPlaneSettings
{
    /// <summary>Name of every actor system of a cluster.</summary>
    public const string SystemName = "lockstep";

    /// <summary>Role of the nodes that may lead.</summary>
    public const string CoordinatorRole = "coordinator";

    /// <summary>Role of the nodes that compute.</summary>
    public const string WorkerRole = "worker";

    /// <summary>Role of the nodes that may take over.</summary>
    public const string StandbyRole = "standby";

    /// <summary>The role by which a standby's node is told from the others'.</summary>
    /// <param name="number">The standby's number in the run.</param>
    public static string RoleOfStandby(long number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{StandbyRole}-{number}");

    /// <summary>Name of the coordinator's actor, under <c>/user</c>.</summary>
    public const string CoordinatorActor = "coordinator";

    /// <summary>Room for the largest control message: a job file and its statistics.</summary>
    public const int MaximumFrameBytes = 4 * 1024 * 1024;

    /// <summary>
    /// The actors that a peer may speak to by their path: those of the cluster and of death watch, and the coordinator. Everybody else is
    /// spoken to by the reference that he has given away.
    /// </summary>
    private static readonly string[] TrustedPaths =
    [
        "/system/cluster", "/system/cluster/core/daemon", "/system/cluster/heartbeatReceiver", "/system/remote-watcher", $"/user/{CoordinatorActor}",
    ];

    /// <summary>
    /// Settings for a node with the given address and role. Serializers that build types by a peer's word are closed: JSON,
    /// protocol buffers, remote deployment, reliable delivery, and most of Akka's own remote messages. Peers are not trusted: what
    /// ends actors or makes new ones is dropped, and only listed paths can be selected.
    /// <para>
    /// Who is out of reach is given up by a rule of our own, <see cref="Membership.DowningRule"/>.
    /// </para>
    /// </summary>
    /// <param name="host">The name or address that other nodes reach it by.</param>
    /// <param name="port">0 for any free one.</param>
    /// <param name="isEncrypted">Whether the control plane speaks TLS; the certificate is no setting.</param>
    /// <param name="roles">Its roles in the cluster.</param>
    public static string Hocon(string host, int port, bool isEncrypted, params IReadOnlyList<string> roles) => $$"""
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          loggers = [{{Name<Logging.ControlPlaneLog>()}}]
          log-dead-letters = off
          scheduler.tick-duration = 100ms
          log-dead-letters-during-shutdown = off
          coordinated-shutdown.exit-clr = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          coordinated-shutdown.run-by-actor-system-terminate = off
          actor {
            provider = cluster
            serializers {
              json = {{Name<RefusingSerializer>()}}
              proto = {{Name<RefusingSerializer>()}}
              daemon-create = {{Name<RefusingSerializer>()}}
              reliable-delivery = {{Name<RefusingSerializer>()}}
              akka-misc = {{Name<NodeMessageSerializer>()}}
              akka-system-msg = {{Name<DeathWatchSerializer>()}}
              lockstep = {{Name<WireSerializer>()}}
            }
            serialization-bindings {
              {{Name<Messages.IWireMessage>()}} = lockstep
            }
          }
          remote {
            untrusted-mode = on
            trusted-selection-paths = [{{string.Join(", ", TrustedPaths.Select(path => $"\"{path}\""))}}]
            dot-netty.tcp {
              enable-ssl = {{(isEncrypted ? "on" : "off")}}
              hostname = "{{host}}"
              port = {{port}}
              maximum-frame-size = {{MaximumFrameBytes}}b
              send-buffer-size = {{MaximumFrameBytes}}b
              receive-buffer-size = {{MaximumFrameBytes}}b
              batching.enabled = false
            }
          }
          cluster {
            roles = [{{string.Join(", ", roles.Select(role => $"\"{role}\""))}}]
            allow-weakly-up-members = on
            downing-provider-class = {{Name<Membership.ClusterDowning>()}}
          }
        }
        """;

    private static string Name<T>() => $"\"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}\"";
}
