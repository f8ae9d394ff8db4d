using System.Net;
using System.Net.Http.Headers;

namespace Lockstep.Cluster.Tests.Downloads;

/// <summary>A web of a few addresses in memory: it knows ranges, and can break off or lie.</summary>
internal sealed class FakeWeb : HttpMessageHandler
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly Dictionary<string, int> _breakAfter = [];

    /// <summary>Every request: address, and where its range begins (0 where it has none).</summary>
    public List<(string Address, long From)> Requests { get; } = [];

    public bool KnowsRanges { get; init; } = true;

    public FakeWeb Serve(string address, byte[] content)
    {
        _files[address] = content;
        return this;
    }

    /// <summary>The next answer for the address ends after so many bytes, as when a connection is cut.</summary>
    public FakeWeb BreakOnce(string address, int after)
    {
        _breakAfter[address] = after;
        return this;
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string address = request.RequestUri!.ToString();
        long from = request.Headers.Range?.Ranges.Single().From ?? 0;
        Requests.Add((address, from));
        if (!_files.TryGetValue(address, out byte[]? content))
            throw new HttpRequestException("No such host is known.");
        if (from > 0 && KnowsRanges && from >= content.Length)
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable));

        long start = KnowsRanges ? from : 0;
        byte[] rest = content[(int)start..];
        Stream body = _breakAfter.Remove(address, out int after) ? new BrokenStream(rest, after) : new MemoryStream(rest);
        var response = new HttpResponseMessage(start > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK) { Content = new StreamContent(body) };
        response.Content.Headers.ContentLength = rest.Length;
        if (start > 0)
            response.Content.Headers.ContentRange = new ContentRangeHeaderValue(start, content.Length - 1, content.Length);
        return Task.FromResult(response);
    }

    private sealed class BrokenStream(byte[] content, int after) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int left = after - (int)Position;
            return left > 0
                ? base.ReadAsync(buffer[..Math.Min(buffer.Length, left)], cancellationToken)
                : throw new IOException("The connection was cut.");
        }
    }
}
