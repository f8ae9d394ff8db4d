using System.Globalization;

namespace Lockstep.Engine.Data;

/// <summary>Names for classes that only have numbers: the numbers.</summary>
internal static class ClassList
{
    /// <summary>Names for the classes from 0 to the highest that comes.</summary>
    /// <exception cref="DataException">A class is negative or beyond <see cref="DataSet.MaximumClasses"/>.</exception>
    public static string[] NamesOf(ReadOnlySpan<long> classes, string source)
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

    public static string[] Numbers(int count) =>
        [.. Enumerable.Range(0, count).Select(number => number.ToString(CultureInfo.InvariantCulture))];
}
