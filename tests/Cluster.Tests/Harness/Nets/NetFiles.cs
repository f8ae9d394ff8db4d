using System.Globalization;
using System.Text;
using Lockstep.Engine.Serialization;

namespace Lockstep.Cluster.Tests.Harness.Nets;

/// <summary>Makes the files of the jobs that read some: small, and the same at every call.</summary>
internal static class NetFiles
{
    /// <summary>Different characters of <see cref="Text"/>.</summary>
    public const int Characters = 11;

    /// <summary>Different words of the second sentences of <see cref="Pairs"/>, begin and end included.</summary>
    public const int TargetWords = 8;

    private static readonly string[] Words = ["cab", "bead", "fade", "gage", "head", "each", "badge", "hedge", "chafe", "beach"];

    // 19×13 pixels, by libjpeg-turbo: cjpeg -quality 85 -optimize -sample 2x2.
    private static readonly byte[] Jpeg = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8fExciJCIeJBweHx7/2wBDAQUFBQcGBw4ICA4e" +
        "FBEUHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh7/wAARCAANABMDASIAAhEBAxEB/8QAGAAAAwEBAAAAAAAAAAAAAAAAAAUHAgT/xAAlEAAB" +
        "BAEEAQQDAAAAAAAAAAABAgMEEQUABhIhExQiMUEHUbH/xAAWAQEBAQAAAAAAAAAAAAAAAAAGAwf/xAAoEQEAAQIEBAYDAAAAAAAAAAABAgMRAAUxQQQGEiEHExQiUbEyYdL/2gAMAwEA" +
        "AhEDEQA/AJ3tHYMx1/2NLPBXFXtPR1bMBGibLhJfnU9OKQY8BCwHXSbANfKUWk2sihRqzQONs4DJ5R5Xqd0ZBvxSF8fSpTGuyLvxceXx93XdfJ0hyORhYODnMXt/Esw50OS7DTOdX5SA" +
        "FlrmhACeK+woWVAEdg6Qcx5lX5g4YlVRXUjcPyTV72+bC4rkB5/D1K1Z6o0ospEfgL6tnbaK/eEENEmNGRHj4dchpscUu+eguvsUk9frvsaNdKfxRhswkZPJynZUyQObrq0C1H+AAUAB" +
        "0AAB0NGstr8Vl8asiVRvdv7X+j6MH6nifm85svXdN9ijFD9C90NLvd3x/9k=");

    /// <summary><c>text.txt</c>: 1,300 characters and the rest of a word, in lines of words.</summary>
    public static void Text(string folder)
    {
        var random = new Numbers(1);
        var text = new StringBuilder();
        for (int word = 1; text.Length < 1_300; word++)
            text.Append(Words[random.Below(Words.Length)]).Append(word % 9 == 0 ? ".\n" : " ");
        File.WriteAllText(Path.Combine(folder, "text.txt"), text.ToString());
    }

    /// <summary><c>train.bin</c> with 66 samples and <c>test.bin</c> with 22 in CIFAR-10's binary format: stripes whose width and colour depend on the class, with noise.</summary>
    public static void Cifar(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "train.bin"), Stripes(66, seed: 2));
        File.WriteAllBytes(Path.Combine(folder, "test.bin"), Stripes(22, seed: 3));
    }

    /// <summary><c>pairs.csv</c>: 60 sentences of one to five letters, and the words for them from the last to the first.</summary>
    public static void Pairs(string folder)
    {
        string[] letters = ["a", "b", "c", "d", "e", "f"], names = ["one", "two", "three", "four", "five", "six"];
        var random = new Numbers(4);
        var table = new StringBuilder("source,target\n");
        for (int row = 0; row < 60; row++)
        {
            int[] sentence = [.. Enumerable.Range(0, 1 + random.Below(5)).Select(_ => random.Below(letters.Length))];
            table.Append(CultureInfo.InvariantCulture, $"{string.Join(' ', sentence.Select(i => letters[i]))},{string.Join(' ', sentence.Reverse().Select(i => names[i]))}\n");
        }
        File.WriteAllText(Path.Combine(folder, "pairs.csv"), table.ToString());
    }

    /// <summary><c>images</c>: two classes of 16 JPEG files, one picture with other quantizers in each file, so with another brightness and contrast.</summary>
    public static void Images(string folder)
    {
        // The first table of quantizers begins here, with that of the mean.
        const int Quantizers = 25;
        for (int i = 0; i < 32; i++)
        {
            byte[] picture = [.. Jpeg];
            (picture[Quantizers], picture[Quantizers + 1]) = ((byte)(2 + (i / 4)), (byte)(1 + (i % 4 * (1 + (i % 2)))));
            string place = Directory.CreateDirectory(Path.Combine(folder, "images", i % 2 == 0 ? "even" : "odd")).FullName;
            File.WriteAllBytes(Path.Combine(place, string.Create(CultureInfo.InvariantCulture, $"{i:00}.jpg")), picture);
        }
    }

    /// <summary>
    /// <c>sequences.safetensors</c>: 45 sequences of 1 to 13 steps of 3 numbers, each step with one of 4 classes, their mask, and the state that a first layer of 6 units begins with.
    /// </summary>
    public static void Sequences(string folder)
    {
        const int Samples = 45, Steps = 13, Features = 3, Units = 6;
        var random = new Numbers(5);
        float[] inputs = new float[Samples * Steps * Features];
        float[] mask = new float[Samples * Steps];
        long[] targets = new long[Samples * Steps];
        float[] states = new float[Samples * Units];
        for (int i = 0; i < states.Length; i++)
            states[i] = (random.Below(200) - 100) / 128f;
        for (int sample = 0; sample < Samples; sample++)
        {
            int length = 1 + random.Below(Steps);
            for (int at = sample * Steps; at < (sample * Steps) + length; at++)
            {
                for (int feature = 0; feature < Features; feature++)
                    inputs[(at * Features) + feature] = (random.Below(256) - 128) / 64f;
                (mask[at], targets[at]) = (1, (inputs[at * Features] > 0 ? 1 : 0) + (at > 0 && inputs[(at - 1) * Features] > 0 ? 2 : 0));
            }
        }
        using FileStream file = File.Create(Path.Combine(folder, "sequences.safetensors"));
        SafetensorsWriter.Write(file,
        [
            TensorData.Of("0.h0_l0", [Samples, Units], states.AsMemory()),
            TensorData.Of("inputs", [Samples, Steps, Features], inputs.AsMemory()),
            TensorData.Of("mask", [Samples, Steps], mask.AsMemory()),
            TensorData.Of("targets", [Samples, Steps], targets.AsMemory()),
        ]);
    }

    private static byte[] Stripes(int samples, ulong seed)
    {
        var random = new Numbers(seed);
        byte[] content = new byte[samples * 3_073];
        for (int sample = 0; sample < samples; sample++)
        {
            int label = random.Below(10);
            content[sample * 3_073] = (byte)label;
            for (int i = 0; i < 3_072; i++)
                content[(sample * 3_073) + 1 + i] = (byte)((i % 32 / (1 + (label % 5)) % 2 * (i / 1_024 == label % 3 ? 150 : 60)) + random.Below(100));
        }
        return content;
    }

    /// <summary>A linear congruential generator (Knuth's MMIX): the files must be the same on every version of the library.</summary>
    private sealed class Numbers(ulong state)
    {
        private ulong _state = state;

        public int Below(int bound)
        {
            _state = (_state * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407;
            return (int)((_state >> 33) % (ulong)bound);
        }
    }
}
