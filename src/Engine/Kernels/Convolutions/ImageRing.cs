namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>The padded copies of the samples that are looked at one after another: a new one takes the place of the oldest.</summary>
internal unsafe struct ImageRing
{
    private readonly GatherSet _set;
    private readonly float* _images;
    private readonly int _group;
    private readonly int _firstChannel;
    private readonly int _channels;
    private readonly float* _copies;
    private readonly int _length;
    private int _newest;

    /// <param name="set">The convolution.</param>
    /// <param name="images">[N, image].</param>
    /// <param name="group">Which group of channels.</param>
    /// <param name="firstChannel">The first channel of the group that is looked at.</param>
    /// <param name="channels">How many are.</param>
    /// <param name="copies">Memory for <paramref name="length"/> copies.</param>
    /// <param name="length">How many samples are looked at together at most.</param>
    public ImageRing(GatherSet set, float* images, int group, int firstChannel, int channels, float* copies, int length)
    {
        _set = set;
        _images = images;
        _group = group;
        _firstChannel = firstChannel;
        _channels = channels;
        _copies = copies;
        _length = length;
        _newest = -1;
    }

    /// <summary>Where the group's channel 0 of a sample would lie. Samples must be asked for in order.</summary>
    public float* Sample(int sample)
    {
        float* image = _images + ((nint)sample * _set.SourceLayout.Length);
        if (!_set.Source.IsCopy)
            return image + ((nint)_group * _set.GroupChannels * _set.Source.ChannelStride);
        float* copy = _copies + ((nint)(sample % _length) * _channels * _set.Source.ChannelStride);
        if (sample > _newest)
        {
            _set.Source.Copy(image, (_group * _set.GroupChannels) + _firstChannel, _channels, copy);
            _newest = sample;
        }
        return copy - ((nint)_firstChannel * _set.Source.ChannelStride);
    }
}
