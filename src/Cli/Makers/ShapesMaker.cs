using System.Globalization;
using System.Text;
using Lockstep.Cli.Pictures;
using Lockstep.Engine.Randomness;

namespace Lockstep.Cli.Makers;

/// <summary>
/// Pictures of 32×32 pixels with two coloured shapes, and a sentence about each, such as "a small red circle left of a large blue square": the folders <c>train</c> and
/// <c>held-out</c> of PNG files with the tables <c>train.csv</c> and <c>held-out.csv</c>. No sentence of the held-out part is one of the training part's, so that a model
/// must know what the words mean. Of the shapes the one on the left, or above, is named first, so that a picture has one sentence.
/// </summary>
internal sealed class ShapesMaker : IDataMaker
{
    private const int TrainingImages = 4_000;
    private const int HeldOutImages = 500;

    /// <summary>One sentence out of so many is kept for the held-out part.</summary>
    private const int HeldOutShare = 8;

    public string Name => "shapes";

    public string Description => "pictures of two coloured shapes and sentences about them, for captioning";

    public void Make(string folder, ulong seed)
    {
        var random = new CounterRandom(seed, RandomPurpose.MadeData);
        Write(folder, "train", random, seed, heldOut: false, TrainingImages);
        Write(folder, "held-out", random, seed, heldOut: true, HeldOutImages);
    }

    private static void Write(string folder, string part, CounterRandom random, ulong seed, bool heldOut, int count)
    {
        Directory.CreateDirectory(Path.Combine(folder, part));
        var table = new StringBuilder("image,sentence\n");
        uint drawn = 0;
        for (int i = 0; i < count; drawn++)
        {
            ulong major = heldOut ? 1UL : 0UL;
            var scene = ShapeScene.Draw(random, major, drawn);
            if (IsHeldOut(scene, seed) != heldOut)
                continue;
            string file = string.Create(CultureInfo.InvariantCulture, $"{i:0000}.png");
            table.Append(file).Append(',').Append(scene.Sentence).Append('\n');
            using FileStream stream = File.Create(Path.Combine(folder, part, file));
            PngFile.WriteStored(stream, scene.Paint(random, major + 2, drawn));
            i++;
        }
        File.WriteAllText(Path.Combine(folder, part + ".csv"), table.ToString());
    }

    private static bool IsHeldOut(ShapeScene scene, ulong seed) =>
        new CounterRandom(seed, RandomPurpose.MadeData, 1).Below(HeldOutShare, 0, (uint)scene.Number, 0) == 0;
}
