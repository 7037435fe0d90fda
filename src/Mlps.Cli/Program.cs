using Mlps.Cli.Commands;

return await RootCommandLine.RunAsync(args);
