namespace Lockstep.Engine.Data.Images;

/// <summary>Reads one image as the sources of images read theirs.</summary>
public static unsafe class ImageInput
{
    /// <summary>The image as [3, size, size], red, green and blue from 0 to 255: its shorter side is made so long, and the centre is cut out.</summary>
    /// <param name="path">A PNG or JPEG file.</param>
    /// <param name="size">Pixels a side.</param>
    /// <exception cref="DataException">The file is missing, or no PNG or JPEG file, or damaged.</exception>
    public static float[] Read(string path, int size)
    {
        var store = new ImageStore(size, path);
        store.Add(PackedFile.ReadAll(path), path);
        float[] pixels = new float[3 * size * size];
        fixed (float* destination = pixels)
            store.Inputs().Copy(0, pixels.Length, destination);
        return pixels;
    }
}
