using Lockstep.Cli.Inspection;
using Lockstep.Engine.Memory;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cluster.Tests.Cli;

public sealed class CheckTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    [Fact]
    public async Task Every_layer_of_a_network_agrees_with_the_differences_of_its_loss()
    {
        string job = Job("""
              - batchNorm
              - flatten
              - dropout: { rate: 0.1 }
              - dense: { units: 24, name: hidden }
              - batchNorm
              - relu
              - dropout: { rate: 0.3, inverted: false }
              - dense: { units: 12 }
              - leakyRelu
              - dense: { units: 11, frozen: true }
              - tanh
              - dense: { units: 10 }
            """);
        Assert.True(await _cli.RunAsync("check", job, "--threads", "1") == 0, _cli.Error + _cli.Output);
        Assert.Matches("hidden \\(dense\\) +weight +1536 +[0-9.e+-]+  ok", _cli.Output);
        Assert.Matches("9 \\(dense\\) +weight +132 +-  frozen", _cli.Output);
        Assert.Matches("0 \\(batchNorm\\) +inputs +1024 +[0-9.e+-]+  ok", _cli.Output);
        Assert.DoesNotContain("WRONG", _cli.Output);
    }

    [Fact]
    public async Task A_sign_is_said_to_have_no_derivative()
    {
        string job = Job("  - flatten\n  - perceptron: { units: 10 }").Replace('\\', '/');
        await File.WriteAllTextAsync(job, (await File.ReadAllTextAsync(job)).Replace("softmaxCrossEntropy", "perceptron"));
        Assert.True(await _cli.RunAsync("check", job) == 0, _cli.Error);
        Assert.Contains("a sign has no derivative", _cli.Output);
    }

    /// <summary>Every mistake in a gradient that the check must see: a wrong factor, a missing part, parts in each other's places, a sign.</summary>
    [Theory]
    [InlineData(1, 1.1)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, -1)]
    public unsafe void A_wrong_gradient_is_seen(int mistake, double factor)
    {
        string job = Job("  - flatten\n  - dense: { units: 16 }\n  - tanh\n  - dense: { units: 10 }");
        JobSource source = JobSource.OfJobFile(job);
        TrainingPlan plan = TrainingPlan.Create(JobFile.Read(job), source);
        using FloatBuffer parameters = InitialParameters.Of(plan, source);
        var view = plan.Network.Layout["3.weight"];
        using var check = new GradientCheck(plan, parameters, threads: 1);
        check.Spoil = gradient =>
        {
            var numbers = new Span<float>((float*)gradient + view.Offset, (int)view.Length);
            switch (mistake)
            {
                case 1 or 4:
                    for (int i = 0; i < numbers.Length; i++)
                        numbers[i] *= (float)factor;
                    break;
                case 2:
                    numbers[..(numbers.Length / 2)].Clear();
                    break;
                default:
                    numbers.Reverse();
                    break;
            }
        };
        GradientFinding[] findings = [.. check.Run()];
        Assert.Equal(["3 (dense).weight"], findings.Where(finding => !finding.Agrees).Select(finding => $"{finding.Layer}.{finding.Name}"));
        Assert.All(findings.Where(finding => finding.Agrees), finding => Assert.True(finding.Error < GradientCheck.Tolerance / 4, $"{finding}"));
    }

    public void Dispose() => _cli.Dispose();

    private string Job(string layers) => _cli.Write("check.yaml", $$"""
        data: { dataset: digits, transforms: [ scale: 1/16 ] }
        model:
        {{layers}}
        training: { loss: softmaxCrossEntropy, epochs: 1, batch: 64, optimizer: { sgd: { learningRate: 0.1 } } }
        """);
}
