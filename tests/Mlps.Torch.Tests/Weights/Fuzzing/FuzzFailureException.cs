namespace Mlps.Torch.Tests.Weights.Fuzzing;

/// <summary>The reader of weight files broke a promise; the message says how to repeat it.</summary>
public sealed class FuzzFailureException(string message, Exception? innerException) : Exception(message, innerException);
