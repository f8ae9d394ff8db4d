using System.Buffers.Binary;
using System.Text;

namespace Lockstep.TorchSharpPeer.NativeLibraries;

/// <summary>
/// TorchSharp 0.107.0's native glue was compiled with GCC 13 and so requires the version GLIBCXX_3.4.32 of libstdc++, which
/// distributions with GCC 12 (Debian 12) do not have: the loader refuses it. Only one symbol asks for that version,
/// <c>_ZSt21ios_base_library_initv</c>, a marker that GCC 13 leaves in every file that includes iostream and that no code calls.
/// This sets the flag VER_FLG_WEAK on the requirement in a copy of the library, so that the loader lets it pass.
/// </summary>
/// <remarks>
/// Layout: ELF-64, little-endian (System V ABI, "Sections"), and GNU symbol versioning (Linux Standard Base Core 5.0, chapter 10.7):
/// a chain of Verneed records, each with a chain of Vernaux records; a version number for each dynamic symbol.
/// </remarks>
internal sealed class VersionRequirement
{
    private const string Version = "GLIBCXX_3.4.32";
    private const string Marker = "_ZSt21ios_base_library_initv";
    private const uint Relocations = 4;
    private const uint DynamicSymbols = 11;
    private const uint VersionNeeds = 0x6FFF_FFFE;
    private const uint SymbolVersions = 0x6FFF_FFFF;
    private const ushort Weak = 2;
    private const int SymbolSize = 24;
    private const int RelocationSize = 24;

    private readonly byte[] _file;
    private readonly List<Section> _sections = [];

    private VersionRequirement(byte[] file)
    {
        _file = file;
        if (file.Length < 64 || UInt32(0) != 0x464C_457F || file[4] != 2 || file[5] != 1)
            throw new InvalidDataException("Not a little-endian ELF-64 file.");
        int at = Offset(40);
        int size = UInt16(58), count = UInt16(60);
        for (int i = 0; i < count; i++, at += size)
            _sections.Add(new Section(UInt32(at + 4), Offset(at + 24), Offset(at + 32), (int)UInt32(at + 40)));
    }

    /// <summary>Relaxes the requirement in a file, once.</summary>
    /// <returns>What was done, for the user.</returns>
    /// <exception cref="InvalidDataException">Not the library that is meant, or more than the marker depends on the version.</exception>
    public static string Relax(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        var library = new VersionRequirement(file);
        if (library.Find() is not { } need)
            return $"{path} does not require {Version}: nothing to do.";
        if ((library.UInt16(need.FlagsAt) & Weak) != 0)
            return $"{path}: the requirement of {Version} is weak already.";
        library.RequireMarkerAlone(need.Number);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(need.FlagsAt), (ushort)(library.UInt16(need.FlagsAt) | Weak));
        // Never the package's own file: the copy in the build output may be a link to it.
        string made = path + ".relaxed";
        File.WriteAllBytes(made, file);
        File.Move(made, path, overwrite: true);
        return $"{path}: the requirement of {Version} is weak now; only the marker {Marker} asked for it.";
    }

    private (int FlagsAt, int Number)? Find()
    {
        Section needs = One(VersionNeeds);
        int names = _sections[needs.Link].Start;
        int need = needs.Start;
        while (true)
        {
            int auxiliary = need + (int)UInt32(need + 8);
            for (int left = UInt16(need + 2); left > 0; left--)
            {
                if (Text(names + (int)UInt32(auxiliary + 8)) == Version)
                    return (auxiliary + 4, UInt16(auxiliary + 6));
                auxiliary += (int)UInt32(auxiliary + 12);
            }
            int next = (int)UInt32(need + 12);
            if (next == 0)
                return null;
            need += next;
        }
    }

    private void RequireMarkerAlone(int version)
    {
        Section symbols = One(DynamicSymbols), versions = One(SymbolVersions);
        int names = _sections[symbols.Link].Start;
        var users = new HashSet<uint>();
        for (int i = 0; i < symbols.Length / SymbolSize; i++)
        {
            if ((UInt16(versions.Start + (2 * i)) & 0x7FFF) != version)
                continue;
            string name = Text(names + (int)UInt32(symbols.Start + (i * SymbolSize)));
            if (name != Marker)
                throw new InvalidDataException($"The symbol {name} needs {Version} too: this library really needs a newer libstdc++.");
            users.Add((uint)i);
        }
        foreach (Section section in _sections.Where(section => section.Type == Relocations))
        {
            for (int at = section.Start; at < section.Start + section.Length; at += RelocationSize)
            {
                // The upper half of r_info is the symbol.
                if (users.Contains(UInt32(at + 12)))
                    throw new InvalidDataException($"A relocation refers to {Marker}: this library really needs a newer libstdc++.");
            }
        }
    }

    private Section One(uint type) => _sections.Find(section => section.Type == type)
        ?? throw new InvalidDataException($"The library has no section of type {type:X}.");

    private ushort UInt16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(at));

    private uint UInt32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan(at));

    private int Offset(int at) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(_file.AsSpan(at)));

    private string Text(int at) => Encoding.ASCII.GetString(_file, at, Array.IndexOf(_file, (byte)0, at) - at);

    private sealed record Section(uint Type, int Start, int Length, int Link);
}
