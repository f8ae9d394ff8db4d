using Lockstep.Transport.Connections;
using Lockstep.Transport.Security;

namespace Lockstep.Transport.Joining;

/// <summary>Says what it means for a join that TLS did not come about.</summary>
internal static class TlsFaults
{
    /// <param name="e">What happened.</param>
    /// <param name="deadline">By when it should have been done.</param>
    /// <param name="endpoint">The server, for a client; null for a server.</param>
    public static JoinException Of(TlsFaultException e, Deadline deadline, DataEndpoint? endpoint = null) => e.Status switch
    {
        CarrierStatus.TimedOut => new JoinException(
            JoinFault.TimedOut, $"{Other(endpoint)} did not finish the TLS handshake within {deadline.Patience.TotalSeconds:0.##} s.", inner: e),
        CarrierStatus.Ended or CarrierStatus.Broken => new JoinException(
            JoinFault.Broken,
            endpoint is null
                ? $"The other side left during the TLS handshake: {e.Message}."
                : $"{endpoint} ended the TLS handshake: where the coordinator runs with --allow-plaintext, or on loopback without --tls, so must the worker.",
            inner: e),
        _ => new JoinException(JoinFault.NotAuthenticated, $"{Other(endpoint)} could not be authenticated: {e.Message}.", inner: e),
    };

    private static string Other(DataEndpoint? endpoint) => endpoint?.ToString() ?? "The other side";
}
