using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.LocalConnections;

/// <summary>Batches with the samples side by side, [D, lanes], so that a vector holds one number of many samples.</summary>
internal static unsafe class SampleLanes
{
    // Whole vectors of every width.
    private const int Grain = 16;

    /// <summary>Lanes for so many samples.</summary>
    public static int For(int samples) => (samples + Grain - 1) / Grain * Grain;

    /// <summary>lanes[d·width + n] = batch[n·D + d], +0 for lanes without a sample.</summary>
    public static void Spread(ComputeCrew crew, float* batch, int samples, int length, float* lanes)
    {
        var job = new SpreadJob { Batch = batch, Samples = samples, Length = length, Lanes = lanes };
        crew.Run(ref job);
    }

    /// <summary>batch[n·D + d] = lanes[d·width + n].</summary>
    public static void Gather(ComputeCrew crew, float* lanes, int samples, int length, float* batch)
    {
        var job = new GatherJob { Batch = batch, Samples = samples, Length = length, Lanes = lanes };
        crew.Run(ref job);
    }

    private struct SpreadJob : ICrewJob
    {
        public float* Batch;
        public int Samples;
        public int Length;
        public float* Lanes;

        public readonly void Execute(int member, int members)
        {
            WorkRange part = WorkRange.Of(Length, member, members);
            int width = For(Samples);
            PanelPacking.Pack(Batch + part.Start, Length, lanesAdjacent: false, Samples, width, (int)part.Count, Lanes + (part.Start * width));
        }
    }

    private struct GatherJob : ICrewJob
    {
        public float* Batch;
        public int Samples;
        public int Length;
        public float* Lanes;

        public readonly void Execute(int member, int members)
        {
            WorkRange part = WorkRange.Of(Samples, member, members);
            PanelPacking.Pack(Lanes + part.Start, For(Samples), lanesAdjacent: false, Length, Length, (int)part.Count, Batch + (part.Start * Length));
        }
    }
}
