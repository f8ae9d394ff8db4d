namespace Lockstep.Benchmarks.Comparison;

/// <summary>A workload and who does it.</summary>
/// <param name="Workload">Its name.</param>
/// <param name="Ours">Configurations of this program.</param>
/// <param name="Peer">Whom they are compared with; null for nobody.</param>
internal sealed record Contest(string Workload, IReadOnlyList<Party> Ours, Party? Peer)
{
    public IEnumerable<Party> All => Peer is null ? Ours : Ours.Append(Peer);
}
