using System.Text.Json.Serialization;

namespace Lockstep.Cli.Doctor;

/// <summary>What a finding means for training.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Health>))]
public enum Health
{
    [JsonStringEnumMemberName("ok")]
    Ok = 0,

    [JsonStringEnumMemberName("warning")]
    Warning = 1,

    /// <summary>Training cannot work like this.</summary>
    [JsonStringEnumMemberName("failure")]
    Failure = 2,
}

/// <summary>One thing that the doctor looked at.</summary>
/// <param name="Topic">What, in one or two words; stable, for programs that read the JSON form.</param>
/// <param name="Health">What it means.</param>
/// <param name="Found">What was found.</param>
/// <param name="Mend">What to do; null where all is well.</param>
public sealed record Finding(string Topic, Health Health, string Found, string? Mend = null);
