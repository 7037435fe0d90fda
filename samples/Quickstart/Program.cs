using Mlps.Quickstart.Commands;

return await QuickstartCommand.RunAsync(args);
