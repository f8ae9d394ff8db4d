using Lockstep.Engine.Functions;
using Lockstep.Engine.Layers.Recurrent;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Tests.Kernels;
using Lockstep.Engine.Tests.Models;

namespace Lockstep.Engine.Tests.Layers.Recurrent;

/// <summary>The gates of one step at every vector width and odd sizes, against one lane at a time, and that against the formula as it is written.</summary>
public sealed unsafe class CellKernelTests
{
    private const int Samples = 3;
    private const int Steps = 2;
    private const int Step = 1;

    public static TheoryData<int> Sizes() => new(1, 3, 4, 7, 8, 15, 16, 17, 31, 37, 64);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_step_has_the_same_bits_at_every_width(int units)
    {
        foreach (bool masked in new[] { false, true })
        {
            foreach (bool flag in new[] { false, true })
            {
                Compare(units, masked, memory => new RnnForward { Gates = memory[0], GateStride = units, Product = memory[1], Hidden = memory[2], Previous = memory[3], Output = memory[4], Mask = memory.Mask, Steps = Steps, Step = Step, Units = units, Relu = flag });
                Compare(units, masked, memory => new RnnBackward { Gates = memory[0], GateStride = units, Gradient = Gradient(memory, units), Output = memory[4], Compact = memory[5], Direct = memory[6], Relu = flag });
                Compare(units, masked, memory => new GruForward
                {
                    Gates = memory[0],
                    GateStride = 3 * units,
                    Product = memory[1],
                    Hidden = memory[2],
                    Previous = memory[3],
                    Output = memory[4],
                    Mask = memory.Mask,
                    Steps = Steps,
                    Step = Step,
                    Units = units,
                    HiddenBias = flag ? memory[5] : null,
                    Reset = flag ? null : memory[6],
                    CandidateParts = memory[7],
                });
                foreach (GruPart part in flag ? [GruPart.Both] : new[] { GruPart.Candidate, GruPart.Reset })
                    Compare(units, masked, memory => new GruBackward { Gates = memory[0], GateStride = 3 * units, Gradient = Gradient(memory, units), Previous = memory[1], Compact = memory[2], Direct = memory[6], Reset = memory[3], CandidateParts = memory[4], Part = part });
            }
            foreach (string cell in new[] { "none", "diagonal", "full", "coupled none", "coupled diagonal", "coupled full" })
            {
                Compare(units, masked, memory => new LstmForward { Kernel = Lstm(memory, cell, units), Product = memory[1], Hidden = memory[2], Cell = memory[3], Previous = memory[4], PreviousCells = memory[5], Output = memory[6], Part = LstmPart.Both });
                Compare(units, masked, memory => new LstmBackward
                {
                    Kernel = Lstm(memory, cell, units),
                    Gradient = Gradient(memory, units),
                    Compact = memory[1],
                    Direct = memory[6],
                    CellGradient = memory[2],
                    InitialCell = memory[3],
                    PeepholeTerms = cell.Contains("diagonal", StringComparison.Ordinal) ? memory[4] : null,
                    Part = LstmPart.Both,
                });
            }
        }
    }

