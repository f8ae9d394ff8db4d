namespace Lockstep.Engine.Data.Idx;

/// <summary>Images and their labels from a pair of IDX files.</summary>
internal static class IdxDataSet
{
    /// <param name="images">Bytes [N, H, W] for inputs [1, H, W], or [N, C, H, W].</param>
    /// <param name="labels">Bytes [N].</param>
    /// <param name="name">What messages call the data set.</param>
    /// <param name="leastClasses">How many classes there are at least.</param>
    /// <exception cref="DataException">A file is missing or damaged, or the two do not belong together.</exception>
    public static DataSet Read(string images, string labels, string name, int leastClasses = 0)
    {
        IdxFile pixels = IdxFile.Read(images);
        if (pixels.Axes.Count is not (3 or 4))
            throw new DataException(images, $"It has {pixels.Axes.Count} axes; images have 3 (samples, height, width) or 4 (samples, channels, height, width).", "Give the file of the images, not of the labels.");
        int[] shape = pixels.Axes.Count == 3 ? [1, pixels.Axes[1], pixels.Axes[2]] : [.. pixels.Axes.Skip(1)];
        if (shape.Contains(0) || pixels.Axes[0] == 0)
            throw new DataException(images, $"Its axes are {string.Join(" × ", pixels.Axes)}: there is nothing in it.", "Give a file with images.");

        IdxFile classes = IdxFile.Read(labels);
        if (classes.Axes.Count != 1)
            throw new DataException(labels, $"It has {classes.Axes.Count} axes; labels have 1.", "Give the file of the labels, not of the images.");
        if (classes.Axes[0] != pixels.Axes[0])
            throw new DataException(labels, $"It has {classes.Axes[0]} labels, but {images} has {pixels.Axes[0]} images.", "Give two files that belong together.");

        int[] numbers = new int[classes.Axes[0]];
        int highest = leastClasses - 1;
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = classes.Content[classes.Start + i];
            highest = Math.Max(highest, numbers[i]);
        }
        using var fingerprint = new DataFingerprint();
        string digest = fingerprint.Add(pixels.Content).Add(classes.Content).Finish();
        return new DataSet(name, shape, new ByteInputs(pixels.Content, pixels.Start), numbers, ClassList.Numbers(highest + 1), digest);
    }
}
