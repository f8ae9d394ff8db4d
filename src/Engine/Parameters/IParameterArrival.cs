namespace Lockstep.Engine.Parameters;

/// <summary>A version of the parameters that is still arriving, block after block in the order of the flat buffer, which is the order of the forward pass.</summary>
public interface IParameterArrival
{
    /// <summary>How long blocks were waited for so far, which is no time of computing. The waiting thread's to read.</summary>
    TimeSpan Waited { get; }

    /// <summary>Waits until a block, and with it all before it, can be read.</summary>
    /// <param name="block">Its index in <see cref="ParameterLayout.Blocks"/>.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    void Await(int block, CancellationToken cancellation);
}
