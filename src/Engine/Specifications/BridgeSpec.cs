using Lockstep.Engine.Models;

namespace Lockstep.Engine.Specifications;

/// <summary>The seam of an encoder and a decoder: the layers before it in the list are the encoder, perhaps none, those after it the decoder.</summary>
/// <param name="DecoderInput">Shape of what the decoder reads: tokens [U], or values [U, D].</param>
/// <param name="TeacherForcing">Whether the decoder is trained on the teacher's sequence; else its own output at one step is its input at the next.</param>
public sealed record BridgeSpec(Shape DecoderInput, bool TeacherForcing = true) : LayerSpec;
