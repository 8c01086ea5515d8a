using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Retail.Core.Common.Settings;

namespace Retail.Core.Data;

/// <summary>What production refuses to start with.</summary>
public static class ProductionStart
{
    /// <summary>In production, stops a start with values that everybody knows.</summary>
    /// <exception cref="StartupException">A sentence a line: what to set.</exception>
    public static void RefuseDefaults(string environment, IConfiguration configuration)
    {
        if (!string.Equals(environment, Environments.Production, StringComparison.OrdinalIgnoreCase)) return;
        var refusals = ProductionRules.Needs([new("", typeof(RuntimeOptions))], configuration)
            .Where(n => n.Setting.Need!.StopsStart && n.State != NeedState.Present).Select(n => n.Advice).ToList();
        if (refusals.Count > 0) throw new StartupException(string.Join(Environment.NewLine, refusals));
    }
}
