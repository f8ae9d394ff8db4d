namespace Lockstep.Jobs.Planning;

/// <summary>A job that came from another machine as bytes, with the data of this one.</summary>
public static class OfferedJob
{
    /// <summary>Reads the job and loads its data, which must be the same as where the job came from.</summary>
    /// <param name="text">The resolved job file.</param>
    /// <param name="sha256">Its hash there.</param>
    /// <param name="fingerprint">The data's fingerprint there.</param>
    /// <param name="statistics">Fitted statistics of the transforms, a .safetensors file as bytes; empty where there are none.</param>
    /// <param name="source">Where the files are that it names.</param>
    /// <exception cref="JobFaultException">It is no job.</exception>
    /// <exception cref="OfferedJobException">It is read otherwise here, or the data is not the same.</exception>
    public static TrainingPlan Load(byte[] text, string sha256, string fingerprint, byte[] statistics, JobSource source)
    {
        Job job = JobFile.Read(text, "the coordinator's job");
        string hash = JobText.Hash(job);
        if (hash != sha256)
            throw new OfferedJobException($"this process reads the job as {hash}, the coordinator as {sha256}: install the same build on all machines");
        var plan = TrainingPlan.Create(job, source, statistics);
        return plan.Data.Fingerprint == fingerprint
            ? plan
            : throw new OfferedJobException($"the data here is not the coordinator's: its fingerprint is {plan.Data.Fingerprint}, the coordinator's {fingerprint}. Copy the same files to both machines, or point --data-root or {JobSource.DataFolderVariable} at them");
    }
}

/// <summary>This machine cannot work on the job; the message says what to do.</summary>
public sealed class OfferedJobException(string message) : Exception(message);
