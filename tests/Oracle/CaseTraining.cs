using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lockstep.Oracle;

/// <summary>A case's updates as lines of <c>training</c>.</summary>
internal static class CaseTraining
{
    public static string Of(JsonElement test)
    {
        var lines = new StringBuilder();
        double rate = Number(test, "lr", 0.1);
        JsonElement optimizer = test.TryGetProperty("optimizer", out JsonElement given) ? given : default;
        string kind = optimizer.ValueKind == JsonValueKind.Object ? optimizer.GetProperty("kind").GetString()! : "sgd";
        string more = "";
        foreach ((string theirs, string ours) in new[] { ("momentum", "momentum"), ("nesterov", "nesterov"), ("eps", "eps"), ("alpha", "alpha"), ("betas", "betas"), ("weight_decay", "weightDecay") })
        {
            if (optimizer.ValueKind == JsonValueKind.Object && optimizer.TryGetProperty(theirs, out JsonElement value))
                more += $", {ours}: {value.GetRawText()}";
        }
        Line($"optimizer: {{ {kind}: {{ learningRate: {Text(rate)}{more} }} }}");
        if (test.TryGetProperty("clip", out JsonElement clip))
            Line(clip.TryGetProperty("norm", out JsonElement norm) ? $"clip: {{ globalNorm: {norm.GetRawText()} }}" : $"clip: {{ value: {clip.GetProperty("value").GetRawText()} }}");
        string penalties = string.Join(", ", Penalties(test));
        if (penalties.Length > 0)
            Line($"regularization: {{ {penalties} }}");
        if (test.TryGetProperty("schedule", out JsonElement schedule))
            Line($"schedule: {Schedule(schedule)}");
        return lines.ToString();

        void Line(string text) => lines.Append("  ").Append(text).Append('\n');
    }

    private static IEnumerable<string> Penalties(JsonElement test)
    {
        if (test.TryGetProperty("penalty", out JsonElement penalty))
        {
            foreach ((string theirs, string ours) in new[] { ("l1", "l1"), ("l2", "l2"), ("bias", "biases") })
            {
                if (penalty.TryGetProperty(theirs, out JsonElement value))
                    yield return $"{ours}: {value.GetRawText()}";
            }
        }
        if (test.TryGetProperty("max_norm", out JsonElement bound))
            yield return $"maxNorm: {bound.GetRawText()}";
    }

    private static string Schedule(JsonElement schedule)
    {
        double gamma = Number(schedule, "gamma", 1), period = Number(schedule, "period", 0), warm = Number(schedule, "warm", 0);
        return schedule.GetProperty("kind").GetString() switch
        {
            "step" => $"{{ step: {{ everySteps: {schedule.GetProperty("every").GetRawText()}, factor: {Text(gamma)} }} }}",
            "exponential" => $"{{ exponential: {{ everySteps: 1, factor: {Text(gamma)} }} }}",
            "cosine" => $"{{ cosine: {{ to: {Text(Number(schedule, "lowest", 0))}, overSteps: {Text(period)} }} }}",
            "warm_up" => $"{{ exponential: {{ everySteps: 1, factor: 1, warmUpSteps: {Text(warm)} }} }}",
            "warm_up_cosine" => $"{{ cosine: {{ overSteps: {Text(period)}, warmUpSteps: {Text(warm)} }} }}",
            string other => throw new NotSupportedException($"There is no schedule '{other}'."),
            null => throw new FormatException("A schedule has no kind."),
        };
    }

    private static double Number(JsonElement element, string name, double otherwise) => element.TryGetProperty(name, out JsonElement part) ? part.GetDouble() : otherwise;

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
