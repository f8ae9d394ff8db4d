using System.Text;
using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Text;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed unsafe class SentenceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Source_teacher_and_target_are_what_the_sentences_say()
    {
        DataSet data = Pairs("en,de\ngo on,\"geh, los\"\nstop,halt\n").Training;
        Vocabulary source = data.Vocabulary!, target = data.TargetVocabulary!;
        Assert.Equal(["<end>", "go", "on", "stop"], source.Texts);
        Assert.Equal([" ", ",", "<begin>", "<end>", "geh", "halt", "los"], target.Texts);
        Assert.Equal([3], data.InputShape);
        Assert.Equal((5, 5, 5), (data.TargetSteps, data.TeacherLength, data.TargetMaskSteps));
        Assert.Equal((4, 7, 7), (data.VocabularySize, data.TeacherVocabularySize, data.ClassCount));
        Assert.Equal([1f, 2, 0], data.Input(0));
        Assert.Equal([3f, 0, 0], data.Input(1));
        Assert.Equal([1f, 1, 1], InputMask(data, 0));
        Assert.Equal([1f, 1, 0], InputMask(data, 1));
        Assert.Equal([2f, 4, 1, 0, 6], Teacher(data, 0));
        Assert.Equal([4, 1, 0, 6, 3], Targets(data, 0));
        Assert.Equal([2f, 5, 0, 0, 0], Teacher(data, 1));
        Assert.Equal([5, 3, 0, 0, 0], Targets(data, 1));
        Assert.Equal([1f, 1, 0, 0, 0], TargetMask(data, 1));
    }

    [Fact]
    public void Any_sentences_come_back_from_their_masked_tokens() =>
        Gen.Select(Gen.Select(Gen.String[Gen.Char["ab,\"é \n"], 0, 8], Gen.String[Gen.Char["xy' 日"], 0, 8]).Array[1, 6], Gen.Bool).Sample(
            (rows, words) =>
            {
                var table = new StringBuilder("s,t\n");
                foreach ((string first, string second) in rows)
                    table.Append($"\"{first.Replace("\"", "\"\"", StringComparison.Ordinal)}\",\"{second}\"\n");
                DataSet data = Pairs(table.ToString(), unit: words ? TextUnit.Word : TextUnit.Character).Training;
                for (int i = 0; i < rows.Length; i++)
                {
                    int inputs = (int)InputMask(data, i).Sum(), targets = (int)TargetMask(data, i).Sum();
                    int[] source = [.. data.Input(i).Take(inputs).Select(token => (int)token)], target = [.. Targets(data, i).Take(targets)], teacher = [.. Teacher(data, i).Take(targets).Select(token => (int)token)];
                    Assert.Equal(rows[i].Item1, data.Vocabulary!.Decode(source));
                    Assert.Equal(data.Vocabulary.EndToken, source[^1]);
                    Assert.Equal(rows[i].Item2, data.TargetVocabulary!.Decode(target));
                    Assert.Equal(data.TargetVocabulary.EndToken, target[^1]);
                    Assert.Equal([data.TargetVocabulary.BeginToken, .. target[..^1]], teacher);
                    Assert.All(InputMask(data, i).Skip(inputs).Concat(data.Input(i).Skip(inputs)), number => Assert.Equal(0, number));
                }
            },
            threads: 1,
            iter: 200);

    [Fact]
    public void Both_tables_have_one_vocabulary_and_one_length()
    {
        string other = _folder.Write("other.csv", "a b c d,e\n");
        DataParts parts = Pairs("x,y\na,b\n", new SourceValidation(new PairsSource(other, TextUnit.Word, Header: false)));
        Assert.NotNull(parts.Validation);
        Assert.Equal([5], parts.Training.InputShape);
        Assert.Equal([5], parts.Validation.InputShape);
        Assert.Same(parts.Training.Vocabulary, parts.Validation.Vocabulary);
        Assert.Equal([1f, 2, 3, 4, 0], parts.Validation.Input(0));
        Assert.NotEqual(parts.Training.Fingerprint, parts.Validation.Fingerprint);
    }

    [Fact]
    public void The_last_rows_are_for_validation()
    {
        DataParts parts = Pairs("s,t\na,x\nb,x\nc,x\nd,x\n", new FractionValidation(0.5), limit: 3);
        Assert.Equal(2, parts.Training.Count);
        Assert.Equal(parts.Training.Vocabulary!.Find("c"), parts.Validation!.Input(0)[0]);
    }

    [Theory]
    [InlineData("s,t\n", "no rows")]
    [InlineData("s,t\na\n", "Line 2 has 1 columns instead of 2")]
    [InlineData("s,t\na,b,c\n", "Line 2 has 3 columns instead of 2")]
    [InlineData("s,t\n\"a,b\n", "does not end")]
    public void A_fault_is_told(string table, string reason) =>
        Assert.Contains(reason, Assert.Throws<DataException>(() => Pairs(table)).Message, StringComparison.Ordinal);

    [Fact]
    public void Captions_share_their_images()
    {
        Image("img/a.png", 1);
        Image("img/b.png", 2);
        DataParts parts = Captions("image,caption\na.png,one cat\na.png,a cat\nb.png,\"a dog, running\"\n", new FractionValidation(0.5));
        DataSet data = parts.Training;
        Assert.Equal([3, 2, 2], data.InputShape);
        Assert.False(data.InputsAreTokens);
        Assert.Null(data.Vocabulary);
        Assert.Equal(2, data.Count);
        Assert.Equal(data.Input(0), data.Input(1));
        Assert.Equal("one cat", data.TargetVocabulary!.Decode(Targets(data, 0).AsSpan(0, 2)));
        Assert.Equal("a cat", data.TargetVocabulary.Decode(Targets(data, 1).AsSpan(0, 2)));
        Assert.Equal(data.TargetVocabulary.BeginToken, Teacher(data, 0)[0]);
        Assert.Equal(1, parts.Validation!.Count);
        Assert.Equal(2f, parts.Validation.Input(0)[0]);
        Assert.Equal("a dog, running", data.TargetVocabulary.Decode(Targets(parts.Validation, 0).AsSpan(0, (int)TargetMask(parts.Validation, 0).Sum())));
    }

    [Fact]
    public void No_image_is_in_both_parts_however_the_table_is_ordered()
    {
        Gen.Select(Gen.Int[0, 5].Array[2, 20], Gen.Double[0.1, 0.9]).Where((names, _) => names.Distinct().Count() > 1).Sample(
            (names, fraction) =>
            {
                foreach (int name in names)
                    Image($"img/{name}.png", (byte)(10 * name));
                try
                {
                    DataParts parts = Captions("i,c\n" + string.Concat(names.Select(name => $"{name}.png,x\n")), new FractionValidation(fraction));
                    Assert.NotNull(parts.Validation);
                    Assert.Equal(names.Length, parts.Training.Count + parts.Validation.Count);
                    Assert.Empty(Images(parts.Training).Intersect(Images(parts.Validation)));
                    Assert.Equal((int)decimal.Floor((decimal)fraction * names.Distinct().Count()), Images(parts.Validation).Distinct().Count());
                }
                catch (DataException fault)
                {
                    Assert.Contains("would be in the validation part", fault.Message, StringComparison.Ordinal);
                }
            },
            threads: 1,
            iter: 60);

        static IEnumerable<float> Images(DataSet data) => Enumerable.Range(0, data.Count).Select(sample => data.Input(sample)[0]);
    }

    [Theory]
    [InlineData("../secret.png")]
    [InlineData("/etc/secret.png")]
    [InlineData("a/../../secret.png")]
    [InlineData("")]
    public void A_table_names_files_of_its_folder_alone(string name)
    {
        _folder.Write("secret.png", ImageSamples.Png);
        Assert.Contains("is no file of the folder", Assert.Throws<DataException>(() => Captions($"i,c\n{name},x\n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_image_is_told() =>
        Assert.Contains("no such file", Assert.Throws<DataException>(() => Captions("i,c\nnone.png,x\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void Damage_is_refused_by_name_or_harmless()
    {
        byte[] sound = "s,t\n\"go, on\",weiter\nja,\"ja \"\"da\"\"\"\né,日\n"u8.ToArray();
        Gen.OneOf(Mutation.Of(sound), Mutation.Of(Samples.Gzip(sound))).Sample(
            bytes =>
            {
                try
                {
                    DataSet data = DataSets.Load(new DataSpec(new PairsSource(_folder.Write("fuzz.csv", bytes), TextUnit.Word, Header: true)), new(null, null)).Training;
                    _ = Teacher(data, data.Count - 1);
                }
                catch (DataException)
                {
                    // The one way in which a damaged file may be refused.
                }
            },
            threads: 1,
            iter: 2_000);
    }

    [Fact]
    public void Without_a_size_the_shorter_side_of_the_first_image_decides()
    {
        _folder.Write("img/wide.png", PngWriter.Write(5, 3, 2, 8, false, [.. Enumerable.Repeat(7, 45)]));
        _folder.Write("img/large.png", PngWriter.Write(8, 8, 2, 8, false, [.. Enumerable.Repeat(9, 192)]));
        Assert.Equal([3, 3, 3], Captions("i,c\nwide.png,x\nlarge.png,y\n", size: null).Training.InputShape);
        Assert.Equal([3, 8, 8], Captions("i,c\nlarge.png,y\nwide.png,x\n", size: null).Training.InputShape);
    }

    private DataParts Pairs(string table, ValidationSpec? validation = null, int? limit = null, TextUnit unit = TextUnit.Word) =>
        DataSets.Load(new DataSpec(new PairsSource(_folder.Write("pairs.csv", table), unit, Header: true)) { Validation = validation, Limit = limit }, new(null, null));

    private DataParts Captions(string table, ValidationSpec? validation = null, int? size = 2) => DataSets.Load(
        new DataSpec(new CaptionsSource(_folder["img"], _folder.Write("captions.csv", table), size, TextUnit.Word, Header: true)) { Validation = validation }, new(null, null));

    private void Image(string name, byte red) => _folder.Write(name, PngWriter.Write(2, 2, 2, 8, false, [.. Enumerable.Repeat((int)red, 12)]));

    private static float[] InputMask(DataSet data, int sample) => Copied(data.InputShape[0], pointer => data.CopyInputMask(sample, (float*)pointer));

    private static float[] TargetMask(DataSet data, int sample) => Copied(data.TargetMaskSteps, pointer => data.CopyTargetMask(sample, (float*)pointer));

    private static float[] Teacher(DataSet data, int sample) => Copied(data.TeacherLength, pointer => data.CopyTeacher(sample, (float*)pointer));

    private static float[] Copied(int length, Action<nint> copy)
    {
        float[] numbers = new float[length];
        fixed (float* pointer = numbers)
            copy((nint)pointer);
        return numbers;
    }

    private static int[] Targets(DataSet data, int sample)
    {
        int[] classes = new int[data.TargetSteps];
        fixed (int* pointer = classes)
            data.CopyTargetClasses(sample, pointer);
        return classes;
    }
}
