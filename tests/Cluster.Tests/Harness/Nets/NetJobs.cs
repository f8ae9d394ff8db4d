namespace Lockstep.Cluster.Tests.Harness.Nets;

/// <summary>
/// A job for each kind of net, of a few dozen steps of a few milliseconds. Each ends in the middle of an epoch that is not its first, and saves
/// its state at steps that are no multiples of an epoch.
/// </summary>
public static class NetJobs
{
    /// <summary>Convolutions, pooling and tanh, as in LeCun et al. 1998; the last minibatch is left out.</summary>
    public static readonly TestJob LeNet = new("lenet", 27, 5)
    {
        Data = """
            dataset: digits
            limit: 200
            validation: { fraction: 0.2 }
            transforms: [ scale: 1/16, subtractMean: perPixel ]
            """,
        Model = """
            - conv2d: { filters: 4, kernel: 3, padding: 1 }
            - tanh
            - averagePool2d: { kernel: 2 }
            - conv2d: { filters: 6, kernel: 3 }
            - tanh
            - maxPool2d: { kernel: 2 }
            - flatten
            - dense: { units: 16 }
            - tanh
            - dense: { units: 10 }
            """,
        Batch = 24,
        Training = """
            lastBatch: drop
            schedule: { step: { everyEpochs: 2, factor: 0.5 } }
            regularization: { l2: 0.0005 }
            """,
    };

    /// <summary>Convolutions of 3×3 taps with so many channels that they are computed with fewer products, as in Simonyan and Zisserman 2015.</summary>
    public static readonly TestJob Vgg = new("vgg", 20, 4)
    {
        Data = """
            dataset: digits
            limit: 120
            validation: { fraction: 0.2 }
            transforms: [ scale: 1/16 ]
            """,
        Model = """
            - conv2d: { filters: 32, kernel: 3, padding: 1 }
            - relu
            - conv2d: { filters: 33, kernel: 3, padding: 1 }
            - relu
            - maxPool2d: { kernel: 2 }
            - conv2d: { filters: 40, kernel: 3, padding: 1, bias: false }
            - relu
            - flatten
            - dense: { units: 10 }
            """,
        Batch = 12,
        LearningRate = "0.02",
    };

    /// <summary>An LSTM whose state is carried from chunk to chunk of a text; more leaves than lanes, so that some are empty.</summary>
    public static readonly TestJob Lstm = new("lstm", 52, 8)
    {
        Data = """
            text: { path: text.txt }
            validation: { fraction: 0.2 }
            """,
        Model = $$"""
            - embedding: { size: 6 }
            - lstm: { units: 9, peephole: diagonal }
            - dense: { units: {{NetFiles.Characters}} }
            """,
        Batch = 11,
        Optimizer = "adam: { learningRate: 0.02 }",
        Training = """
            truncatedBptt: { steps: 5 }
            clip: { globalNorm: 1 }
            """,
        Evaluation = "evaluation: { everyEpochs: 1, metrics: [bitsPerCharacter, accuracy] }",
        MakeFiles = NetFiles.Text,
    };

    /// <summary>A GRU of two levels with dropout on a text, whose gradients go back further than the new steps: windows overlap.</summary>
    public static readonly TestJob Gru = new("gru", 61, 9)
    {
        Data = """
            text: { path: text.txt }
            validation: { fraction: 0.2 }
            """,
        Model = $$"""
            - embedding: { size: 6 }
            - dropout: { rate: 0.2 }
            - gru: { units: 8, layers: 2, resetAfter: true }
            - dropout: { rate: 0.3 }
            - dense: { units: {{NetFiles.Characters}} }
            """,
        Batch = 10,
        Shards = 8,
        Optimizer = "rmsprop: { learningRate: 0.005 }",
        Training = "truncatedBptt: { steps: 4, backward: 10 }",
        Evaluation = "evaluation: { everySteps: 13, metrics: [perplexity, accuracy] }",
        MakeFiles = NetFiles.Text,
    };

