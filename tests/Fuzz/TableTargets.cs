using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Sentences;
using Lockstep.Engine.Data.Tables;
using Lockstep.Engine.Data.Text;
using Lockstep.Jobs;

namespace Lockstep.Fuzz;

/// <summary>What people write: job files, tables, texts, and the JSON beside models.</summary>
internal static class TableTargets
{
    private const string Job = """
        name: lenet
        seed: 7
        data: { dataset: digits, transforms: [ { scale: 1/16 }, standardize ] }
        model:
          - conv2d: { filters: 6, kernel: 3, padding: same }
          - relu
          - maxPool2d: { size: 2 }
          - flatten
          - dense: { units: 10, name: out }
        training:
          loss: softmaxCrossEntropy
          epochs: 2
          batch: 32
          optimizer: { sgd: { learningRate: 0.05, momentum: 0.9 } }
          schedule: { step: { every: 3, factor: 0.5 } }
        evaluation: { everyEpochs: 1, metrics: [accuracy, loss] }
        checkpoint: { everySteps: 15, keep: 3 }
        """;

    private static readonly CsvOptions Columns = new("table.csv", [0, 1]) { Targets = [2], Header = true };

    private static readonly CsvOptions Series = new("series.csv", [0, 1]) { Targets = [0], Header = true, Window = 2, LogReturn = [0] };

    public static IEnumerable<FuzzTarget> All =>
    [
        new("job", Texts(Job, "name: x\ndata: { csv: { path: t.csv, inputs: [a], targets: [b] } }\nmodel:\n  - dense: { units: 1 }\ntraining: { loss: l2, steps: 3, batch: 4, optimizer: { adam: { learningRate: 1e-3 } } }\n", "a: &x [1, 2]\nb: *x\n? c\n: |\n  d\n"), ReadJob, static e => e is JobFaultException)
        {
            Words = Texts("&a ", "*a", "<<: *a\n", "!!str ", "\t", "---\n", "...\n", "{", "[", "? ", "|\n", ">-\n", "\ufeff", "\"\\u0000\"", "name:", "model:", "units:", "- ", "# "), AllowedBytes = 32 << 20, BytesPerByte = 4096,
        },
        new("csv", Texts("a,b,c\n1,2,3\n4,5.5,-6e2\n", "a,b,c\r\n\"1\",\"2\"\"\",3\r\n", "a;b\n", "x,y,z\n1,,NaN\n"), ReadTable, static e => e is DataException) { Words = Texts("\"", "\"\"", ",", "\r\n", "\n", "\0", "1e999", "\ufeff"), BytesPerByte = 512 },
        new("series", Texts("a,b\n1,2\n3,4\n5,6\n7,8\n", "a,b\n1e3,0.5\n2e3,0.25\n3e3,0.125\n\n"), ReadSeries, static e => e is DataException) { Words = Texts("\"", ",", "\n", "0", "-", "1e308", "1e-320"), BytesPerByte = 512 },
        new("pairs", Texts("hello world,bonjour le monde\na,b\n", "x,\"y, z\"\n"), ReadPairs, static e => e is DataException) { Words = Texts("\"", ",", "\n", "\0"), BytesPerByte = 512 },
        new("text", Texts("It was the best of times,\nit was the worst of times. Ärger, naïve 日本語 \U0001F600\r\n", "aaaa"), ReadText, static e => e is DataException)
        {
            Words = [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xEF, 0xBB, 0xBF], [0xE2, 0x80, 0xA8], [0xFF]], BytesPerByte = 256,
        },
        new("vocabulary", [VocabularyFile.Write(Vocabulary.Of(TextUnit.Character, ["\0", "a", "b"]), Vocabulary.Of(TextUnit.Word, ["<end>", "the", "words"])), VocabularyFile.Write(Vocabulary.Of(TextUnit.Word, ["x"]), null), VocabularyFile.Write(null, null)],
            static bytes => VocabularyFile.Read(bytes, "vocabulary.json"), static e => e is DataException) { Words = Texts("\"", "[", "]", "{", "}", "\\ud800", "null", "\"input\":", "1e9"), BytesPerByte = 512 },
        new("state", [new CheckpointState(1, "x", 10, 2, "run", 1, "ab", "cd", 1, new Dictionary<string, string> { ["model.safetensors"] = "aa" }, "bb").ToJson()],
            static bytes => CheckpointState.FromJson(bytes), static e => e is JsonException) { Words = Texts("\"", "{", "}", "null", "[", ",", "\"step\":", "1e400"), BytesPerByte = 512 },
    ];

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static void ReadJob(byte[] bytes)
    {
        Job job = JobFile.Read(bytes, "job.yaml");
        // What is written of a job is the same job.
        byte[] written = JobText.Bytes(job);
        if (!JobText.Bytes(JobFile.Read(written, "job.yaml")).AsSpan().SequenceEqual(written))
            throw new InvalidDataException("A job that was written is another one.");
    }

    private static void ReadTable(byte[] bytes)
    {
        DataSet set = CsvDataSet.Read(bytes, Columns, "table.csv");
        if (set.Count < 1)
            throw new InvalidDataException("A table without rows was let through.");
    }

    private static void ReadSeries(byte[] bytes) => SeriesTable.Read(bytes, Series, "series.csv").Windows();

    private static void ReadPairs(byte[] bytes) => SentenceTable.Read(Scratch.File("pairs.csv", bytes), header: false);

    private static void ReadText(byte[] bytes)
    {
        foreach (TextUnit unit in (TextUnit[])[TextUnit.Character, TextUnit.Word])
        {
            var collector = new TokenCollector(unit, "text");
            collector.Add(bytes, "text.txt");
            (Vocabulary vocabulary, int[] tokens) = collector.Finish();
            if (unit == TextUnit.Character && !Encoding.UTF8.GetBytes(vocabulary.Decode(tokens)).AsSpan().SequenceEqual(bytes))
                throw new InvalidDataException("A text's tokens are another text.");
        }
    }
}
