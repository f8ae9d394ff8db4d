using Lockstep.Jobs.Format;
using static Lockstep.Jobs.Tests.JobTexts;

namespace Lockstep.Jobs.Tests;

public sealed class OverrideTests
{
    private static Job Set(params string[] settings) => JobFile.Parse(Minimal, "job.yaml", new JobOverrides { Set = settings });

    private static JobFault FaultOf(params string[] settings) => Assert.Single(Assert.Throws<JobFaultException>(() => Set(settings)).Faults);

    [Fact]
    public void A_setting_replaces_a_value_as_if_it_had_been_written()
    {
        Job job = Set("training.optimizer.sgd.learningRate=1/4", "model.1.dense.units=64", "seed=7");
        Assert.Equal(JobText.Write(Parse(Minimal.Replace("0.1", "0.25").Replace("10", "64") + "seed: 7\n")), JobText.Write(job));
    }

    [Fact]
    public void A_setting_makes_the_branches_that_are_missing()
    {
        Job job = Set("target.accuracy=0.5", "evaluation.metrics=[accuracy, loss]", "data.transforms=[standardize]", "training.clip.value=3", "checkpoint.keep=9");
        Assert.Equal(0.5, job.Target!.Accuracy);
        Assert.Equal([Metric.Accuracy, Metric.Loss], job.Evaluation!.Metrics);
        Assert.Equal([new StandardizeTransform()], job.Data.Transforms);
        Assert.Equal(new ValueLimit { Limit = 3 }, job.Training.Clip);
        Assert.Equal(9, job.Checkpoint.Keep);
    }

    [Fact]
    public void A_bare_name_takes_keys()
    {
        Job job = Set("model.0.flatten.name=flat", "training.loss.softmaxCrossEntropy.reduction=sum");
        Assert.Equal("flat", job.Model.Layers.First().Name);
        Assert.Equal(Engine.Specifications.LossReduction.Sum, job.Training.Loss.Reduction);
    }

    [Fact]
    public void The_last_of_several_settings_counts() => Assert.Equal(9UL, Set("seed=3", "seed=9").Seed);

    [Theory]
    [InlineData("training.batch=many", 1, 16, "training.batch", "'batch': expected a whole number from 1 to 16777216, found the text 'many'")]
    [InlineData("training.bach=3", 1, 1, "training.bach", "'training' has no 'bach': did you mean 'batch'?")]
    [InlineData("model.5.dense.units=3", 1, 1, "", "'5' names no entry: the list has the entries 0 to 1")]
    [InlineData("model.first.dense.units=3", 1, 1, "", "'first' names no entry: the list has the entries 0 to 1")]
    [InlineData("training.batch.size=3", 1, 1, "", "'size' cannot be set: what holds it in the job file is 32")]
    [InlineData("training.batch", 0, 0, "", "write --set key=value, for instance --set training.batch=64")]
    [InlineData("=3", 0, 0, "", "write --set key=value, for instance --set training.batch=64")]
    [InlineData("training..batch=3", 0, 0, "", "write --set key=value, for instance --set training.batch=64")]
    [InlineData("training.steps=3", 1, 1, "training.steps", "'epochs' and 'steps' exclude each other: keep one of the two")]
    public void A_fault_of_a_setting_names_the_option(string setting, int line, int column, string path, string message) =>
        Assert.Equal(new JobFault($"--set {setting}", line, column, path, message), FaultOf(setting));

    [Fact]
    public void A_setting_that_is_no_yaml_names_the_option()
    {
        JobFault fault = FaultOf("training.batch=[1");
        Assert.Equal("--set training.batch=[1", fault.File);
        Assert.StartsWith("not valid YAML: ", fault.Message);
    }

    [Fact]
    public void Faults_of_settings_and_of_the_file_come_together()
    {
        var exception = Assert.Throws<JobFaultException>(() => JobFile.Parse(Minimal + "gpus: 1\n", "job.yaml", new JobOverrides { Set = ["seed=x"] }));
        Assert.Equal(["--set seed=x", "job.yaml"], exception.Faults.Select(fault => fault.File));
    }

    [Fact]
    public void Steps_replace_epochs_and_steps()
    {
        var overrides = new JobOverrides { Steps = 5 };
        Assert.Equal((null, 5L), Length(JobFile.Parse(Minimal, "job.yaml", overrides)));
        Assert.Equal((null, 5L), Length(JobFile.Parse(Minimal.Replace("epochs: 2", "steps: 100"), "job.yaml", overrides)));
        Assert.Equal("--steps(1,1): 'steps': expected a whole number from 1 up, found 0", Assert.Throws<JobFaultException>(() =>
            JobFile.Parse(Minimal, "job.yaml", new JobOverrides { Steps = 0 })).Message);

        static (int?, long?) Length(Job job) => (job.Training.Epochs, job.Training.Steps);
    }

    [Fact]
    public void Weights_are_a_path_from_the_current_folder()
    {
        Job job = JobFile.Parse(Minimal, "elsewhere/job.yaml", new JobOverrides { Weights = "a b.safetensors" });
        Assert.Equal(Path.GetFullPath("a b.safetensors"), job.Weights!.From);
        Job kept = JobFile.Parse(Minimal + "weights: { from: x, layers: [1] }\n", "job.yaml", new JobOverrides { Weights = "/y" });
        Assert.Equal(new WeightsSection { From = "/y", Layers = ["1"] }, kept.Weights);
    }

    [Fact]
    public void A_file_of_weights_that_is_not_there_is_the_options_fault()
    {
        string missing = Path.Combine(Path.GetTempPath(), "no-such-folder", "w.safetensors");
        var exception = Assert.Throws<JobFaultException>(() =>
            JobFile.Parse(Minimal, "job.yaml", new JobOverrides { Weights = missing }, new JobSource("/", null)));
        Assert.Equal($"--weights(1,1): 'from': there is no file '{missing}'; looked for {missing}", exception.Message);
    }
}
