using System.Diagnostics;

namespace Lockstep.Endurance;

/// <summary>The network that is needed cannot be made here; the message says why.</summary>
public sealed class NetworkLabException(string message) : Exception(message);

/// <summary>
/// Machines that are network namespaces of this one, each with a cable to one of two switches, which are a namespace of their own too. Switches are connected; a
/// partition takes that cable out. All of it is taken down at the end, by the names that were given here.
/// </summary>
public sealed class NetworkLab : IDisposable
{
    private const string Left = "left", Right = "right";

    private readonly string _name = $"lockstep-{Environment.ProcessId}";
    private readonly List<string> _made = [];

    /// <param name="machines">How many.</param>
    /// <exception cref="NetworkLabException">This user, or this system, may not make namespaces.</exception>
    public NetworkLab(int machines)
    {
        // A signal ends the process without unwinding it.
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        try
        {
            Make(Switches);
            Ip("-n", Switches, "link", "add", Left, "type", "bridge");
            Ip("-n", Switches, "link", "add", Right, "type", "bridge");
            Ip("-n", Switches, "link", "add", "trunk", "type", "veth", "peer", "name", "trunk2");
            Ip("-n", Switches, "link", "set", "trunk", "master", Left);
            Ip("-n", Switches, "link", "set", "trunk2", "master", Right);
            foreach (string device in (string[])[Left, Right, "trunk", "trunk2"])
                Ip("-n", Switches, "link", "set", device, "up");
            for (int i = 0; i < machines; i++)
                Connect(i);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private string Switches => $"{_name}-switches";

    /// <summary>The address of a machine.</summary>
    public static string AddressOf(int machine) => $"10.83.17.{machine + 1}";

    /// <summary>The command that runs another one on a machine.</summary>
    public IReadOnlyList<string> On(int machine) => ["ip", "netns", "exec", NameOf(machine)];

    /// <summary>Puts machines at the right switch; all others are at the left one.</summary>
    public void PutRight(IEnumerable<int> machines)
    {
        foreach (int machine in machines)
            Ip("-n", Switches, "link", "set", $"to{machine}", "master", Right);
    }

    /// <summary>Takes the cable between the switches out, or puts it in again. No connection is closed by it.</summary>
    public void Trunk(bool isIn) => Ip("-n", Switches, "link", "set", "trunk", isIn ? "up" : "down");

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        // The cables go with the namespaces.
        foreach (string name in _made)
            Ip("netns", "del", name);
        _made.Clear();
    }

    private void OnProcessExit(object? sender, EventArgs e) => Dispose();

    private string NameOf(int machine) => $"{_name}-{machine}";

    private void Connect(int machine)
    {
        string name = NameOf(machine), end = $"to{machine}";
        Make(name);
        Ip("-n", Switches, "link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", name);
        Ip("-n", Switches, "link", "set", end, "master", Left);
        Ip("-n", Switches, "link", "set", end, "up");
        Ip("-n", name, "addr", "add", $"{AddressOf(machine)}/24", "dev", "eth0");
        Ip("-n", name, "link", "set", "eth0", "up");
        Ip("-n", name, "link", "set", "lo", "up");
    }

    private void Make(string name)
    {
        Ip("netns", "add", name);
        _made.Add(name);
    }

    private static void Ip(params string[] arguments)
    {
        var start = new ProcessStartInfo("ip", arguments) { RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            string said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new NetworkLabException($"ip {string.Join(' ', arguments)}: {said.Trim()} Network namespaces need root, or a container with CAP_NET_ADMIN and CAP_SYS_ADMIN.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new NetworkLabException($"The program ip cannot be started ({e.Message}): install iproute2.");
        }
    }
}
