namespace Lockstep.Jobs.Yaml;

/// <summary>Where a node was written: line and column from 1.</summary>
internal readonly record struct YamlMark(string File, int Line, int Column);
