using Lockstep.Cli.Pictures;
using Lockstep.Engine.Randomness;

namespace Lockstep.Cli.Makers;

/// <summary>A shape of a scene.</summary>
/// <param name="Size">0 small, 1 large.</param>
/// <param name="Colour">Its number.</param>
/// <param name="Form">0 circle, 1 square, 2 triangle.</param>
/// <param name="X">Its centre.</param>
/// <param name="Y">Its centre, from above.</param>
/// <param name="Radius">Pixels from the centre to its side.</param>
internal readonly record struct PlacedShape(int Size, int Colour, int Form, int X, int Y, int Radius)
{
    public const int Sizes = 2;
    public const int Colours = 4;
    public const int Forms = 3;

    /// <summary>Every size, colour and form has a number.</summary>
    public int Kind => (((Size * Colours) + Colour) * Forms) + Form;

    public bool Covers(int x, int y)
    {
        int right = x - X, down = y - Y;
        return Form switch
        {
            0 => (right * right) + (down * down) <= Radius * Radius,
            1 => Math.Abs(right) < Radius && Math.Abs(down) < Radius,
            _ => Math.Abs(down) <= Radius && 2 * Math.Abs(right) <= down + Radius,
        };
    }

    public override string ToString() =>
        $"a {(Size == 0 ? "small" : "large")} {(Colour switch { 0 => "red", 1 => "green", 2 => "blue", _ => "yellow" })} {(Form switch { 0 => "circle", 1 => "square", _ => "triangle" })}";
}

/// <summary>Two shapes, the first on the left of the second or above it.</summary>
internal sealed record ShapeScene(PlacedShape First, PlacedShape Second, bool Above)
{
    public const int Side = 32;

    private const int Half = Side / 2;
    private const int Background = 40;
    private const int NoiseLevels = 33;

    public string Sentence => $"{First} {(Above ? "above" : "left of")} {Second}";

    /// <summary>Equal for equal sentences only.</summary>
    public int Number => (((First.Kind * PlacedShape.Sizes * PlacedShape.Colours * PlacedShape.Forms) + Second.Kind) * 2) + (Above ? 1 : 0);

    /// <summary>The scene of a number.</summary>
    /// <param name="random">What it is drawn from.</param>
    /// <param name="major">The part.</param>
    /// <param name="sample">Which scene.</param>
    public static ShapeScene Draw(CounterRandom random, ulong major, uint sample)
    {
        bool above = random.Below(2, major, sample, 0) == 1;
        // Across the direction in which they lie apart, shapes are nearly level, so that left of and above are never both true.
        int level = 8 + (int)random.Below(Half, major, sample, 1);
        return new ShapeScene(Shape(0), Shape(1), above);

        PlacedShape Shape(int which)
        {
            uint element = (uint)(2 + (8 * which));
            int size = Below(PlacedShape.Sizes, 0), radius = (size == 0 ? 3 : 6) + Below(2, 3);
            int apart = (which * Half) + radius + Below(Half - (2 * radius), 4);
            int across = Math.Clamp(level + Below(5, 5) - 2, radius, Side - 1 - radius);
            (int x, int y) = above ? (across, apart) : (apart, across);
            return new PlacedShape(size, Below(PlacedShape.Colours, 1), Below(PlacedShape.Forms, 2), x, y, radius);

            int Below(int bound, uint offset) => (int)random.Below((uint)bound, major, sample, element + offset);
        }
    }

    /// <summary>The picture: shapes on dark gray, with noise of whole levels on every sample.</summary>
    public Picture Paint(CounterRandom random, ulong major, uint sample)
    {
        var picture = new Picture(Side, Side, 3);
        for (int y = 0; y < Side; y++)
        {
            Span<byte> row = picture.Row(y);
            for (int x = 0; x < Side; x++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    int level = First.Covers(x, y) ? Level(First.Colour, channel) : Second.Covers(x, y) ? Level(Second.Colour, channel) : Background;
                    int noise = (int)random.Below(NoiseLevels, major, sample, (uint)((((y * Side) + x) * 3) + channel)) - (NoiseLevels / 2);
                    row[(x * 3) + channel] = (byte)(level + noise);
                }
            }
        }
        return picture;
    }

    private static int Level(int colour, int channel) => colour switch
    {
        3 => channel == 2 ? Background : 210,
        _ => channel == colour ? 220 : Background,
    };
}
