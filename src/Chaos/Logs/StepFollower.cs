using System.Text;

namespace Lockstep.Chaos.Logs;

/// <summary>Reads what is added to a run's <c>metrics.jsonl</c>: how many steps are decided, as far as the file says.</summary>
/// <param name="path">The file, which need not be there yet.</param>
public sealed class StepFollower(string path)
{
    private readonly StringBuilder _half = new();
    private long _position;

    /// <summary>Steps that are decided.</summary>
    public long Decided { get; private set; }

    /// <summary>Reads what is new; whether another step was decided.</summary>
    public bool Look()
    {
        long before = Decided;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length < _position)
                (_position, _) = (0, _half.Clear());
            stream.Position = _position;
            byte[] bytes = new byte[4096];
            for (int read; (read = stream.Read(bytes)) > 0; _position += read)
                _half.Append(Encoding.Latin1.GetString(bytes, 0, read));
        }
        catch (IOException)
        {
            // It is not there yet, or it is just being put in the place of another one.
            return false;
        }
        string text = _half.ToString();
        int end = text.LastIndexOf('\n') + 1;
        _half.Clear().Append(text, end, text.Length - end);
        foreach (string line in text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (StepLog.LineOf(line) is { Subject: "step" } step)
                Decided = Math.Max(Decided, step.Step + 1);
        }
        return Decided > before;
    }
}
