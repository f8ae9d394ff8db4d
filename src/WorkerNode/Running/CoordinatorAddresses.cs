using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Messages;
using Lockstep.Transport.Connections;

namespace Lockstep.WorkerNode.Running;

/// <summary>Where a coordinator may be found, and in which order it is looked for. Pure.</summary>
public static class CoordinatorAddresses
{
    /// <summary>The coordinator that was lost, since it may be back; then its standbys in the order in which they take over; then those that the worker was started with.</summary>
    /// <param name="last">Who was followed last; null at first.</param>
    /// <param name="standbys">Who would take over, as a coordinator said; what is no address is left out.</param>
    /// <param name="given">What the worker was started with.</param>
    /// <returns>At least one address, and each once.</returns>
    public static IReadOnlyList<DataEndpoint> InOrder(DataEndpoint? last, IEnumerable<StandbyAddress> standbys, IReadOnlyList<DataEndpoint> given)
    {
        IEnumerable<DataEndpoint> successors = standbys.Take(DataPlaneLimits.Standbys).OrderBy(standby => standby.Number).Select(standby => Read(standby.Endpoint)).OfType<DataEndpoint>();
        IEnumerable<DataEndpoint> before = last is null ? [] : [last];
        return [.. before.Concat(successors).Concat(given).Distinct()];
    }

    private static DataEndpoint? Read(string endpoint)
    {
        try
        {
            return endpoint.Length > DataPlaneLimits.EndpointCharacters ? null : DataEndpoint.Parse(endpoint);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
