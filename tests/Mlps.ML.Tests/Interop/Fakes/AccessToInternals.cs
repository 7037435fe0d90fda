using System.Runtime.CompilerServices;

// Transformers made for tests are registered with ML.NET's internal attribute, like real ones.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]
