using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Mlps.ML.Stages;

/// <summary>A stage on a table of a certain schema: the input's columns, followed by the stage's outputs.</summary>
internal sealed class StageBindings
{
    private static readonly string[] _namingColumns = ["Name", "ImagePath"];

    private readonly Dictionary<string, DataViewSchema.Column> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _outputs = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentOutOfRangeException">An input column is missing or has another type.</exception>
    public StageBindings(IHostEnvironment environment, IStage stage, DataViewSchema inputSchema)
    {
        Stage = stage;
        InputSchema = inputSchema;
        foreach (var input in stage.Inputs)
        {
            if (input.Check(environment, inputSchema) is { } column)
            {
                _inputs[input.Name] = column;
            }
        }

        Outputs = stage.GetOutputs(inputSchema);
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(inputSchema);
        for (var output = 0; output < Outputs.Count; output++)
        {
            _outputs.Add(Outputs[output].Name, output);
            schema.AddColumn(Outputs[output].Name, Outputs[output].Type, Outputs[output].Annotations);
        }

        OutputSchema = schema.ToSchema();
        NameColumn = FindNameColumn(inputSchema);
    }

    public IStage Stage { get; }

    public string StageName => Stage.GetType().Name;

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public IReadOnlyList<DataViewSchema.DetachedColumn> Outputs { get; }

    /// <summary>The text column by which messages name a row, if the table has one.</summary>
    public DataViewSchema.Column? NameColumn { get; }

    /// <summary>The text column of a table by which messages name a row, or null.</summary>
    public static DataViewSchema.Column? FindNameColumn(DataViewSchema schema) =>
        _namingColumns.Select(name => schema.GetColumnOrNull(name)).FirstOrDefault(column => column?.Type is TextDataViewType);

    /// <summary>A declared input, or null where it is optional and absent.</summary>
    public DataViewSchema.Column? InputColumn(string name) => _inputs.TryGetValue(name, out var column) ? column : null;

    /// <summary>Index of an output by name.</summary>
    public int OutputIndex(string name) => _outputs.TryGetValue(name, out var index) ? index
        : throw new ArgumentException($"{StageName} has no output column '{name}'.", nameof(name));

    /// <summary>Index of the output that a column of <see cref="OutputSchema"/> is, or -1 for a column of the input.</summary>
    public int OutputIndex(DataViewSchema.Column column) => column.Index < InputSchema.Count ? -1 : column.Index - InputSchema.Count;

    /// <summary>Columns of the input that the given outputs are computed from, and the one that names the row.</summary>
    public IReadOnlyList<DataViewSchema.Column> ColumnsFor(IReadOnlyCollection<int> outputs)
    {
        var columns = new Dictionary<int, DataViewSchema.Column>();
        foreach (var name in outputs.SelectMany(output => Stage.GetInputsOf(Outputs[output].Name, InputSchema)))
        {
            if (InputColumn(name) is { } column)
            {
                columns[column.Index] = column;
            }
        }

        if (outputs.Count > 0 && NameColumn is { } naming)
        {
            columns[naming.Index] = naming;
        }

        return [.. columns.Values.OrderBy(column => column.Index)];
    }

    /// <summary>Names of the inputs that some outputs are computed from.</summary>
    public (string[] Required, string[] Optional) InputsOf(IEnumerable<string> outputs)
    {
        string[] names = [.. outputs.SelectMany(output => Stage.GetInputsOf(output)).Distinct(StringComparer.Ordinal)];
        var inputs = Stage.Inputs.Where(input => names.Contains(input.Name)).ToLookup(input => input.IsOptional, input => input.Name);
        return ([.. inputs[false]], [.. inputs[true]]);
    }

    /// <summary>Splits columns of <see cref="OutputSchema"/> into columns of the input and outputs of the stage.</summary>
    public (List<DataViewSchema.Column> Inputs, List<int> Outputs) Split(IEnumerable<DataViewSchema.Column> columns)
    {
        var inputs = new List<DataViewSchema.Column>();
        var outputs = new List<int>();
        foreach (var column in columns.DistinctBy(column => column.Index))
        {
            if (OutputIndex(column) is >= 0 and var output)
            {
                outputs.Add(output);
            }
            else
            {
                inputs.Add(InputSchema[column.Index]);
            }
        }

        return (inputs, outputs);
    }

    /// <summary>Columns of the input needed to give the given columns of <see cref="OutputSchema"/>.</summary>
    public IEnumerable<DataViewSchema.Column> Dependencies(IEnumerable<DataViewSchema.Column> columns)
    {
        (var inputs, var outputs) = Split(columns);
        return inputs.Concat(ColumnsFor(outputs)).DistinctBy(column => column.Index);
    }
}
