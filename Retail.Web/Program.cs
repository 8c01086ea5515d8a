using Retail.Web.Commands;

return await CommandLine.RunAsync(args);
