using System.Collections;
using System.Globalization;

namespace Lockstep.Engine.Data;

/// <summary>Names for classes that only have numbers: the numbers.</summary>
internal static class ClassList
{
    /// <summary>Names for the classes from 0 to the highest that comes.</summary>
    /// <exception cref="DataException">A class is negative or beyond <see cref="DataSet.MaximumClasses"/>.</exception>
    public static IReadOnlyList<string> NamesOf(ReadOnlySpan<long> classes, string source)
    {
        long highest = -1;
        for (int i = 0; i < classes.Length; i++)
        {
            if (classes[i] is < 0 or >= DataSet.MaximumClasses)
                throw new DataException(source, $"Sample {i} has the class {classes[i]}.", $"Number classes from 0 to at most {DataSet.MaximumClasses - 1}.");
            highest = Math.Max(highest, classes[i]);
        }
        return Numbers((int)highest + 1);
    }

    public static IReadOnlyList<string> Numbers(int count) => new NumberNames(count);

    /// <summary>Whether one list begins with the other.</summary>
    public static bool Begins(IReadOnlyList<string> more, IReadOnlyList<string> fewer) =>
        ReferenceEquals(more, fewer) || (more is NumberNames && fewer is NumberNames) || more.Take(fewer.Count).SequenceEqual(fewer, StringComparer.Ordinal);

    /// <summary>The numbers from 0 as texts, each made when it is asked for: there may be millions.</summary>
    private sealed class NumberNames(int count) : IReadOnlyList<string>
    {
        public int Count => count;

        public string this[int index] => (uint)index < (uint)count ? index.ToString(CultureInfo.InvariantCulture) : throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<string> GetEnumerator() => Enumerable.Range(0, count).Select(number => this[number]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
