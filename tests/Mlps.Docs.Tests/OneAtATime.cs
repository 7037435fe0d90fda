using Xunit;

// Programs of pages change the process's directory and train; two trainings side by side wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
