namespace Mlps.Build;

/// <summary>Internal members that code is compiled against, as listed in a text file.</summary>
/// <remarks>
/// A line is <c>Assembly Type</c> or <c>Assembly Type::Member</c>; names are those of metadata (<c>Outer+Nested</c>, <c>.ctor</c>,
/// generic types with their arity). Every overload of a member is meant. Empty lines and lines that begin with # are passed over.
/// </remarks>
internal sealed record MemberList(IReadOnlyList<MemberList.Line> Lines)
{
    public sealed record Line(string Assembly, string Type, string? Member)
    {
        public override string ToString() => Member is null ? Type : $"{Type}::{Member}";
    }

    public static MemberList Read(string path)
    {
        var lines = new List<Line>();
        foreach (var text in File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 2)
            {
                throw new FormatException($"{path}: '{text}' is not 'Assembly Type' or 'Assembly Type::Member'.");
            }

            var names = words[1].Split("::");
            lines.Add(new Line(words[0], names[0], names.Length > 1 ? names[1] : null));
        }

        return new MemberList(lines);
    }
}
