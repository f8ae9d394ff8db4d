using Lockstep.Engine.Layers;

namespace Lockstep.Engine.Models;

public sealed unsafe partial class Replica
{
    /// <summary>
    /// Lets a decoder run freely: its own output at one step is its input at the next, whether it was trained so or on a teacher. Of tokens the first input is the
    /// batch's teacher's first, or <paramref name="begin"/> where the batch has none.
    /// </summary>
    /// <param name="batch">Samples; targets are not looked at, nor is more of the teacher than its first step.</param>
    /// <param name="outputs">Receives [N, output shape]; null where it is not wanted.</param>
    /// <param name="tokens">Receives the token that each step's output stands for, [N, U]; null where it is not wanted, or the decoder has values.</param>
    /// <param name="begin">The token that sequences begin with.</param>
    /// <param name="sampler">Draws the tokens, its sequences being the batch's samples from 0; null for the first of the largest, greedily.</param>
    /// <exception cref="InvalidOperationException">The network has no decoder.</exception>
    /// <exception cref="ShapeException">The decoder's output cannot be its input.</exception>
    public void Decode(in Batch batch, float* outputs, int* tokens = null, int begin = 0, TokenSampler? sampler = null)
    {
        BridgeLayer bridge = _network.Bridge ?? throw new InvalidOperationException("The network has no decoder.");
        if (Decoding.CannotFeed(bridge, _network.Output, [.. _network.Layers.Skip(bridge.Index + 1)]) is { } fault)
            throw fault;
        RequireReady(batch, freeRuns: true);
        DecoderLoop loop = _propagation.Loop!;
        loop.Sampler = sampler;
        try
        {
            _propagation.Begin(Phase.Prediction, batch, freeRuns: true);
            _propagation.Pass.BeginToken = begin;
            _propagation.BeginStates(batch);
            ForwardAll(CancellationToken.None);
            for (int sample = 0; tokens is not null && bridge.ReadsTokens && sample < batch.Count; sample++)
            {
                for (int step = 0; step < bridge.Steps; step++)
                    tokens[(sample * bridge.Steps) + step] = loop.TokenAt(sample, step);
            }
        }
        finally
        {
            loop.Sampler = null;
        }
        long bytes = (long)batch.Count * _network.Output.Length * sizeof(float);
        if (outputs is not null)
            Buffer.MemoryCopy(_propagation.Result, outputs, bytes, bytes);
    }

    private static void RequireTeacher(BridgeLayer bridge, in Batch batch, bool freeRuns)
    {
        if (batch.Teacher is null)
        {
            if (!freeRuns && (bridge.TeacherForcing || bridge.ReadsTokens) && batch.Count > 0)
                throw new ArgumentException($"The decoder reads {(bridge.TeacherForcing ? "a teacher's sequence" : "the teacher's first token")}, and the batch has no teacher.", nameof(batch));
        }
        else if (batch.TeacherLength != bridge.Output.Length)
        {
            throw new ArgumentException($"The decoder reads {bridge.Output}, and the batch's teacher has {batch.TeacherLength} numbers a sample.", nameof(batch));
        }
    }
}
