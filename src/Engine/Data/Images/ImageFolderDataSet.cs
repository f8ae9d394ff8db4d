using System.Text;
using Lockstep.Engine.Data.Text;

namespace Lockstep.Engine.Data.Images;

/// <summary>
/// Images [3, size, size], bytes, from a folder with one folder for each class. Classes are in the order of their names' UTF-8 bytes, and so are the images of each. Names that
/// begin with a dot are left out; every other file must be an image.
/// </summary>
internal static class ImageFolderDataSet
{
    /// <exception cref="DataException">There are no images, or one cannot be decoded.</exception>
    public static DataSet Read(string path, int size)
    {
        if (size < 1)
            throw new DataException(path, $"The size is {size}.", "Give a size of at least 1.");
        string[] classes = Names(path, Directory.EnumerateDirectories);
        if (classes.Length < 1)
            throw new DataException(path, "It has no folders, which would be the classes.", "Put the images of each class in a folder of its own.");
        string[][] files = [.. classes.Select(name => Names(Path.Combine(path, name), Directory.EnumerateFiles))];
        if (Array.FindIndex(files, list => list.Length == 0) is >= 0 and var empty)
            throw new DataException(Path.Combine(path, classes[empty]), "The folder is empty.", "Put images in it, or delete it.");

        var store = new ImageStore(size, path);
        var labels = new List<int>();
        using var fingerprint = new DataFingerprint();
        store.Reserve(files.Sum(list => list.Length));
        for (int i = 0; i < classes.Length; i++)
        {
            // Here the folders' names say what an image is, so they are part of the data; those of the files say nothing.
            fingerprint.Add(Encoding.UTF8.GetBytes(classes[i]));
            foreach (string file in files[i])
            {
                string full = Path.Combine(path, classes[i], file);
                byte[] content = PackedFile.ReadAll(full);
                fingerprint.Add(content);
                store.Add(content, full);
                labels.Add(i);
            }
        }
        return new DataSet(path, [3, size, size], store.Inputs(), [.. labels], classes, fingerprint.Finish());
    }

    private static string[] Names(string folder, Func<string, IEnumerable<string>> enumerate)
    {
        try
        {
            return [.. enumerate(folder).Select(entry => Path.GetFileName(entry)).Where(name => name[0] != '.').OrderBy(name => name, Vocabulary.ByUtf8)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataException(folder, $"The folder cannot be read: {fault.Message}", "Check the path and the permissions.", fault);
        }
    }
}
