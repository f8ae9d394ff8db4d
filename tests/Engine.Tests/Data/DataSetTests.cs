using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Named;

namespace Lockstep.Engine.Tests.Data;

public sealed class DataSetTests
{
    private static readonly DataFolders Nowhere = new(null, null);

    [Fact]
    public void The_digits_are_these()
    {
        DataParts digits = DataSets.Digits();
        Assert.Equal(1_437, digits.Training.Count);
        Assert.Equal(360, digits.Validation!.Count);
        Assert.Equal([1, 8, 8], digits.Training.InputShape);
        Assert.Equal(10, digits.Training.ClassCount);
        Assert.Equal([0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0], digits.Training.Input(0)[..16]);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0], digits.Training.Classes()[..11]);
        for (int i = 0; i < digits.Validation.Count; i++)
            Assert.All(digits.Validation.Input(i), pixel => Assert.InRange(pixel, 0, 16));
        Assert.Equal("309ab168da4e887285e0223357b3cfa52bacdf876f54c05cbde55d09a6a13b54", digits.Fingerprint);
    }

    [Fact]
    public void A_fraction_takes_the_last_samples_and_rounds_down()
    {
        DataParts parts = DataParts.Cut(DataSets.Digits().Validation!, 0.29);
        Assert.Equal(104, parts.Validation!.Count);
        Assert.Equal(256, parts.Training.Count);
        Assert.Equal(DataSets.Digits().Validation!.Classes(), parts.Training.Classes().Concat(parts.Validation.Classes()));
        Assert.Equal(29, DataParts.Cut(DataSets.Digits().Training.Limit(100), 0.29).Validation!.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    [InlineData(0.001)]
    public void A_fraction_that_leaves_a_part_empty_is_refused(double fraction) =>
        Assert.Throws<DataException>(() => DataParts.Cut(DataSets.Digits().Validation!, fraction));

    [Fact]
    public void Picked_classes_are_renumbered_in_the_order_in_which_they_are_listed()
    {
        DataSet all = DataSets.Digits().Training;
        DataSet picked = all.OnlyClasses([7, 2]);
        Assert.Equal(["7", "2"], picked.ClassNames);
        int[] expected = [.. all.Classes().Where(number => number is 7 or 2).Select(number => number == 7 ? 0 : 1)];
        Assert.Equal(expected, picked.Classes());
        int first = Array.IndexOf(all.Classes(), 2);
        Assert.Equal(all.Input(first), picked.Input(0));

        DataSet again = picked.OnlyClasses([1]);
        Assert.Equal(["2"], again.ClassNames);
        Assert.Equal(all.Input(first), again.Input(0));
        Assert.All(again.Classes(), number => Assert.Equal(0, number));
    }

    [Fact]
    public void Classes_that_are_not_there_or_come_twice_are_refused()
    {
        DataSet all = DataSets.Digits().Training;
        Assert.Throws<DataException>(() => all.OnlyClasses([10]));
        Assert.Throws<DataException>(() => all.OnlyClasses([-1]));
        Assert.Throws<DataException>(() => all.OnlyClasses([1, 1]));
        Assert.Throws<DataException>(() => all.OnlyClasses([]));
    }

    [Fact]
    public void A_limit_counts_after_the_classes_and_before_the_fraction()
    {
        DataParts parts = DataSets.Load(
            new DataSpec(new NamedSource("digits")) { Classes = [0, 1], Limit = 50, Validation = new FractionValidation(0.2) }, Nowhere);
        Assert.Equal(40, parts.Training.Count);
        Assert.Equal(10, parts.Validation!.Count);
        Assert.Equal(2, parts.Training.ClassCount);
    }

    [Fact]
    public void A_limit_leaves_the_own_validation_part_whole()
    {
        DataParts parts = DataSets.Load(new DataSpec(new NamedSource("digits")) { Limit = 50, Classes = [3, 4, 5] }, Nowhere);
        Assert.Equal(50, parts.Training.Count);
        Assert.Equal(DataSets.Digits().Validation!.OnlyClasses([3, 4, 5]).Count, parts.Validation!.Count);
    }

    [Fact]
    public void A_name_that_there_is_not_is_refused_with_those_that_there_are() =>
        Assert.Contains("digits, mnist, fashionMnist", Assert.Throws<DataException>(() => DataSets.Load(new DataSpec(new NamedSource("mnits")), Nowhere)).Message, StringComparison.Ordinal);

    [Fact]
    public void Samples_outside_are_refused()
    {
        DataSet part = DataSets.Digits().Training.Part(10, 5, "part");
        Assert.Throws<ArgumentOutOfRangeException>(() => part.ClassOf(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => part.ClassOf(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => part.Part(3, 3, "outside"));
        Assert.Throws<InvalidOperationException>(() => part.Target(0));
    }

    [Fact]
    public void Many_threads_read_the_same_numbers()
    {
        DataSet data = DataSets.Digits().Training;
        float[][] expected = [.. Enumerable.Range(0, data.Count).Select(data.Input)];
        Parallel.For(0, 4 * data.Count, i => Assert.Equal(expected[i % data.Count], data.Input(i % data.Count)));
    }
}
