namespace Lockstep.Engine.Layers;

/// <summary>
/// A layer that can go through its sequences one step at a time, so that what the network gives at one step can be its input at the next. Buffers are
/// those of whole sequences, [N, T, …]; a step reads and writes its own part of them alone.
/// </summary>
public unsafe interface ISteppedLayer
{
    /// <summary>The output of step <paramref name="step"/>; steps are asked for in order from 0.</summary>
    /// <param name="pass">What the pass is about.</param>
    /// <param name="context">The layer's memory.</param>
    /// <param name="input">[N, T, …], of which steps up to this one are there.</param>
    /// <param name="output">[N, T, …], of which this step is written.</param>
    /// <param name="step">Which step.</param>
    void ForwardStep(Pass pass, LayerContext context, float* input, float* output, int step);

    /// <summary>The gradient with respect to the input of one step; steps are asked for in order from the last one down to 0.</summary>
    /// <param name="pass">What the pass is about.</param>
    /// <param name="context">The layer's memory.</param>
    /// <param name="input">What the forward steps were given.</param>
    /// <param name="output">What they wrote.</param>
    /// <param name="outputGradient">∂L/∂output [N, T, …], of which this step and those after it are there; it must stay until <see cref="SumGradients"/>.</param>
    /// <param name="inputGradient">∂L/∂input [N, T, …], of which this step is written; null where nobody needs it.</param>
    /// <param name="step">Which step.</param>
    void BackwardStep(Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient, int step);

    /// <summary>The gradients of the parameters over all steps, once <see cref="BackwardStep"/> has gone through all of them: the same numbers as <see cref="Layer.Backward"/> writes.</summary>
    /// <param name="pass">What the pass is about; its nodes say where parameter gradients go.</param>
    /// <param name="context">The layer's memory.</param>
    /// <param name="input">What the forward steps were given.</param>
    /// <param name="outputGradient">∂L/∂output [N, T, …].</param>
    void SumGradients(Pass pass, LayerContext context, float* input, float* outputGradient);
}
