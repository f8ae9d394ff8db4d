namespace Lockstep.Cli.Makers;

/// <summary>A data set that is computed instead of downloaded: a function of its name and a seed, to the last byte of its files.</summary>
internal interface IDataMaker
{
    /// <summary>What <c>lockstep data make</c> calls it.</summary>
    string Name { get; }

    /// <summary>What it is, in a sentence.</summary>
    string Description { get; }

    /// <summary>Writes its files.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="seed">What is drawn follows from it.</param>
    void Make(string folder, ulong seed);
}
