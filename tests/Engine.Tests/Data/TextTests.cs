using System.Text;
using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Text;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed unsafe class TextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Characters_are_scalar_values_and_nothing_is_translated()
    {
        TextStream stream = TextStream.Read(_folder.Write("a.txt", "\uFEFFb\r\na🙂é\uFFFD"), TextUnit.Character);
        Assert.Equal(["\n", "\r", "a", "b", "é", "\uFEFF", "\uFFFD", "🙂"], stream.Vocabulary.Texts);
        Assert.Equal([5, 3, 1, 0, 2, 7, 4, 6], stream.Tokens.ToArray());
        Assert.Equal("\uFEFFb\r\na🙂é\uFFFD", stream.Vocabulary.Decode(stream.Tokens));
    }

    [Theory]
    [InlineData("Don't stop, now!", "Don't|stop|,| |now|!")]
    [InlineData("a  b", "a| | |b")]
    [InlineData("a b ", "a|b| ")]
    [InlineData(" a\nb", " |a|\n|b")]
    [InlineData("naïve café 3x", "naïve|café|3x")]
    [InlineData("it\u2019s \u201Cso\u201D", "it\u2019s| |\u201C|so|\u201D")]
    [InlineData("日本 x", "日|本| |x")]
    [InlineData("hi🙂 you", "hi|🙂| |you")]
    [InlineData("- a-b_c", "-| |a|-|b|_|c")]
    public void Words_are_runs_of_letters_and_a_space_between_two_goes_without_saying(string text, string tokens)
    {
        TextStream stream = TextStream.Read(_folder.Write("a.txt", text), TextUnit.Word);
        Assert.Equal(tokens.Split('|'), stream.Tokens.ToArray().Select(token => stream.Vocabulary.Texts[token]));
    }

    [Fact]
    public void Any_text_comes_back_from_its_tokens() =>
        Gen.Select(Gen.OneOf(Gen.String[Gen.Char["ab'’ é日🙂,\n "], 0, 30], Gen.String[0, 30]), Gen.Bool).Sample(
            (drawn, words) =>
            {
                string text = Sound(drawn);
                var collector = new TokenCollector(words ? TextUnit.Word : TextUnit.Character, "text");
                collector.Add(text, "text");
                (Vocabulary vocabulary, int[] tokens) = collector.Finish();
                Assert.Equal(text, vocabulary.Decode(tokens));
                Assert.Equal(tokens, vocabulary.Encode(text, "text"));
                Assert.Equal(vocabulary.Texts.OrderBy(Encoding.UTF8.GetBytes, Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right))), vocabulary.Texts);
                Assert.Equal(vocabulary, VocabularyFile.Read(VocabularyFile.Write(null, vocabulary), "v").Target);
            },
            iter: 2_000);

    [Fact]
    public void Lanes_lie_side_by_side_and_each_token_has_the_next_one_as_its_target()
    {
        TextStream stream = TextStream.Read(_folder.Write("a.txt", "abcdefghij"), TextUnit.Character);
        DataSet lanes = stream.AsLanes(2);
        Assert.Equal(2, lanes.Count);
        Assert.Equal([4], lanes.InputShape);
        Assert.True(lanes is { InputsAreTokens: true, IsStream: true, HasClasses: true, ClassCount: 10, VocabularySize: 10, TargetSteps: 4 });
        Assert.Equal([0f, 1, 2, 3], lanes.Input(0));
        Assert.Equal([4f, 5, 6, 7], lanes.Input(1));
        Assert.Equal([1, 2, 3, 4], Targets(lanes, 0));
        Assert.Equal([5, 6, 7, 8], Targets(lanes, 1));
        Assert.Same(stream.Vocabulary, lanes.Vocabulary);
        Assert.Equal([9], stream.AsLanes(1).InputShape);
        Assert.Equal([1], stream.AsLanes(9).InputShape);
        Assert.Contains("too few for 10 lanes", Assert.Throws<DataException>(() => stream.AsLanes(10)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => lanes.ClassOf(0));
    }

    [Fact]
    public void Every_predicted_token_is_the_one_after_for_any_number_of_lanes() =>
        Gen.Select(Gen.Int[2, 200], Gen.Int[1, 20]).Where((tokens, lanes) => tokens > lanes).Sample(
            (count, lanes) =>
            {
                string text = string.Concat(Enumerable.Range(0, count).Select(i => (char)('a' + i * i % 17)));
                TextStream stream = TextStream.Read(_folder.Write("a.txt", text), TextUnit.Character);
                DataSet data = stream.AsLanes(lanes);
                int length = data.InputLength;
                Assert.InRange(count - 1 - length * lanes, 0, lanes - 1);
                for (int lane = 0; lane < lanes; lane++)
                {
                    Assert.Equal(stream.Tokens.Slice(lane * length, length).ToArray(), data.Input(lane).Select(token => (int)token));
                    Assert.Equal(stream.Tokens.Slice(lane * length + 1, length).ToArray(), Targets(data, lane));
                }
            },
            threads: 1,
            iter: 100);

    [Fact]
    public void The_last_tokens_are_for_validation_and_limits_count_tokens()
    {
        string path = _folder.Write("a.txt", "abcabcabcab");
        DataParts parts = DataSets.Load(new DataSpec(new TextSource(path, TextUnit.Character, Lanes: 2)) { Limit = 10, Validation = new FractionValidation(0.3) }, new(null, null));
        Assert.Equal([0f, 1, 2], parts.Training.Input(0));
        Assert.Equal([0f, 1, 2], parts.Training.Input(1));
        Assert.Equal([1, 2, 0], Targets(parts.Training, 1));
        Assert.NotNull(parts.Validation);
        Assert.Equal([1f], parts.Validation.Input(0));
        Assert.Equal([2f], parts.Validation.Input(1));
        Assert.Equal([2], Targets(parts.Validation!, 0));
    }

    [Fact]
    public void Another_text_is_validated_with_the_same_vocabulary()
    {
        string training = _folder.Write("a.txt", "abab"), other = _folder.Write("b.txt", "bcb");
        DataParts parts = DataSets.Load(new DataSpec(new TextSource(training, TextUnit.Character, 1)) { Validation = new SourceValidation(new TextSource(other, TextUnit.Character, 1)) }, new(null, null));
        Assert.Equal(["a", "b", "c"], parts.Training.ClassNames);
        Assert.NotNull(parts.Validation);
        Assert.Equal([1f, 2], parts.Validation.Input(0));
        Assert.NotEqual(parts.Training.Fingerprint, parts.Validation.Fingerprint);
    }

    [Fact]
    public void Several_files_are_one_stream_in_the_order_of_their_names_bytes()
    {
        _folder.Write("texts/b.txt", "2");
        _folder.Write("texts/Z.txt", Samples.Gzip("1"u8.ToArray()));
        _folder.Write("texts/é.txt", "3");
        _folder.Write("texts/.hidden.txt", "x");
        _folder.Write("more/a.txt", "0");
        TextStream stream = TextStream.Read(_folder["*/*.txt"], TextUnit.Character);
        Assert.Equal([0, 1, 2, 3], stream.Tokens.ToArray());
        Assert.Equal("0123", stream.Vocabulary.Decode(stream.Tokens));
        Assert.Equal("123", string.Concat(TextStream.Read(_folder["texts/?.txt"], TextUnit.Character).Vocabulary.Texts));
        Assert.Throws<DataException>(() => TextStream.Read(_folder["none/*.txt"], TextUnit.Character));
    }

    [Theory]
    [InlineData(new byte[] { 97, 0xC3 }, "Byte 1 begins no UTF-8")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "Byte 0 begins no UTF-8")]
    [InlineData(new byte[] { 97, 32, 0xFF }, "Byte 2 begins no UTF-8")]
    public void What_is_not_UTF8_is_refused(byte[] content, string reason)
    {
        foreach (TextUnit unit in Enum.GetValues<TextUnit>())
            Assert.Contains(reason, Assert.Throws<DataException>(() => TextStream.Read(_folder.Write("a.txt", content), unit)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_has_a_greatest_length()
    {
        Assert.Equal(1, TextStream.Read(_folder.Write("a.txt", new string('a', 1024)), TextUnit.Word).Count);
        Assert.Contains("more than 1024 letters", Assert.Throws<DataException>(() => TextStream.Read(_folder.Write("a.txt", new string('a', 1025)), TextUnit.Word)).Message, StringComparison.Ordinal);
        Assert.Contains("more than 1024 letters", Assert.Throws<DataException>(() => TextStream.Read(_folder.Write("a.txt", string.Concat(Enumerable.Repeat("𐐀", 513))), TextUnit.Word)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_with_a_token_that_was_not_trained_is_refused()
    {
        Vocabulary vocabulary = TextStream.Read(_folder.Write("a.txt", "to be"), TextUnit.Word).Vocabulary;
        Assert.Equal([1, 0, 1], vocabulary.Encode("to be to", "the prompt"));
        Assert.Contains("'or' is not in the vocabulary", Assert.Throws<DataException>(() => vocabulary.Encode("to be or not", "the prompt")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_become_vectors()
    {
        DataSet lanes = TextStream.Read(_folder.Write("a.txt", "abca"), TextUnit.Character).AsLanes(1);
        TransformPipeline pipeline = TransformPipeline.Fit([new OneHotTransform()], lanes);
        Assert.Equal([3, 3], pipeline.OutputShape);
        float[] output = new float[9];
        fixed (float* pointer = output)
            pipeline.Read(lanes, 0, pointer, SampleVisit.Evaluation);
        Assert.Equal([1f, 0, 0, 0, 1, 0, 0, 0, 1], output);
        Assert.Equal([3, 5], TransformPipeline.Fit([new OneHotTransform(5)], lanes).OutputShape);
        Assert.Equal("transforms.0.size", Assert.Single(pipeline.Statistics).Name);
        Assert.Contains("do not fit in 'oneHot: 2'", Assert.Throws<DataException>(() => TransformPipeline.Fit([new OneHotTransform(2)], lanes)).Message, StringComparison.Ordinal);
        Assert.Contains("names and no quantities", Assert.Throws<DataException>(() => TransformPipeline.Fit([new ScaleTransform(2)], lanes)).Message, StringComparison.Ordinal);
        Assert.Contains("are no tokens", Assert.Throws<DataException>(() => TransformPipeline.Fit([new OneHotTransform()], DataSets.Digits().Training)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_refused_by_name_or_harmless() =>
        Mutation.Of(Encoding.UTF8.GetBytes("Füß' 🙂 日本, \uFEFFx\r\n")).Sample(
            bytes =>
            {
                foreach (TextUnit unit in Enum.GetValues<TextUnit>())
                {
                    try
                    {
                        TextStream stream = TextStream.Read(_folder.Write("fuzz", bytes), unit);
                        Assert.Equal(Encoding.UTF8.GetString(bytes), stream.Vocabulary.Decode(stream.Tokens));
                    }
                    catch (DataException)
                    {
                        // The one way in which a damaged file may be refused.
                    }
                }
            },
            threads: 1,
            iter: 1_000);

    [SkippableFact]
    public void Tiny_Shakespeare_has_65_characters()
    {
        string? folder = Environment.GetEnvironmentVariable("LOCKSTEP_DATA");
        Skip.If(folder is null || !File.Exists(Path.Combine(folder, "tinyshakespeare/input.txt")), "LOCKSTEP_DATA has no tinyshakespeare/input.txt.");
        TextStream stream = TextStream.Read(Path.Combine(folder!, "tinyshakespeare/input.txt"), TextUnit.Character);
        Assert.Equal(1_115_394, stream.Count);
        Assert.Equal(65, stream.Vocabulary.Count);
        TextStream words = TextStream.Read(Path.Combine(folder!, "tinyshakespeare/input.txt"), TextUnit.Word);
        Assert.Equal(stream.Vocabulary.Decode(stream.Tokens), words.Vocabulary.Decode(words.Tokens));
    }

    private static string Sound(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static int[] Targets(DataSet data, int sample)
    {
        int[] classes = new int[data.TargetSteps];
        fixed (int* pointer = classes)
            data.CopyTargetClasses(sample, pointer);
        return classes;
    }
}
