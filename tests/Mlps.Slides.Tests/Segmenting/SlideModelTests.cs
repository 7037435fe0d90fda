using Mlps.ML;
using Mlps.ML.Tests.Chain;
using Mlps.Torch;
using Xunit;

namespace Mlps.Slides.Tests.Segmenting;

[Collection(TrainedModel.Name)]
public sealed class SlideModelTests(TrainedModel trained)
{
    [Fact]
    public void Precision_IsThatOfAllStages_WhereOptionsAreGiven()
    {
        var segmentation = trained.Model.LastTransformer.Segmentation;

        Assert.Equal([Precision.Full, Precision.Full], Precisions(segmentation with { Precision = Precision.Full }));
        Assert.Equal([trained.Model.ClassifierOf().Precision, segmentation.Precision], Precisions(given: null));

        IEnumerable<Precision> Precisions(SegmentationOptions? given)
        {
            var model = SlideModel.Of(trained.Model, given);
            return [.. model.Stages.OfType<PatchClassifierTransformer>().Select(classifier => classifier.Precision), model.Segmenter.Segmentation.Precision];
        }
    }
}
