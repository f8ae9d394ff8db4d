using System.Globalization;
using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>The layers of a network: one list of them, or an encoder and a decoder.</summary>
[ListOrMap(typeof(LayerList), typeof(EncoderDecoder))]
public abstract record Model
{
    /// <summary>All layers with their places, in the order in which they are applied.</summary>
    public abstract IEnumerable<PlacedLayer> Layers { get; }

    /// <summary>The same model with each layer changed.</summary>
    public abstract Model WithLayers(Func<Layer, Layer> change);

    /// <summary>What a layer may be called: by its index, and where it has a name by that too; the bridge of an encoder and a decoder has only a name.</summary>
    public virtual IEnumerable<string> LayerNames => Layers.Select(layer => layer.Name).Concat(Layers.Select(layer => layer.IndexName)).Distinct();
}

/// <summary>Layers, each with the output of the one before it as its input.</summary>
public sealed record LayerList : Model
{
    [Key("The layers, in order."), NotEmpty]
    public required Sequence<Layer> Entries { get; init; }

    public override IEnumerable<PlacedLayer> Layers => Entries.Select((layer, index) => new PlacedLayer("model", "", index, layer));

    public override Model WithLayers(Func<Layer, Layer> change) => this with { Entries = [.. Entries.Select(change)] };
}

/// <summary>A network that reads a sequence, or an image, and then writes a sequence.</summary>
public sealed record EncoderDecoder : Model
{
    public const string EncoderPrefix = "encoder.";
    public const string DecoderPrefix = "decoder.";
    public const string Bridge = "bridge";

    [Key("The layers that read the inputs. They end with a recurrent layer, whose last states the decoder begins with, or with features [D], which become its first h. [] gives the inputs to the decoder as its first input.")]
    public required Sequence<Layer> Encoder { get; init; }

    [Key("The layers that write the targets, step by step. The first recurrent one begins with what the encoder hands on, through a dense map where the widths differ."), NotEmpty]
    public required Sequence<Layer> Decoder { get; init; }

    [Key("Whether the decoder reads the data's teacher in training; else its own output at one step is its input at the next.")]
    public bool TeacherForcing { get; init; } = true;

    /// <summary>The encoder's layers with their places.</summary>
    public IEnumerable<PlacedLayer> EncoderLayers => Encoder.Select((layer, index) => new PlacedLayer("model.encoder", EncoderPrefix, index, layer));

    /// <summary>The decoder's layers with their places.</summary>
    public IEnumerable<PlacedLayer> DecoderLayers => Decoder.Select((layer, index) => new PlacedLayer("model.decoder", DecoderPrefix, index, layer));

    public override IEnumerable<PlacedLayer> Layers => EncoderLayers.Concat(DecoderLayers);

    public override Model WithLayers(Func<Layer, Layer> change) => this with { Encoder = [.. Encoder.Select(change)], Decoder = [.. Decoder.Select(change)] };

    public override IEnumerable<string> LayerNames => base.LayerNames.Append(Bridge);
}

/// <summary>An entry of a model and where it stands.</summary>
/// <param name="List">Path of the list that it is an entry of.</param>
/// <param name="Prefix">What the names of the list's layers begin with.</param>
/// <param name="Index">Place in the list from 0.</param>
/// <param name="Layer">The entry.</param>
public sealed record PlacedLayer(string List, string Prefix, int Index, Layer Layer)
{
    /// <summary>The entry's path.</summary>
    public string Path => string.Create(CultureInfo.InvariantCulture, $"{List}.{Index}");

    /// <summary>What its parameters' names begin with where it has no name of its own.</summary>
    public string IndexName => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Index}");

    /// <summary>What its parameters' names begin with.</summary>
    public string Name => Layer.Name is { } name ? Prefix + name : IndexName;
}
