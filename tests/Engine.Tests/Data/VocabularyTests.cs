using System.Text;
using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Text;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed class VocabularyTests
{
    [Fact]
    public void A_file_is_these_bytes()
    {
        Vocabulary input = Vocabulary.Of(TextUnit.Character, ["é", "\"", "\\", "\n", "🙂", "\u007f", "a"]);
        Vocabulary target = Vocabulary.Of(TextUnit.Word, ["to", "<end>", "<begin>", "be"]);
        Assert.Equal(
            """{"input":{"unit":"character","tokens":["\u000a","\"","\\","a",""" + "\"\u007f\"" + ""","é","🙂"]},"target":{"unit":"word","tokens":["<begin>","<end>","be","to"]}}""" + "\n",
            Encoding.UTF8.GetString(VocabularyFile.Write(input, target)));
        Assert.Equal("{}\n", Encoding.UTF8.GetString(VocabularyFile.Write(null, null)));
        (Vocabulary? first, Vocabulary? second) = VocabularyFile.Read(VocabularyFile.Write(input, target), "v");
        Assert.Equal(input, first);
        Assert.Equal(target, second);
        Assert.Equal((0, 1), (second!.BeginToken, second.EndToken));
        Assert.Equal((-1, -1), (first!.BeginToken, first.EndToken));
        Assert.Equal((null, null), VocabularyFile.Read("{}"u8, "v"));
    }

    [Fact]
    public void Begin_and_end_have_no_text()
    {
        Vocabulary words = Vocabulary.Of(TextUnit.Word, ["to", "<end>", "<begin>", "be"]);
        Assert.Equal("to be", words.Decode([0, 3, 2, 1]));
    }

    [Theory]
    [InlineData("", "It is no vocabulary")]
    [InlineData("[]", "StartObject is expected")]
    [InlineData("{\"x\":1}", "unknown")]
    [InlineData("{\"input\":{\"unit\":\"word\"}}", "missing")]
    [InlineData("{\"input\":{\"tokens\":[]}}", "missing")]
    [InlineData("{\"input\":{\"unit\":\"line\",\"tokens\":[]}}", "neither character nor word")]
    [InlineData("{\"input\":{\"unit\":\"word\",\"tokens\":[\"b\",\"a\"]}}", "not sorted")]
    [InlineData("{\"input\":{\"unit\":\"word\",\"tokens\":[\"a\",\"a\"]}}", "not sorted")]
    [InlineData("{\"input\":{\"unit\":\"word\",\"tokens\":[\"\"]}}", "empty")]
    [InlineData("{\"input\":{\"unit\":\"word\",\"tokens\":[1]}}", "no text")]
    [InlineData("{\"input\":{\"unit\":\"word\",\"tokens\":[\"\\ud800\"]}}", "It is no vocabulary")]
    [InlineData("{\"input\":{\"unit\":\"word\",\"tokens\":[],\"tokens\":[]}}", "twice")]
    [InlineData("{} {}", "It is no vocabulary")]
    public void A_faulty_file_is_refused_with_its_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<DataException>(() => VocabularyFile.Read(Encoding.UTF8.GetBytes(json), "v")).Message, StringComparison.Ordinal);

    [Fact]
    public void Damage_is_refused_by_name_or_harmless()
    {
        byte[] sound = VocabularyFile.Write(Vocabulary.Of(TextUnit.Character, ["a", "b", "é", "\n"]), Vocabulary.Of(TextUnit.Word, ["<begin>", "x"]));
        Mutation.Of(sound).Sample(
            bytes =>
            {
                try
                {
                    (Vocabulary? input, Vocabulary? target) = VocabularyFile.Read(bytes, "fuzz");
                    _ = VocabularyFile.Write(input, target);
                }
                catch (DataException)
                {
                    // The one way in which a damaged file may be refused.
                }
            },
            iter: 5_000);
    }
}
