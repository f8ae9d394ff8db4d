using System.Net;
using System.Net.Http.Headers;

namespace Lockstep.Cli.Downloads;

/// <summary>Fetches one address into a file, and goes on where an earlier attempt stopped, if the server can.</summary>
internal sealed class HttpFetch(HttpClient client, TimeProvider time)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <param name="address">What to fetch.</param>
    /// <param name="partial">The file, which perhaps has the first bytes already.</param>
    /// <param name="most">More bytes than these are refused.</param>
    /// <param name="progress">Told how many bytes are here, and how many there will be.</param>
    /// <param name="cancellation">Stops; what is here stays.</param>
    /// <returns>Whether an earlier attempt was continued.</returns>
    /// <exception cref="SourceException">The server cannot be reached, refuses, or breaks off.</exception>
    public async Task<bool> FetchAsync(Uri address, string partial, long most, Action<long, long?> progress, CancellationToken cancellation)
    {
        long have = File.Exists(partial) ? new FileInfo(partial).Length : 0;
        if (have >= most)
            have = 0;
        using var patience = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            using HttpResponseMessage response = await AskAsync(address, have, either.Token).ConfigureAwait(false);
            bool resumed = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have && have > 0;
            if (!resumed && response.StatusCode != HttpStatusCode.OK)
                throw new SourceException($"the server answered {(int)response.StatusCode} {response.ReasonPhrase}");
            have = resumed ? have : 0;
            long? total = response.Content.Headers.ContentLength is { } rest ? have + rest : null;
            if (total > most)
                throw new SourceException($"the server offers {total} bytes where at most {most} are expected");

            var file = new FileStream(partial, resumed ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None);
            await using (file.ConfigureAwait(false))
            {
                Stream content = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
                await using (content.ConfigureAwait(false))
                {
                    await CopyAsync(content, file, have, total, most, progress, patience, either.Token).ConfigureAwait(false);
                }
            }
            return resumed;
        }
        catch (OperationCanceledException fault) when (!cancellation.IsCancellationRequested)
        {
            throw new SourceException($"nothing came for {Silence.TotalSeconds} seconds", fault);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw new SourceException(Innermost(fault), fault);
        }
    }

    private async Task<HttpResponseMessage> AskAsync(Uri address, long have, CancellationToken cancellation)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (have > 0)
                request.Headers.Range = new RangeHeaderValue(have, null);
            HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (have == 0 || response.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable)
                return response;
            response.Dispose();
            have = 0;
        }
    }

    private static async Task CopyAsync(
        Stream content, FileStream file, long have, long? total, long most, Action<long, long?> progress, CancellationTokenSource patience, CancellationToken cancellation)
    {
        byte[] buffer = new byte[1 << 16];
        progress(have, total);
        for (int read; (read = await content.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            have += read;
            if (have > most)
                throw new SourceException($"the server sends more than the {most} bytes that are expected");
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            patience.CancelAfter(Silence);
            progress(have, total);
        }
        file.Flush(flushToDisk: true);
    }

    private static string Innermost(Exception fault) => fault.InnerException is null ? fault.Message : Innermost(fault.InnerException);
}
