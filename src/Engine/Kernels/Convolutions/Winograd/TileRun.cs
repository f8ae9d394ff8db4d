namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>Tiles side by side in one row of tiles of one sample, which are neighbouring lanes of a panel.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Row">The row of tiles.</param>
/// <param name="Column">The first tile in it.</param>
/// <param name="Count">How many.</param>
/// <param name="Lane">The first one's lane.</param>
internal readonly record struct TileRun(int Sample, int Row, int Column, int Count, int Lane);

/// <summary>What a tile sees of an image: <paramref name="Size"/> rows and columns from (m·row − Top, m·column − Left), where tiles are m×m places on.</summary>
/// <param name="Size">2·m, or m for the tile itself.</param>
/// <param name="Top">Zeros above the image.</param>
/// <param name="Left">Zeros to its left.</param>
internal readonly record struct TileWindow(int Size, int Top, int Left);
