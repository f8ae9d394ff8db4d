using System.Globalization;
using System.Text.Json;

namespace Lockstep.Oracle;

/// <summary>A case's net as the <c>model</c> of a job file. Layers are called n0, n1, …, so that the ones that are put in between move no name.</summary>
internal static class CaseModel
{
    public static string Of(JsonElement[] net)
    {
        switch (net[0].GetProperty("op").GetString())
        {
            case "seq2seq":
                string cell = Cell(net[0]);
                return $$"""
                      encoder:
                        - embedding: { name: source, size: {{net[0].GetProperty("width")}}, vocabulary: {{net[0].GetProperty("source")}} }
                        - {{cell.Replace("NAME", "encoder", StringComparison.Ordinal)}}
                      decoder:
                        - embedding: { name: target, size: {{net[0].GetProperty("width")}}, vocabulary: {{net[0].GetProperty("target")}} }
                        - {{cell.Replace("NAME", "decoder", StringComparison.Ordinal)}}
                        - dense: { name: out, units: {{net[0].GetProperty("target")}} }
                    """;
            case "feedback":
                // What it gives is what it takes, so the output is as wide as the input; the harness fills it in.
                return $$"""
                      encoder: []
                      decoder:
                        - {{Cell(net[0]).Replace("NAME", "l0", StringComparison.Ordinal)}}
                        - dense: { name: out, units: WIDTH }
                      teacherForcing: false
                    """;
            default:
                return string.Join('\n', net.Index().SelectMany(pair => Layers(pair.Item, $"n{pair.Index}")).Select(layer => $"  - {layer}"));
        }
    }

    private static IEnumerable<string> Layers(JsonElement layer, string name)
    {
        string op = layer.GetProperty("op").GetString()!;
        switch (op)
        {
            case "linear":
                yield return $"dense: {{ name: {name}, units: {layer.GetProperty("out")}{Given(layer, "bias", "bias")} }}";
                break;
            case "conv2d" or "conv2d_transposed" or "local2d":
                string kind = op switch { "conv2d" => "conv2d", "local2d" => "locallyConnected2d", _ => "transposedConv2d" };
                string kernel = layer.TryGetProperty("kernel", out JsonElement given) ? Raw(given) : "3";
                yield return $"{kind}: {{ name: {name}, filters: {layer.GetProperty("out")}, kernel: {kernel}{Given(layer, "stride", "stride")}{Given(layer, "pad", "padding")}{Given(layer, "output_pad", "outputPadding")}{Given(layer, "dilation", "dilation")}{Given(layer, "groups", "groups")}{Given(layer, "bias", "bias")} }}";
                break;
            case "conv1d":
                yield return $"timeDelay: {{ name: {name}, filters: {layer.GetProperty("out")}, delays: {layer.GetProperty("kernel")}{Given(layer, "stride", "stride")}{Given(layer, "dilation", "dilation")}{Given(layer, "pad", "padding")} }}";
                break;
            case "max_pool" or "avg_pool":
                yield return $"{(op == "max_pool" ? "maxPool2d" : "averagePool2d")}: {{ name: {name}, kernel: {Raw(layer.GetProperty("kernel"))}{Given(layer, "stride", "stride")}{Given(layer, "pad", "padding")}{Given(layer, "count_pad", "countPadding")} }}";
                break;
            case "lrn":
                yield return $"localResponseNorm: {{ name: {name}{Given(layer, "n", "size")}{Given(layer, "k", "k")}{Given(layer, "alpha", "alpha")}{Given(layer, "beta", "beta")} }}";
                break;
            case "batch_norm":
                yield return $"batchNorm: {{ name: {name}{Given(layer, "momentum", "momentum")}{Given(layer, "eps", "epsilon")} }}";
                break;
            case "leaky_relu":
                yield return $"leakyRelu: {{ name: {name}{Given(layer, "slope", "slope")} }}";
                break;
            case "embedding":
                yield return $"embedding: {{ name: {name}, size: {layer.GetProperty("width")}, vocabulary: {layer.GetProperty("rows")} }}";
                break;
            case "one_to_many":
                yield return $"repeat: {{ name: {name}, steps: {layer.GetProperty("steps")}, fill: zeros }}";
                break;
            case "recurrent":
                yield return Cell(layer).Replace("NAME", name, StringComparison.Ordinal);
                if (layer.TryGetProperty("take", out _))
                    yield return "lastStep";
                break;
            case "sigmoid" or "tanh" or "relu" or "softmax" or "flatten":
                yield return $"{op}: {{ name: {name} }}";
                break;
            default:
                throw new NotSupportedException($"There is no layer for '{op}'.");
        }
    }

    private static string Cell(JsonElement layer)
    {
        string size = $"name: NAME, units: {layer.GetProperty("hidden")}{Given(layer, "layers", "layers")}";
        return layer.GetProperty("cell").GetString() switch
        {
            "rnn_tanh" => $"rnn: {{ {size} }}",
            "rnn_relu" => $"rnn: {{ {size}, activation: relu }}",
            "lstm" => $"lstm: {{ {size} }}",
            "lstm_peephole" => $"lstm: {{ {size}, peephole: diagonal }}",
            "lstm_coupled" => $"lstm: {{ {size}, coupled: true }}",
            "gru_before" => $"gru: {{ {size} }}",
            "gru_after" => $"gru: {{ {size}, resetAfter: true }}",
            string other => throw new NotSupportedException($"There is no cell '{other}'."),
            null => throw new FormatException("A recurrent layer has no cell."),
        };
    }

    private static string Given(JsonElement layer, string theirs, string ours) =>
        layer.TryGetProperty(theirs, out JsonElement value) ? string.Create(CultureInfo.InvariantCulture, $", {ours}: {Raw(value)}") : "";

    private static string Raw(JsonElement value) => value.GetRawText();
}
