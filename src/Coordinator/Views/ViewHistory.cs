namespace Lockstep.Coordinator.Views;

/// <summary>The views that may still matter: the one that holds now, and those that begin later.</summary>
public sealed class ViewHistory
{
    private readonly List<ClusterView> _views = [];

    /// <summary>The newest view; null while there is none.</summary>
    public ClusterView? Newest => _views.Count > 0 ? _views[^1] : null;

    /// <summary>The view that holds for a step: of those that have begun, the one with the highest number.</summary>
    public ClusterView? At(long step) => _views.FindLast(view => view.FromStep <= step);

    /// <summary>Adds a view and forgets those that can never hold again.</summary>
    /// <param name="view">A view with a higher number than all before.</param>
    /// <param name="step">The step that is present.</param>
    public void Add(ClusterView view, long step)
    {
        if (Newest is { } newest && view.Number <= newest.Number)
            throw new ArgumentException($"View {view.Number} comes after view {newest.Number}.", nameof(view));
        _views.RemoveAll(older => older.FromStep >= view.FromStep);
        _views.Add(view);
        int needed = _views.FindLastIndex(older => older.FromStep <= step);
        if (needed > 0)
            _views.RemoveRange(0, needed);
    }

    /// <summary>No view holds any more.</summary>
    public void Clear() => _views.Clear();
}
