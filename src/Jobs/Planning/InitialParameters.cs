using System.Globalization;
using Lockstep.Engine.Data;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Serialization;

namespace Lockstep.Jobs.Planning;

/// <summary>The parameters that a run begins with: drawn by the job's seed, and where the job says so, read from a file.</summary>
public static class InitialParameters
{
    /// <exception cref="SafetensorsException">The file of saved weights is damaged.</exception>
    /// <exception cref="DataException">It lacks a parameter, has one of another shape, or the job names a layer that is not there.</exception>
    public static unsafe FloatBuffer Of(TrainingPlan plan, JobSource files)
    {
        var parameters = new FloatBuffer(plan.Network.Layout.Length);
        plan.Network.Initialize(parameters.Pointer, plan.Job.Seed);
        if (plan.Job.Weights is { } weights)
        {
            using SafetensorsFile file = SafetensorsFile.Open(files.Resolve(weights.From));
            foreach (ParameterView parameter in Taken(plan, weights))
                Read(file, plan.Network.Layout, parameter, parameters);
        }
        return parameters;
    }

    private static IEnumerable<ParameterView> Taken(TrainingPlan plan, Format.WeightsSection weights)
    {
        string[] names = [.. plan.Network.Layers.Select(layer => layer.Name)];
        // An index names a layer even where the layer has a name of its own.
        Dictionary<string, string> byIndex = plan.Job.Model.Layers.ToDictionary(placed => placed.IndexName, placed => placed.Name);
        foreach (string named in (weights.Layers ?? []).Concat(weights.Reinitialize ?? []))
        {
            if (!names.Contains(named) && !byIndex.ContainsKey(named))
                throw new DataException(weights.From, $"The job names the layer '{named}', which the model has not.", $"Its layers are {string.Join(", ", names)}.");
        }
        return plan.Network.Layout.Model.Where(parameter =>
            (weights.Layers is null || Names(weights.Layers, parameter)) && !(weights.Reinitialize is not null && Names(weights.Reinitialize, parameter)));

        bool Names(IEnumerable<string> list, ParameterView parameter) =>
            list.Any(named => named == names[parameter.Layer] || (byIndex.TryGetValue(named, out string? name) && name == names[parameter.Layer]));
    }

    private static void Read(SafetensorsFile file, ParameterLayout layout, ParameterView parameter, FloatBuffer destination)
    {
        // Weights alone say nothing of what they were trained on: then running statistics start as those of an untrained layer.
        if (parameter.Role == ParameterRole.RunningStatistic && !file.Contains(parameter.Name))
            return;
        foreach (ModelTensors.Needed source in ModelTensors.SourcesOf(file, parameter))
        {
            if (!file.Contains(source.Name))
                throw new DataException(file.Path, $"It has no '{source.Name}'.", "Take only the layers that it has (weights.layers), or start some anew (weights.reinitialize).");
            if (!file[source.Name].Shape.SequenceEqual(source.Shape))
                throw new DataException(file.Path, $"It has {file[source.Name]}, where the model has [{string.Join(", ", source.Shape)}].", "Use weights of the same model, or start this layer anew (weights.reinitialize).");
        }
        Span<float> numbers = destination.Slice(parameter.Offset, checked((int)parameter.Length));
        ModelTensors.Read(file, layout, parameter, numbers);
        // Sums that leave products with 0 out are those that have them only as long as every number is finite.
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!float.IsFinite(numbers[i]))
                throw new DataException(file.Path, $"Number {i} of '{parameter.Name}' is {numbers[i].ToString(CultureInfo.InvariantCulture)}.", "Use weights that are finite, or start this layer anew (weights.reinitialize).");
        }
    }
}
