using System.Net.Sockets;
using System.Reflection;
using Lockstep.Chaos.Campaigns;
using Lockstep.Chaos.Schedules;
using Lockstep.Cli.Downloads;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Running;
using Lockstep.Engine.Data;
using Lockstep.Engine.Models;
using Lockstep.Engine.Serialization;
using Lockstep.Jobs;
using Lockstep.Launch;
using Lockstep.Transport.Joining;

namespace Lockstep.Cli.Exits;

/// <summary>What is told of an exception, and the code that the process ends with.</summary>
/// <param name="Message">For standard error.</param>
/// <param name="ExitCode">2 where the user can mend it, else 1.</param>
public sealed record Fault(string Message, int ExitCode);

/// <summary>The one place where exceptions become messages.</summary>
public static class Faults
{
    private const int NoSpaceOnUnix = 28;
    private const int QuotaOnUnix = 122;
    private const int DiskFullOnWindows = unchecked((int)0x80070070);

    /// <summary>Reads an exception.</summary>
    public static Fault Of(Exception exception)
    {
        Exception root = Unwrap(exception);
        // Its message is a list of what every source said: no program's error, and none that the user made.
        if (root is DownloadException)
            return new Fault(root.Message, Exits.ExitCode.FailedRun);
        return Mendable(root) is { } message
            ? new Fault(message, Exits.ExitCode.BadInput)
            : new Fault($"{root.GetType().Name}: {FirstLine(root.Message)}", Exits.ExitCode.FailedRun);
    }

    private static string? Mendable(Exception exception) => exception switch
    {
        InputException or JobFaultException or DataException or SafetensorsException or ShapeException
            or JoinException or ListenException or WorkerStartException
            or CheckpointException or RunDirectoryException or InsufficientSpaceException
            or CampaignException or ScheduleFormatException => exception.Message,
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } =>
            "The port is in use by another program. Choose another one, or 0 for any free port: --listen HOST:0",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
            "The address to listen on is none of this machine's. Give one of its own, by which workers reach it: --listen HOST:PORT",
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            "This user may not listen on that port. Choose one from 1024 up.",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
            "The host name is not known here. Check its spelling, or give its address.",
        IOException when IsDiskFull(exception) =>
            $"There is no space left: {FirstLine(exception.Message)}. Free some, or write elsewhere with --output DIR",
        FileNotFoundException => FirstLine(exception.Message),
        DirectoryNotFoundException => $"{FirstLine(exception.Message)} Check the path.",
        UnauthorizedAccessException => $"{FirstLine(exception.Message)} Check the permissions of the file and its folder.",
        _ => null,
    };

    private static bool IsDiskFull(Exception exception) => exception.HResult is NoSpaceOnUnix or QuotaOnUnix or DiskFullOnWindows;

    private static Exception Unwrap(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions.Count: 1 } aggregate => Unwrap(aggregate.InnerExceptions[0]),
        TargetInvocationException { InnerException: { } inner } => Unwrap(inner),
        TypeInitializationException { InnerException: { } inner } => Unwrap(inner),
        IOException { InnerException: SocketException inner } => inner,
        _ => exception,
    };

    private static string FirstLine(string message)
    {
        int end = message.AsSpan().IndexOfAny('\r', '\n');
        return end < 0 ? message : message[..end];
    }
}
