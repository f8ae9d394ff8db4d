namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>How much memory one member needs to sum the gradient of some weights over some leaves.</summary>
internal readonly ref struct FilterGradientSizes
{
    private readonly GatherSet _set;
    private readonly int _tileSize;
    private readonly int _panelColumns;
    private readonly int _leaves;

    public FilterGradientSizes(GatherSet set, ReadOnlySpan<int> bounds, int tileSize, int panelColumns)
    {
        _set = set;
        _tileSize = tileSize;
        _panelColumns = panelColumns;
        _leaves = bounds.Length - 1;
        Slots = LeafSchedule.Slots(bounds);
        int places = set.Plans[0].Places;
        for (int leaf = 0; leaf < _leaves; leaf++)
            Steps += Math.Max(1, checked(((bounds[leaf + 1] - bounds[leaf]) * places) + MatrixProduct.BlockLength - 1) / MatrixProduct.BlockLength);
        Ring = (MatrixProduct.BlockLength / places) + 2;
    }

    /// <summary>Tiles that are summed together.</summary>
    public required int Tiles { get; init; }

    /// <summary>Rows of them, in whole tiles.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns of them, in whole tiles.</summary>
    public required int ColumnsTogether { get; init; }

    /// <summary>Partial sums of a tile.</summary>
    public int Slots { get; }

    /// <summary>Steps of the schedule.</summary>
    public int Steps { get; }

    /// <summary>Samples that the places of one step may lie in.</summary>
    public int Ring { get; }

    public long SlotLength => (long)Tiles * Slots * _tileSize;

    public long LeftLength => (long)MatrixProduct.BlockLength * Rows;

    public long RightLength => (long)MatrixProduct.BlockLength * _panelColumns;

    public long CopiesLength
    {
        get
        {
            if (!_set.Source.IsCopy)
                return 0;
            // A run of columns may begin within one channel and end within another.
            int taps = _set.Plans[0].Depth / _set.GroupChannels;
            return (long)Ring * _set.Source.ChannelStride * Math.Min(_set.GroupChannels, (ColumnsTogether / taps) + 2);
        }
    }

    public unsafe long RunsLength => (long)MatrixProduct.BlockLength * sizeof(TapRun) / sizeof(float);

    public long StepsLength => LeafSchedule.ScratchLength(Steps);

    /// <summary>Numbers of all together.</summary>
    public long Length => RunsLength + StepsLength + SlotLength + LeftLength + RightLength + CopiesLength + _leaves + 1;
}

/// <summary>Where the parts of that memory lie. What holds pointers comes first, for their alignment.</summary>
internal readonly unsafe ref struct FilterGradientMemory
{
    public FilterGradientMemory(float* memory, in FilterGradientSizes sizes)
    {
        Runs = (TapRun*)memory;
        Steps = (TileStep*)(memory + sizes.RunsLength);
        Slots = memory + sizes.RunsLength + sizes.StepsLength;
        Left = Slots + sizes.SlotLength;
        Right = Left + sizes.LeftLength;
        Copies = Right + sizes.RightLength;
        PlaceBounds = (int*)(Copies + sizes.CopiesLength);
    }

    public TapRun* Runs { get; }

    public TileStep* Steps { get; }

    public float* Slots { get; }

    /// <summary>A block's gradients.</summary>
    public float* Left { get; }

    /// <summary>What a panel of taps sees at a block's places.</summary>
    public float* Right { get; }

    /// <summary>Padded copies of samples.</summary>
    public float* Copies { get; }

    /// <summary>The leaves' bounds in places.</summary>
    public int* PlaceBounds { get; }
}
