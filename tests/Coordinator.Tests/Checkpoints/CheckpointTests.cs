using CsCheck;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Tests.Parameters;
using Lockstep.Engine.Data.Text;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;

namespace Lockstep.Coordinator.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private readonly string _run = Directory.CreateTempSubdirectory("lockstep-checkpoints").FullName;
    private readonly LonePlan _lone = new();

    public void Dispose()
    {
        _lone.Dispose();
        Directory.Delete(_run, recursive: true);
    }

    [Fact]
    public void What_is_read_is_what_was_written()
    {
        WrittenCheckpoint written = Write(5, 0.25f);
        Checkpoint checkpoint = Checkpoint.Open(_run, Unexpected);
        Assert.Equal((written.Path, 5L), (checkpoint.Path, checkpoint.State.Step));
        using var parameters = new FloatBuffer(_lone.Layout.Length);
        using var momentum = new FloatBuffer(_lone.Layout.Length);
        checkpoint.ReadModel(_lone.Layout, parameters);
        checkpoint.ReadOptimizerState("momentum", _lone.Layout, momentum);
        foreach (ParameterView parameter in _lone.Layout.Parameters)
        {
            Assert.All(parameters.Slice(parameter.Offset, (int)parameter.Length).ToArray(), number => Assert.Equal(0.25f, number));
            Assert.All(momentum.Slice(parameter.Offset, (int)parameter.Length).ToArray(), number => Assert.Equal(-0.25f, number));
        }
    }

    [Fact]
    public void Equal_models_are_equal_files_whatever_the_run_and_the_term()
    {
        WrittenCheckpoint first = Write(5, 0.25f, run: "a", term: 1), second = Write(9, 0.25f, run: "b", term: 4);
        Assert.Equal(first.ModelSha256, second.ModelSha256);
        Assert.Equal(first.StateSha256, second.StateSha256);
        Assert.NotEqual(first.ModelSha256, Write(10, 0.5f).ModelSha256);
    }

    [Theory]
    [InlineData(CheckpointFiles.Model)]
    [InlineData(CheckpointFiles.Optimizer)]
    [InlineData(CheckpointFiles.Carried)]
    [InlineData(CheckpointFiles.Job)]
    [InlineData(CheckpointFiles.State)]
    public void A_damaged_file_is_named_and_the_checkpoint_before_is_used(string file)
    {
        WrittenCheckpoint older = Write(5, 1), newest = Write(6, 2);
        string path = Path.Combine(newest.Path, file);
        byte[] bytes = File.ReadAllBytes(path);
        // In the middle of the state stand the hashes of the others, so its own damage is at its beginning.
        bytes[file == CheckpointFiles.State ? 0 : bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        string? warning = null;
        Assert.Equal(older.Path, Checkpoint.Open(_run, text => warning = text).Path);
        Assert.Contains(file, warning, StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => Checkpoint.Open(newest.Path, Unexpected));
    }

    [Fact]
    public void A_missing_file_and_a_folder_that_was_cut_off_do_not_count()
    {
        WrittenCheckpoint older = Write(5, 1), newest = Write(6, 2);
        File.Delete(Path.Combine(newest.Path, CheckpointFiles.Optimizer));
        Directory.CreateDirectory(Path.Combine(_run, CheckpointFiles.Folder, CheckpointFiles.NameOf(7) + ".partial"));
        int warnings = 0;
        Assert.Equal(older.Path, Checkpoint.Open(_run, _ => warnings++).Path);
        Assert.Equal(1, warnings);
    }

    [Fact]
    public void So_many_are_kept_and_the_newest_are_they()
    {
        foreach (long step in (long[])[2, 4, 6, 8, 10])
            Write(step, step, keep: 2);
        Assert.Equal([8L, 10], Directory.EnumerateDirectories(Path.Combine(_run, CheckpointFiles.Folder)).Select(folder => CheckpointFiles.StepOf(folder)!.Value).Order());
    }

    [Fact]
    public void A_run_whose_checkpoints_have_no_room_is_refused_before_it_begins()
    {
        string folder = Path.Combine(_run, "not", "there");
        long needed = 2 * ((_lone.Layout.Length * 8) + 65_536);
        string? asked = null;
        InsufficientSpaceException refused = Assert.Throws<InsufficientSpaceException>(() => CheckpointWriter.RequireRoom(folder, _lone.Layout, 1, there =>
        {
            asked = there;
            return needed - 1;
        }));
        Assert.Equal(_run, asked);
        Assert.Contains(folder, refused.Message, StringComparison.Ordinal);
        CheckpointWriter.RequireRoom(folder, _lone.Layout, 1, _ => needed);
    }

    [Fact]
    public void A_run_without_a_checkpoint_says_what_to_do()
    {
        Directory.CreateDirectory(Path.Combine(_run, CheckpointFiles.Folder));
        Assert.Contains("without --resume", Assert.Throws<CheckpointException>(() => Checkpoint.Open(_run, Unexpected)).Message, StringComparison.Ordinal);
        Assert.Contains("is not a checkpoint", Assert.Throws<CheckpointException>(() => Checkpoint.Open(Path.GetTempPath(), Unexpected)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_model_is_refused_with_both_shapes()
    {
        Write(5, 1);
        var other = new ParameterLayout([new ParameterView("1.weight", 1, [11, 64], 0, false), new ParameterView("1.bias", 1, [10], 0, true)]);
        using var parameters = new FloatBuffer(other.Length);
        string message = Assert.Throws<CheckpointException>(() => Checkpoint.Open(_run, Unexpected).ReadModel(other, parameters)).Message;
        Assert.Contains("[11, 64]", message, StringComparison.Ordinal);
        Assert.Contains("[10, 64]", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vocabulary_lies_in_the_checkpoint_and_is_verified_but_is_no_part_of_the_hashes()
    {
        Vocabulary words = Vocabulary.Of(TextUnit.Word, ["the", "<end>", ","]), letters = Vocabulary.Of(TextUnit.Character, ["b", "\n", "ä"]);
        WrittenCheckpoint without = Write(5, 1), with = Write(6, 1, vocabulary: VocabularyFile.Write(letters, words));
        Assert.Equal((without.ModelSha256, without.StateSha256), (with.ModelSha256, with.StateSha256));
        Assert.False(File.Exists(Path.Combine(without.Path, CheckpointFiles.Vocabulary)));
        Assert.Equal((null, null), Checkpoint.Verify(without.Path).Vocabularies);
        Assert.Equal((letters, words), Checkpoint.Verify(with.Path).Vocabularies);

        string path = Path.Combine(with.Path, CheckpointFiles.Vocabulary);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^5] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("vocabulary.json is damaged", Assert.Throws<CheckpointException>(() => Checkpoint.Verify(with.Path)).Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains("vocabulary.json cannot be read", Assert.Throws<CheckpointException>(() => Checkpoint.Verify(with.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_state_is_never_more_than_a_refusal()
    {
        string state = Path.Combine(Write(5, 1).Path, CheckpointFiles.State);
        byte[] sound = File.ReadAllBytes(state);
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[0, sound.Length]).Sample(
            (at, value, length) =>
            {
                byte[] bytes = sound[..Math.Max(at + 1, length)];
                bytes[at] = value;
                File.WriteAllBytes(state, bytes);
                try
                {
                    Assert.Equal(5, Checkpoint.Verify(Path.GetDirectoryName(state)!).State.Step % 10);
                }
                catch (CheckpointException refused)
                {
                    Assert.NotEmpty(refused.Message);
                }
                catch (Xunit.Sdk.EqualException)
                {
                    // Another digit of the step is still a sound file: nothing protects it but the file system.
                }
            },
            iter: 400,
            threads: 1);
    }

    private unsafe WrittenCheckpoint Write(long step, float number, string run = "a", long term = 1, int keep = 5, byte[]? vocabulary = null)
    {
        using var pool = new VersionPool(_lone.Layout.Length, _lone.Layout.Blocks.Count);
        ParameterVersion version = pool.Rent(step);
        using var momentum = new FloatBuffer(_lone.Layout.Length);
        foreach (ParameterView parameter in _lone.Layout.Parameters)
        {
            new Span<float>(version.Pointer + parameter.Offset, (int)parameter.Length).Fill(number);
            momentum.Slice(parameter.Offset, (int)parameter.Length).Fill(-number);
        }
        int freed = 0;
        var snapshot = new TrainingSnapshot(version, ["momentum"], [momentum], () => freed++);
        var writer = new CheckpointWriter(_run, _lone.Layout, new CheckpointIdentity("job", run, () => term, "name: job\n"u8.ToArray(), "j", "d", 1, [], 4) { Vocabulary = vocabulary ?? [] }, keep);
        WrittenCheckpoint written = writer.Write(snapshot);
        snapshot.Dispose();
        snapshot.Dispose();
        Assert.Equal(1, freed);
        version.Unpin();
        return written;
    }

    private static void Unexpected(string warning) => Assert.Fail(warning);
}
