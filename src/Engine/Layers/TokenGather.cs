using System.Numerics;
using System.Runtime.InteropServices;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Layers;

/// <summary>
/// Sums the rows of a gradient that belong to the same token. Places are sorted by token, so that each row of the result is gathered in order of leaf,
/// sample and step; memory and work grow with the places and the vocabulary, not with leaves times vocabulary.
/// </summary>
/// <param name="vocabulary">V.</param>
/// <param name="size">D.</param>
/// <param name="maximumPlaces">The most tokens of one call.</param>
internal sealed unsafe class TokenGather(int vocabulary, int size, int maximumPlaces) : IDisposable
{
    // Below this a fork and join of the threads costs more than it saves.
    private const long NumbersWorthSharing = 16_384;

    // Sums of nodes that wait for a later one: one a level of the tree at most.
    private static readonly int StackDepth = 1 + BitOperations.Log2(SumTree.MaximumShards);

    private readonly int[] _starts = new int[vocabulary + 1];
    private readonly int[] _places = new int[maximumPlaces];
    private readonly int[] _leaves = new int[maximumPlaces];
    private readonly int[] _tokens = new int[Math.Min(vocabulary, maximumPlaces)];
    private readonly FloatBuffer _stack = new((long)StackDepth * size);

    /// <summary>The most rows that have a gradient.</summary>
    public int MaximumRows => _tokens.Length;

    /// <summary>weight[v] = Σ over leaves of Σ over the leaf's places of token v, in order from +0, of dy; the leaves added as a balanced binary tree.</summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="tokens">[samples, steps], each from 0 below V.</param>
    /// <param name="dy">[samples, steps, D].</param>
    /// <param name="steps">T.</param>
    /// <param name="leafBounds">Leaf i holds the samples from entry i up to entry i + 1.</param>
    /// <param name="weight">[V, D], overwritten.</param>
    /// <param name="written">Which of its rows the call before wrote, null where others write to it too.</param>
    public void Sum(ComputeCrew crew, float* tokens, float* dy, int steps, ReadOnlySpan<int> leafBounds, float* weight, WrittenRows.Rows? written = null)
    {
        int places = checked(leafBounds[^1] * steps);
        Sort(tokens, places);
        int count = FindTokens(places);
        for (int leaf = 0; leaf < leafBounds.Length - 1; leaf++)
            Array.Fill(_leaves, leaf, leafBounds[leaf] * steps, (leafBounds[leaf + 1] - leafBounds[leaf]) * steps);
        var job = new Job { Gather = this, Dy = dy, Weight = weight, Size = size, Vocabulary = vocabulary, Tokens = count, Written = written is { AreKnown: true } ? written : null };
        // Until all members are done.
        if (written is not null)
            written.AreKnown = false;
        if ((long)places * size < NumbersWorthSharing)
            job.Execute(0, 1);
        else
            crew.Run(ref job);
        if (written is null)
            return;
        _tokens.AsSpan(0, count).CopyTo(written.Numbers);
        (written.Count, written.AreKnown) = (count, true);
    }

    public void Dispose() => _stack.Dispose();

    // A counting sort keeps the order of the places of one token.
    private void Sort(float* tokens, int places)
    {
        Array.Clear(_starts);
        for (int place = 0; place < places; place++)
            _starts[(int)tokens[place] + 1]++;
        for (int token = 0; token < vocabulary; token++)
            _starts[token + 1] += _starts[token];
        for (int place = 0; place < places; place++)
            _places[_starts[(int)tokens[place]]++] = place;
        // Each start has moved on to where the next token's is.
        for (int token = vocabulary; token > 0; token--)
            _starts[token] = _starts[token - 1];
        _starts[0] = 0;
    }

    // Each token that there is, once; returns how many they are.
    private int FindTokens(int places)
    {
        int count = 0;
        for (int token = 0, at = 0; at < places; token++)
        {
            if (_starts[token + 1] == at)
                continue;
            _tokens[count++] = token;
            at = _starts[token + 1];
        }
        return count;
    }

    private struct Job : ICrewJob
    {
        public TokenGather Gather;
        public float* Dy;
        public float* Weight;
        public int Size;
        public int Vocabulary;
        public int Tokens;

        /// <summary>The only rows that may be other than zero; null where nothing is known.</summary>
        public WrittenRows.Rows? Written;

        // Members share the columns, since one token may have most of the places.
        public readonly void Execute(int member, int members)
        {
            WorkRange columns = WorkRange.Of(Size, member, members, VectorMath.Lanes);
            if (columns.Count == 0)
                return;
            int first = (int)columns.Start, width = (int)columns.Count;
            ClearOthers(first, width);
            int* waiting = stackalloc int[StackDepth];
            foreach (int token in Gather._tokens.AsSpan(0, Tokens))
                SumToken(token, first, width, waiting);
        }

        // Most tokens of a large vocabulary are in few steps: where nothing is known of their rows, those that are zero already are read and not written.
        private readonly void ClearOthers(int first, int width)
        {
            if (Written is not null)
            {
                foreach (int token in Written.Numbers.AsSpan(0, Written.Count))
                {
                    if (IsAbsent(token))
                        Row(token, first, width).Clear();
                }
                return;
            }
            for (int token = 0; token < Vocabulary; token++)
            {
                if (!IsAbsent(token))
                    continue;
                Span<float> row = Row(token, first, width);
                if (MemoryMarshal.AsBytes(row).ContainsAnyExcept((byte)0))
                    row.Clear();
            }
        }

        private readonly bool IsAbsent(int token) => Gather._starts[token] == Gather._starts[token + 1];

        private readonly Span<float> Row(int token, int first, int width) => new(Weight + ((long)token * Size) + first, width);

        // Leaves without the token would add +0, which changes no sum: one that began with +0 is never −0.
        private readonly void SumToken(int token, int first, int width, int* waiting)
        {
            float* stack = Gather._stack.Pointer + first;
            int at = Gather._starts[token], end = Gather._starts[token + 1], depth = 0;
            while (at < end)
            {
                int leaf = Gather._leaves[Gather._places[at]];
                while (depth > 1 && CommonLevel(waiting[depth - 2], waiting[depth - 1]) < CommonLevel(waiting[depth - 1], leaf))
                    depth = AddTopmost(stack, width, depth);
                float* sum = stack + ((long)depth * Size);
                new Span<float>(sum, width).Clear();
                for (; at < end && Gather._leaves[Gather._places[at]] == leaf; at++)
                    VectorMath.Add(sum, Dy + ((long)Gather._places[at] * Size) + first, width);
                waiting[depth++] = leaf;
            }
            while (depth > 1)
                depth = AddTopmost(stack, width, depth);
            new ReadOnlySpan<float>(stack, width).CopyTo(Row(token, first, width));
        }

        private readonly int AddTopmost(float* stack, int width, int depth)
        {
            VectorMath.Add(stack + ((depth - 2L) * Size), stack + ((depth - 1L) * Size), width);
            return depth - 1;
        }

        /// <summary>The level of the smallest node that has both leaves.</summary>
        private static int CommonLevel(int leaf, int other) => 32 - BitOperations.LeadingZeroCount((uint)(leaf ^ other));
    }
}
