using System.Globalization;
using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Binding;
using Lockstep.Jobs.Yaml;

namespace Lockstep.Jobs.Tests;

/// <summary>The reference names what the reader knows, and nothing else.</summary>
public sealed class ReferenceTests
{
    private static readonly string Reference = File.ReadAllText(Path.Combine(Examples.Root, "docs/job-file.md"));

    [Fact]
    public void Every_key_case_and_word_stands_in_the_reference()
    {
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<Shape>();
        Walk(Shapes.Job);
        Assert.Empty(missing);

        void Walk(Shape shape)
        {
            if (!seen.Add(shape))
                return;
            switch (shape)
            {
                case RecordShape record:
                    foreach (KeyShape key in record.Keys)
                    {
                        if (!key.IsValue)
                            Look(key.Name);
                        if (key.DefaultRule is null && key.Default is bool or int or long or double or ulong or Extent2d)
                            Look(DefaultOf(key));
                        Walk(key.Shape);
                    }
                    break;
                case ChoiceShape choice:
                    foreach (CaseShape each in choice.Cases)
                    {
                        Look(each.Name);
                        Walk(each.Record);
                    }
                    break;
                case ListOrMapShape either:
                    Walk(either.Listed.Shape);
                    Walk(either.Mapped);
                    break;
                case ListShape list:
                    Walk(list.Item);
                    break;
                case WordShape words:
                    words.Words.ForEach(Look);
                    break;
            }
        }

        void Look(string text)
        {
            if (!Reference.Contains($"`{text}`", StringComparison.Ordinal))
                missing.Add(text);
        }
    }

    [Fact]
    public void The_example_of_the_reference_is_a_job()
    {
        int start = Reference.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length;
        JobTexts.Parse(Reference[start..Reference.IndexOf("```", start, StringComparison.Ordinal)]);
    }

    /// <summary>As the reference writes it: <c>momentum (0)</c> in the row of the key.</summary>
    private static string DefaultOf(KeyShape key) =>
        $"{key.Name}` (`{string.Create(CultureInfo.InvariantCulture, $"{((YamlScalar)key.Shape.Write(key.Default!)).Text}")}";
}