    [Fact]
    public void The_new_state_is_the_formula_rounded_as_it_is_written()
    {
        const int units = 19;
        var memory = new Memory(units, false);
        using var _ = memory;
        float[] gates = memory.Copy(0), product = memory.Copy(1), hidden = memory.Copy(2), cell = memory.Copy(3);
        var lstm = new LstmForward { Kernel = Lstm(memory, "none", units), Product = memory[1], Hidden = memory[2], Cell = memory[3], Output = memory[6], Part = LstmPart.Both };
        Width.All[0].Compute(lstm, Samples, units);
        for (int n = 0; n < Samples; n++)
        {
            for (int u = 0; u < units; u++)
            {
                float A(int gate) => gates[(((n * Steps) + Step) * 4 * units) + (gate * units) + u] + product[(n * 4 * units) + (gate * units) + u];
                float c = MathF.FusedMultiplyAdd(ScalarMath.Sigmoid(A(1)), cell[(n * units) + u], ScalarMath.Sigmoid(A(0)) * ScalarMath.Tanh(A(2)));
                Assert.Equal(c, memory[3][(n * units) + u]);
                Assert.Equal(ScalarMath.Sigmoid(A(3)) * ScalarMath.Tanh(c), memory[6][(((n * Steps) + Step) * units) + u]);
            }
        }
        memory.Fill();
        var gru = new GruForward { Gates = memory[0], GateStride = 3 * units, Product = memory[1], Hidden = memory[2], Output = memory[4], Steps = Steps, Step = Step, Units = units, HiddenBias = memory[5], Part = GruPart.Both };
        Width.All[0].Compute(gru, Samples, units);
        float[] bias = memory.Copy(5);
        for (int n = 0; n < Samples; n++)
        {
            for (int u = 0; u < units; u++)
            {
                float X(int gate) => gates[(((n * Steps) + Step) * 3 * units) + (gate * units) + u];
                float U(int gate) => product[(n * 3 * units) + (gate * units) + u];
                float r = ScalarMath.Sigmoid(X(0) + U(0)), z = ScalarMath.Sigmoid(X(1) + U(1));
                float candidate = ScalarMath.Tanh(MathF.FusedMultiplyAdd(r, U(2) + bias[u], X(2)));
                Assert.Equal(MathF.FusedMultiplyAdd(z, hidden[(n * units) + u], (1 - z) * candidate), memory[4][(((n * Steps) + Step) * units) + u]);
            }
        }
    }

    private static void Compare<TKernel>(int units, bool masked, Func<Memory, TKernel> kernel)
        where TKernel : struct, ICellKernel
    {
        float[]? expected = null;
        foreach (Width width in Width.All.Reverse())
        {
            using var memory = new Memory(units, masked);
            width.Compute(kernel(memory), Samples, units);
            float[] found = memory.CopyAll();
            expected ??= found;
            Assert.True(
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(expected.AsSpan()).SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(found.AsSpan())),
                $"{typeof(TKernel).Name} of {units} units at {width}");
        }
    }

    private static StepGradient Gradient(Memory memory, int units) => new() { Output = memory[8], Direct = memory[6], Product = memory[9], Mask = memory.Mask, AlwaysDirect = true, Steps = Steps, Step = 0, Units = units };

    private static LstmKernel Lstm(Memory memory, string cell, int units)
    {
        bool diagonal = cell.Contains("diagonal", StringComparison.Ordinal), full = cell.Contains("full", StringComparison.Ordinal), coupled = cell.Contains("coupled", StringComparison.Ordinal);
        return new LstmKernel
        {
            Gates = memory[0],
            GateStride = (coupled ? 3 : 4) * units,
            Cells = memory[10],
            Mask = memory.Mask,
            Steps = Steps,
            Step = Step,
            Units = units,
            Coupled = coupled,
            DiagonalI = diagonal && !coupled ? memory[11] : null,
            DiagonalF = diagonal ? memory[12] : null,
            DiagonalO = diagonal ? memory[13] : null,
            SeenByI = full && !coupled ? memory[11] : null,
            SeenByF = full ? memory[12] : null,
            SeenByO = full ? memory[13] : null,
        };
    }

    /// <summary>Buffers with the same numbers every time, each large enough for all gates of all steps.</summary>
    private sealed class Memory : IDisposable
    {
        private readonly FloatBuffer[] _buffers;
        private readonly FloatBuffer? _mask;

        public Memory(int units, bool masked)
        {
            _buffers = [.. Enumerable.Range(0, 14).Select(_ => new FloatBuffer(Samples * Steps * 4 * units))];
            Fill();
            if (!masked)
                return;
            _mask = new FloatBuffer(Samples * Steps);
            new float[] { 1, 0, 0, 1, 0, 0 }.CopyTo(_mask.Span);
        }

        public float* this[int buffer] => _buffers[buffer].Pointer;

        public float* Mask => _mask is null ? null : _mask.Pointer;

        public void Fill()
        {
            for (int i = 0; i < _buffers.Length; i++)
                Minibatch.Numbers(new Random(i), (int)_buffers[i].Length, 3).CopyTo(_buffers[i].Span);
        }

        public float[] Copy(int buffer) => _buffers[buffer].Span.ToArray();

        public float[] CopyAll() => [.. _buffers.SelectMany(buffer => buffer.Span.ToArray())];

        public void Dispose()
        {
            foreach (FloatBuffer buffer in _buffers)
                buffer.Dispose();
            _mask?.Dispose();
        }
    }
}
