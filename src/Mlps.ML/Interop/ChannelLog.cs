using Microsoft.ML.Runtime;

namespace Mlps.ML.Interop;

/// <summary>Messages that users receive through <see cref="Microsoft.ML.MLContext.Log"/>.</summary>
internal static class ChannelLog
{
    /// <summary>Reports progress or a choice that was made.</summary>
    /// <param name="environment">The context, or the host of the component that speaks; its name becomes the message's source.</param>
    /// <param name="activity">What is going on, for instance <c>Training</c>.</param>
    /// <param name="message">The text. Braces are not placeholders.</param>
    public static void Info(this IHostEnvironment environment, string activity, string message)
    {
        using var channel = environment.Start(activity);
        channel.Info(MessageSensitivity.Unknown, message);
    }

    /// <summary>Reports something that the user may want to change.</summary>
    /// <inheritdoc cref="Info(IHostEnvironment, string, string)"/>
    public static void Warning(this IHostEnvironment environment, string activity, string message)
    {
        using var channel = environment.Start(activity);
        channel.Warning(MessageSensitivity.Unknown, message);
    }
}
