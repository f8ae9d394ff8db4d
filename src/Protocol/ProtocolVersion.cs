namespace Lockstep.Protocol;

/// <summary>What two processes must have in common to work on one run.</summary>
public static class ProtocolVersion
{
    /// <summary>Grows whenever a message, a header or an order of exchange changes.</summary>
    public const int Current = 5;

    /// <summary>Grows whenever a change of the engine changes a bit of any result.</summary>
    /// <remarks>2: convolutions of 3×3 taps and many channels. 3: those of 5×5 taps; exp, tanh and sigmoid. 4: a sum over samples that is zero is +0, whatever its products were.</remarks>
    public const int NumericContract = 4;
}