    /// <summary>Groups, local response normalization, overlapping pooling and dropout, as in Krizhevsky et al. 2012, on crops and mirror images.</summary>
    public static readonly TestJob AlexNet = new("alexnet", 22, 3)
    {
        Data = """
            cifar: { train: train.bin, test: test.bin }
            validation: test
            transforms: [ scale: 1/255, subtractMean: perChannel, randomCrop: { size: 20, padding: 2 }, randomFlip: horizontal ]
            """,
        Model = """
            - conv2d: { filters: 8, kernel: 5, stride: 2, padding: 1 }
            - relu
            - localResponseNorm
            - maxPool2d: { kernel: 3, stride: 2 }
            - conv2d: { filters: 8, kernel: 3, padding: 1, groups: 2 }
            - relu
            - maxPool2d: { kernel: 3, stride: 2, padding: 1 }
            - flatten
            - dropout: { rate: 0.5 }
            - dense: { units: 16 }
            - relu
            - dropout: { rate: 0.5 }
            - dense: { units: 10 }
            """,
        Batch = 16,
        Shards = 8,
        LearningRate = "0.02",
        Evaluation = "evaluation: { everyEpochs: 1, metrics: [accuracy, top5, loss] }",
        MakeFiles = NetFiles.Cifar,
    };

    /// <summary>Batch normalization of images and of features, one layer with given statistics; leaves of three, two, one and no sample.</summary>
    public static readonly TestJob BatchNorm = new("batchnorm", 23, 4)
    {
        Data = """
            dataset: digits
            limit: 200
            validation: { fraction: 0.2 }
            transforms: [ scale: 1/16 ]
            """,
        Model = """
            - conv2d: { filters: 4, kernel: 3, bias: false }
            - batchNorm
            - relu
            - flatten
            - dense: { units: 12 }
            - batchNorm: { momentum: 0.3 }
            - relu
            - batchNorm: { frozen: true }
            - dense: { units: 10 }
            """,
        Batch = 38,
        Optimizer = "adam: { learningRate: 0.01 }",
    };

    /// <summary>An encoder and a decoder with other units, on sentences of different lengths, each with its mask.</summary>
    public static readonly TestJob SequenceToSequence = new("seq2seq", 28, 5)
    {
        Data = """
            pairs: { path: pairs.csv }
            validation: { fraction: 0.2 }
            """,
        Model = $$"""
            encoder:
              - embedding: { size: 5 }
              - lstm: { units: 7 }
            decoder:
              - embedding: { size: 5 }
              - lstm: { units: 9 }
              - dense: { units: {{NetFiles.TargetWords}} }
            """,
        Batch = 9,
        Shards = 8,
        Optimizer = "adagrad: { learningRate: 0.1 }",
        Evaluation = "evaluation: { everyEpochs: 1, metrics: [loss, accuracy, exactMatch] }",
        MakeFiles = NetFiles.Pairs,
    };

    /// <summary>JPEG files, decoded and made smaller.</summary>
    public static readonly TestJob Images = new("images", 22, 3)
    {
        Data = """
            images: { path: images, size: 10 }
            validation: { fraction: 0.25 }
            transforms: [ standardize, randomFlip: horizontal ]
            """,
        Model = """
            - conv2d: { filters: 4, kernel: 3, stride: 2 }
            - relu
            - flatten
            - dense: { units: 2 }
            """,
        Batch = 7,
        Shards = 4,
        MakeFiles = NetFiles.Images,
    };

    /// <summary>The last minibatch of an epoch has 5 samples for 16 leaves.</summary>
    public static readonly TestJob SmallMinibatch = new("small-minibatch", 28, 3)
    {
        Data = """
            dataset: digits
            limit: 86
            validation: { fraction: 0.2 }
            transforms: [ scale: 1/16 ]
            """,
        Model = """
            - flatten
            - dense: { units: 20 }
            - sigmoid
            - dropout: { rate: 0.25 }
            - dense: { units: 10 }
            """,
        Batch = 16,
        Training = "regularization: { maxNorm: 1.5 }",
    };

    /// <summary>Sequences that are longer than a chunk, with masks and first states of their own; the last minibatch has fewer lanes than the others.</summary>
    public static readonly TestJob Sequences = new("sequences", 49, 7)
    {
        Data = """
            tensors: { path: sequences.safetensors }
            validation: { fraction: 0.2 }
            """,
        Model = """
            - rnn: { units: 6, layers: 2 }
            - dropout: { rate: 0.1 }
            - dense: { units: 4 }
            """,
        Batch = 10,
        Shards = 8,
        Training = """
            truncatedBptt: { steps: 4, backward: 6 }
            clip: { value: 0.1 }
            """,
        MakeFiles = NetFiles.Sequences,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<TestJob> All { get; } = [LeNet, Vgg, Lstm, Gru, AlexNet, BatchNorm, SequenceToSequence, Images, SmallMinibatch, Sequences];
}
