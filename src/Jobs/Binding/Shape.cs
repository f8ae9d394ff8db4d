using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Binding;

/// <summary>What a value of the job file looks like. One description serves reading, writing and the schema.</summary>
internal abstract class Shape
{
    /// <summary>In words, after "expected …".</summary>
    public abstract string Expected { get; }

    /// <summary>The value, or null after a fault.</summary>
    public abstract object? Bind(YamlNode node, string path, BindingContext context);

    /// <summary>The canonical tree of a value that <see cref="Bind"/> made.</summary>
    public abstract YamlNode Write(object value);

    protected object? Mismatch(YamlNode node, string path, BindingContext context)
    {
        string subject = path.Length == 0 ? "a job file" : $"'{BindingContext.Label(path)}'";
        context.Fault(node, path, $"{subject}: expected {Expected}, found {node.Describe()}");
        return null;
    }

    protected static YamlScalar Plain(string text) => new(default, text, plain: true);

    protected static YamlScalar Text(string text) => new(default, text, plain: false);
}
