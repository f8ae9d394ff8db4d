using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lockstep.Jobs.Binding;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Describing;

/// <summary>
/// The JSON Schema (draft 2020-12) of the job file, from the classes that read it, for editors that complete and check.
/// It is a little wider than the reader: what keys must fulfil together is checked there alone.
/// </summary>
public static class JobSchema
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        // The descriptions have letters such as λ, which need no escape in a file of their own.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The schema's text, LF, the same for the same version.</summary>
    public static string Generate()
    {
        var definitions = new SortedDictionary<string, JsonObject?>(StringComparer.Ordinal);
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Lockstep job file",
        };
        JsonObject body = Record(Shapes.Job, definitions);
        foreach ((string name, JsonNode? value) in body)
            root[name] = value!.DeepClone();
        definitions["quotient"] = new JsonObject
        {
            ["description"] = "A number, or two with a slash between: 1/255.",
            ["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = "number" },
                new JsonObject { ["type"] = "string", ["pattern"] = @"^[-+]?[0-9.]+([eE][-+]?[0-9]+)? ?/ ?[-+]?[0-9.]+([eE][-+]?[0-9]+)?$" }),
        };
        root["$defs"] = new JsonObject(definitions.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        return root.ToJsonString(Options) + "\n";
    }

    private static JsonObject Of(Shape shape, SortedDictionary<string, JsonObject?> definitions) => shape switch
    {
        BooleanShape => new JsonObject { ["type"] = "boolean" },
        NumberShape number => Number(number),
        ExtentShape extent => Extent(extent),
        TextShape text => Text(text),
        WordShape words => new JsonObject { ["enum"] = Array(words.Words) },
        ListShape list => List(list, definitions),
        ListOrMapShape either => new JsonObject { ["anyOf"] = new JsonArray(Of(either.Listed.Shape, definitions), Of(either.Mapped, definitions)) },
        RecordShape record => Defined(record.Type.Name, definitions, () => Record(record, definitions)),
        ChoiceShape choice => Defined(choice.Type.Name, definitions, () => Choice(choice, definitions)),
        _ => throw new InvalidOperationException($"No schema for {shape.GetType().Name}"),
    };

    private static JsonObject Number(NumberShape number)
    {
        JsonObject schema = number.IsWhole ? new() { ["type"] = "integer" } : new() { ["$ref"] = "#/$defs/quotient" };
        LimitsAttribute limits = number.Limits;
        Bound("minimum", limits.AtLeast);
        Bound("maximum", limits.AtMost);
        Bound("exclusiveMinimum", limits.Above);
        Bound("exclusiveMaximum", limits.Below);
        if (limits.PowerOfTwo)
            schema["enum"] = new JsonArray([.. Enumerable.Range(0, 31).Select(power => 1 << power).Where(value => value <= limits.AtMost).Select(value => (JsonNode)value)]);
        return schema;

        void Bound(string name, double value)
        {
            if (double.IsFinite(value))
                schema[name] = value;
        }
    }

    private static JsonObject Extent(ExtentShape extent) => new()
    {
        ["anyOf"] = new JsonArray(
            Number(extent.Number),
            new JsonObject { ["type"] = "array", ["items"] = Number(extent.Number), ["minItems"] = 2, ["maxItems"] = 2 }),
    };

    private static JsonObject Text(TextShape text) => text.Kind switch
    {
        TextKind.Name => new() { ["type"] = "string", ["pattern"] = "^[A-Za-z_][A-Za-z0-9_-]{0,63}$" },
        TextKind.FileName => new() { ["type"] = "string", ["pattern"] = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$" },
        TextKind.NameOrNumber => new() { ["type"] = new JsonArray("string", "number") },
        _ => new() { ["type"] = "string", ["minLength"] = 1 },
    };

    private static JsonObject List(ListShape list, SortedDictionary<string, JsonObject?> definitions)
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = Of(list.Item, definitions) };
        if (list.IsNotEmpty)
            schema["minItems"] = 1;
        if (list.IsDistinct)
            schema["uniqueItems"] = true;
        return schema;
    }

    private static JsonObject Record(RecordShape record, SortedDictionary<string, JsonObject?> definitions)
    {
        var properties = new JsonObject();
        foreach (KeyShape key in record.Keys)
            properties[key.Name] = Key(key, definitions);
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        string[] required = [.. record.Keys.Where(key => key.IsRequired).Select(key => key.Name)];
        if (required.Length > 0)
            schema["required"] = Array(required);
        // "exactly one" and "at most one" of a few keys, each as one entry of allOf.
        if (record.Choices.Count > 0)
            schema["allOf"] = new JsonArray([.. record.Choices.Select(choice => choice.Needed ? ExactlyOne(choice.Keys) : AtMostOne(choice.Keys))]);
        return schema;
    }

    private static JsonObject Key(KeyShape key, SortedDictionary<string, JsonObject?> definitions)
    {
        JsonObject schema = Of(key.Shape, definitions);
        schema["description"] = key.DefaultRule is { } rule ? $"{key.Description} Default: {rule}." : key.Description;
        if (key.DefaultRule is null && key.Default is { } value)
            schema["default"] = Json(key.Shape.Write(value));
        return schema;
    }

    private static JsonObject Choice(ChoiceShape choice, SortedDictionary<string, JsonObject?> definitions)
    {
        var forms = new JsonArray();
        foreach (CaseShape each in choice.Cases)
        {
            if (each.MayBeBare)
                forms.Add(new JsonObject { ["const"] = each.Name, ["description"] = each.Description });
            if (each.MustBeBare)
                continue;
            JsonObject body = each.Value is { } value ? Key(value, definitions) : Of(each.Record, definitions);
            body["description"] = each.Value is null ? each.Description : $"{each.Description} {each.Value.Description}";
            forms.Add(new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { [each.Name] = body },
                ["required"] = Array([each.Name]),
                ["additionalProperties"] = false,
            });
        }
        return new JsonObject { ["anyOf"] = forms };
    }

    /// <summary>A reference to a definition, which is made at its first use. The name is taken first, so that a record may hold itself.</summary>
    private static JsonObject Defined(string typeName, SortedDictionary<string, JsonObject?> definitions, Func<JsonObject> make)
    {
        string name = KeyName.Of(typeName);
        if (definitions.TryAdd(name, null))
            definitions[name] = make();
        return new JsonObject { ["$ref"] = $"#/$defs/{name}" };
    }

    private static JsonObject ExactlyOne(IReadOnlyList<string> keys) => new()
    {
        ["oneOf"] = new JsonArray([.. keys.Select(key => new JsonObject { ["required"] = Array([key]) })]),
    };

    private static JsonObject AtMostOne(IReadOnlyList<string> keys) => new()
    {
        ["not"] = new JsonObject { ["required"] = Array(keys) },
    };

    private static JsonArray Array(IReadOnlyList<string> words) => new([.. words.Select(word => (JsonNode)word)]);

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMap map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key.Text, Json(entry.Value)))),
        YamlList list => new JsonArray([.. list.Items.Select(Json)]),
        YamlScalar { Plain: true } scalar => CoreScalars.Boolean(scalar.Text) is bool truth ? truth
            : CoreScalars.Integer(scalar.Text) is Int128 whole && whole >= long.MinValue && whole <= long.MaxValue ? (long)whole
            : CoreScalars.Number(scalar.Text),
        YamlScalar scalar => scalar.Text,
        _ => throw new InvalidOperationException($"No JSON for {node.Describe()}"),
    };
}
