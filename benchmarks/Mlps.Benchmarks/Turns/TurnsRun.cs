using Mlps.Benchmarks.Questions;
using Mlps.Benchmarks.Setup;

namespace Mlps.Benchmarks.Turns;

/// <summary>The questions whose answers are a few per cent, in turns: <c>turns [inference|single|training] [published|small]</c>; all of them where none is named.</summary>
internal static class TurnsRun
{
    public static void Run(string[] wanted)
    {
        foreach (var size in Enum.GetValues<NetworkSize>().Where(size => AskedOr(Enum.GetNames<NetworkSize>(), size.ToString())))
        {
            var rounds = size is NetworkSize.Published ? 9 : 61;
            if (Asked("inference"))
            {
                var question = new InferenceQuestion { Size = size };
                question.Setup();
                Turns.Run(
                    $"inference, {size} networks, batch {SharedChain.Batch}", rounds, SharedChain.Batch,
                    ("modules' forward as called", question.Plain),
                    ("modules' forward without gradients", question.PlainWithoutGradients),
                    ("tensors", question.Tensors),
                    ("model.Transform over a table", () => question.Table()),
                    ("tensors, bfloat16", question.TensorsInSixteenBits),
                    ("model.Transform, bfloat16", () => question.TableInSixteenBits()),
                    ("classifier alone", question.Gate));
                question.Cleanup();
            }

            if (Asked("single"))
            {
                var question = new SinglePredictionQuestion { Size = size };
                question.Setup();
                Turns.Run($"single image, {size} networks", rounds, SinglePredictionQuestion.Times, ("tensors", question.Tensors), ("PredictionEngine.Predict", () => question.Engine()));
                question.Cleanup();
            }
        }

        foreach (var stage in Asked("training") ? [1, 2] : Array.Empty<int>())
        {
            var question = new TrainingStepQuestion { Stage = stage };
            question.SetupPlain();
            question.SetupTrainer();
            question.SetupTrainerInSixteenBits();
            using var asItComes = new PlainProcess(stage);
            Turns.Run(
                $"training, stage {stage}, batch {TrainingStepQuestion.Batch}", 9, TrainingStepQuestion.Batch,
                ("forward, loss, backward, SGD", () => question.Plain()),
                ("the same, libtorch as it comes", asItComes.Step),
                ("this library's training step", () => question.Trainer()),
                ("the same in bfloat16", () => question.TrainerInSixteenBits()));
            question.Cleanup();
        }

        bool Asked(string question) => AskedOr(["inference", "single", "training"], question);

        bool AskedOr(string[] all, string name)
        {
            var named = all.Intersect(wanted, StringComparer.OrdinalIgnoreCase).ToArray();
            return named.Length == 0 || named.Contains(name, StringComparer.OrdinalIgnoreCase);
        }
    }
}
