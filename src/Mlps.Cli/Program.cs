using Mlps.Cli.Commands;
using Mlps.Cli.Terminal;

return OpenFiles.AreTooFew() ? ExitCode.UserError : await RootCommandLine.RunAsync(args);
