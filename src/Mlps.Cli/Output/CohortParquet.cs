using Mlps.Slides;
using Parquet;
using Parquet.Schema;

namespace Mlps.Cli.Output;

/// <summary>The table of a cohort's slides as Parquet: the columns of <c>cohort.csv</c>, with their types.</summary>
internal static class CohortParquet
{
    public const string FileName = "cohort.parquet";

    /// <summary>Writes the table; the file is complete or absent.</summary>
    public static async Task WriteAsync(SlideCohort cohort, string path, CancellationToken stop)
    {
        var columns = Columns(cohort);
        using var file = new MemoryStream();
        var writer = await ParquetWriter.CreateAsync(new ParquetSchema([.. columns.Select(column => column.Field)]), file, cancellationToken: stop).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            using var rows = writer.CreateRowGroup();
            foreach (var (field, write) in columns)
            {
                await write(rows, field).ConfigureAwait(false);
            }
        }

        AtomicOutput.Write(path, file.ToArray());
    }

    private static List<(DataField Field, Func<ParquetRowGroupWriter, DataField, Task> Write)> Columns(SlideCohort cohort)
    {
        List<(DataField, Func<ParquetRowGroupWriter, DataField, Task>)> columns =
        [
            Text("slide", slide => slide.Name),
            Text("state", slide => SlideCohort.NameOf(slide.State)),
            Text("reason", slide => slide.Reason ?? string.Empty),
            Text("file", slide => slide.File),
            Number<long>("width", slide => slide.Width),
            Number<long>("height", slide => slide.Height),
            Number<double>("mpp", slide => slide.MicronsPerPixel),
            Number<long>("polygons", slide => slide.Polygons),
            Number<double>("seconds", slide => slide.Seconds),
            Text("model", slide => slide.Model ?? string.Empty),
        ];
        foreach (var name in cohort.Classes)
        {
            columns.Add(Number<double>($"{name}, mm2", slide => Area(slide, name)?.SquareMillimetres));
            columns.Add(Number<double>($"{name}, share_of_tissue", slide => Area(slide, name)?.ShareOfTissue));
            columns.Add(Number<double>($"{name}, mean_probability", slide => Area(slide, name)?.MeanProbability));
        }

        return columns;

        (DataField, Func<ParquetRowGroupWriter, DataField, Task>) Text(string name, Func<CohortSlide, string> value) =>
            (new DataField<string>(name, nullable: false), (rows, field) => rows.WriteAsync(field, cohort.Slides.Select(value).ToArray()));

        (DataField, Func<ParquetRowGroupWriter, DataField, Task>) Number<T>(string name, Func<CohortSlide, T?> value)
            where T : struct => (new DataField<T?>(name), (rows, field) => rows.WriteAsync<T>(field, cohort.Slides.Select(value).ToArray()));
    }

    private static CohortArea? Area(CohortSlide slide, string name) => slide.Areas.FirstOrDefault(area => area.Name == name);
}
