using System.Runtime.CompilerServices;

// The tests run every vector width against every other, below the choice that the public kernels make once.
[assembly: InternalsVisibleTo("Lockstep.Engine.Tests")]

// The benchmarks time single kernels that layers alone call.
[assembly: InternalsVisibleTo("Lockstep.Benchmarks")]

// Readers of files, for the project that feeds them with damaged ones.
[assembly: InternalsVisibleTo("Lockstep.Fuzz")]
