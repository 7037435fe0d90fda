namespace Mlps.ML;

/// <summary>A row does not fit, and has no name of its own.</summary>
/// <remarks>Who reads it knows its number among the rows of all cursors of a set, and makes a <see cref="TissueDataException"/> of it.</remarks>
/// <param name="message">The message, given what to call the row.</param>
internal sealed class PatchRowException(Func<string, string> message) : Exception
{
    /// <summary>What the user is told.</summary>
    /// <param name="row">The row's number in the table, from 0.</param>
    public TissueDataException Named(long row) => new(message(RowNumber.Text(row)), this);
}
