using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Tests;

/// <summary>As much of JSON Schema 2020-12 as the job file's schema uses; anything else in it is an error.</summary>
internal static class SchemaCheck
{
    public static bool IsValid(JsonObject root, JsonObject schema, JsonNode? value) => schema.All(rule => rule.Key switch
    {
        "$schema" or "title" or "description" or "default" or "$defs" => true,
        "$ref" => IsValid(root, root["$defs"]![rule.Value!.GetValue<string>()["#/$defs/".Length..]]!.AsObject(), value),
        "type" => rule.Value is JsonArray types ? types.Any(type => IsOfType(type!.GetValue<string>(), value)) : IsOfType(rule.Value!.GetValue<string>(), value),
        "properties" => value is not JsonObject map || map.All(entry => rule.Value![entry.Key] is not JsonObject below || IsValid(root, below, entry.Value)),
        "additionalProperties" => value is not JsonObject map || map.All(entry => schema["properties"]!.AsObject().ContainsKey(entry.Key)),
        "required" => value is not JsonObject map || rule.Value!.AsArray().All(key => map.ContainsKey(key!.GetValue<string>())),
        "items" => value is not JsonArray list || list.All(item => IsValid(root, rule.Value!.AsObject(), item)),
        "maxItems" => value is not JsonArray items || items.Count <= rule.Value!.GetValue<int>(),
        "minItems" => value is not JsonArray list || list.Count >= rule.Value!.GetValue<int>(),
        "uniqueItems" => value is not JsonArray list || list.Select(item => item!.ToJsonString()).Distinct().Count() == list.Count,
        "enum" => rule.Value!.AsArray().Any(each => JsonNode.DeepEquals(each, value)),
        "const" => JsonNode.DeepEquals(rule.Value, value),
        "pattern" => Text(value) is not { } text || Regex.IsMatch(text, rule.Value!.GetValue<string>()),
        "minLength" => Text(value) is not { } text || text.Length >= rule.Value!.GetValue<int>(),
        "minimum" => Number(value) is not { } number || number >= rule.Value!.GetValue<double>(),
        "maximum" => Number(value) is not { } number || number <= rule.Value!.GetValue<double>(),
        "exclusiveMinimum" => Number(value) is not { } number || number > rule.Value!.GetValue<double>(),
        "exclusiveMaximum" => Number(value) is not { } number || number < rule.Value!.GetValue<double>(),
        "anyOf" => rule.Value!.AsArray().Any(each => IsValid(root, each!.AsObject(), value)),
        "oneOf" => rule.Value!.AsArray().Count(each => IsValid(root, each!.AsObject(), value)) == 1,
        "allOf" => rule.Value!.AsArray().All(each => IsValid(root, each!.AsObject(), value)),
        "not" => !IsValid(root, rule.Value!.AsObject(), value),
        _ => throw new NotSupportedException($"The schema uses '{rule.Key}'"),
    });

    /// <summary>A job file as an editor's schema checker sees it.</summary>
    public static JsonNode? Json(string yaml)
    {
        var faults = new FaultList();
        YamlNode root = YamlReader.Read(yaml, "job.yaml", faults)!;
        faults.ThrowIfAny();
        return Json(root);
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMap map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, Json(entry.Value)))),
        YamlList list => new JsonArray([.. list.Items.Select(Json)]),
        YamlScalar { IsNull: true } => null,
        YamlScalar { IsText: false } scalar => CoreScalars.Boolean(scalar.Text) is bool truth ? truth : CoreScalars.Number(scalar.Text),
        YamlScalar scalar => scalar.Text,
        _ => throw new NotSupportedException(),
    };

    private static bool IsOfType(string type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => Text(value) is not null,
        "boolean" => value is JsonValue each && each.TryGetValue<bool>(out _),
        "number" => Number(value) is not null,
        "integer" => Number(value) is double number && double.IsInteger(number),
        _ => throw new NotSupportedException($"The schema uses the type '{type}'"),
    };

    private static string? Text(JsonNode? value) => value is JsonValue each && each.TryGetValue(out string? text) ? text : null;

    private static double? Number(JsonNode? value) => value is JsonValue each && each.TryGetValue(out double number) ? number : null;
}
