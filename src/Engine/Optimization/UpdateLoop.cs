using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Optimization;

/// <summary>What an optimizer does to eight numbers. A struct, so that the loop has it inlined.</summary>
internal interface IUpdateFormula
{
    /// <summary>The parameters after the step; state is changed in place.</summary>
    /// <param name="w">The parameters before the step.</param>
    /// <param name="g">Their gradient.</param>
    /// <param name="i">Where they lie, counted from the run's first.</param>
    /// <param name="finite">Is shown all new numbers.</param>
    Vector256<float> Next(Vector256<float> w, Vector256<float> g, nint i, ref FiniteCheck finite);
}

/// <summary>The one loop of all optimizers: a cache line of parameters a turn.</summary>
internal static unsafe class UpdateLoop
{
    private const int Line = 16;

    /// <returns>Whether every new number is finite.</returns>
    public static bool Run<TGradient, TFormula>(ref TGradient gradient, TFormula formula, in UpdateRun run)
        where TGradient : struct, IGradientSource
        where TFormula : struct, IUpdateFormula =>
        run.Streams ? Run<TGradient, TFormula, PastTheCache>(ref gradient, formula, run) : Run<TGradient, TFormula, ToTheCache>(ref gradient, formula, run);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Run<TGradient, TFormula, TStore>(ref TGradient gradient, TFormula formula, in UpdateRun run)
        where TGradient : struct, IGradientSource
        where TFormula : struct, IUpdateFormula
        where TStore : struct, IStore
    {
        TGradient source = gradient;
        float* parameters = run.Parameters, newParameters = run.NewParameters;
        var finite = new FiniteCheck();
        for (nint i = 0, count = run.Count; i < count; i += Line)
        {
            source.Read(i, out Vector256<float> low, out Vector256<float> high);
            TStore.Store(formula.Next(Vector256.Load(parameters + i), low, i, ref finite), newParameters + i);
            TStore.Store(formula.Next(Vector256.Load(parameters + i + (Line / 2)), high, i + (Line / 2), ref finite), newParameters + i + (Line / 2));
        }
        gradient = source;
        return finite.Passed;
    }

    // How new parameters are stored. A type, so that the loop does not ask.
    private interface IStore
    {
        static abstract void Store(Vector256<float> numbers, float* destination);
    }

    private readonly struct ToTheCache : IStore
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Vector256<float> numbers, float* destination) => Vector256.Store(numbers, destination);
    }

    private readonly struct PastTheCache : IStore
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(Vector256<float> numbers, float* destination) => Vector256.StoreAlignedNonTemporal(numbers, destination);
    }
}
