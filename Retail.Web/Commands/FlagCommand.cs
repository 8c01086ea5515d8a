using System.CommandLine;
using System.Globalization;
using Retail.Core.Flags;

namespace Retail.Web.Commands;

/// <summary>Shows the feature flags, or switches one on every node that runs.</summary>
internal static class FlagCommand
{
    private static readonly Argument<string?> Name = new("name") { Description = "PRODUCTS, CART or ORDERS; without it all are listed.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string?> Position = new("position") { Description = "on, off, or default: as each node's environment says.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create()
    {
        var command = new Command("flag", """
            Lists the feature flags, or switches one. Every node that runs acts on it within a moment; none is restarted.

            Examples:
              flag
              flag PRODUCTS off
              flag FEATURE_FLAG_USE_SERVICE_LAYER_ORDERS on
            """)
        { Name, Position };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Name) is not { } name) return;
            if (FeatureFlags.Find(name) is null) result.AddError($"There is no flag '{name}': PRODUCTS, CART and ORDERS there are.");
            else if (result.GetValue(Position) is { } position && position.ToLowerInvariant() is not ("on" or "off" or "default")) result.AddError($"A flag is put on, off or default, not '{position}'.");
        });
        command.SetAction(async (parsed, ct) =>
        {
            await using var store = await CommandStore.OpenAsync(ct);
            var service = store.Get<FlagService>();
            var flag = parsed.GetValue(Name) is { } name ? FeatureFlags.Find(name) : null;
            if (flag is { } asked && parsed.GetValue(Position)?.ToLowerInvariant() is { } position) Console.WriteLine(await SwitchAsync(service, asked, position, ct));
            else foreach (var state in (await service.ListAsync(ct)).Where(s => flag is null || s.Flag == flag)) Console.WriteLine(Line(state));
            return 0;
        });
        return command;
    }

    private static async Task<string> SwitchAsync(FlagService service, FeatureFlag flag, string position, CancellationToken ct)
    {
        var (by, name) = ($"{Environment.UserName} (command line)", FeatureFlags.NameOf(flag));
        if (position == "default")
            return await service.ClearAsync(flag, by, ct) ? $"{name} is as each node's environment says again." : $"{name} was not set: nothing was changed.";
        var on = position == "on";
        var (meansOn, meansOff) = FlagWords.Meaning(flag);
        return await service.SwitchAsync(flag, on, by, ct) ? $"{name} is {position}. {(on ? meansOn : meansOff)}" : $"{name} was {position} already: nothing was changed.";
    }

    private static string Line(FlagState state) => string.Create(CultureInfo.InvariantCulture,
        $"{FeatureFlags.NameOf(state.Flag),-42} {(state.IsOn ? "on " : "off")}  {(state.Since is { } since ? $"since {since:yyyy-MM-dd HH:mm:ss}Z, by {state.By}" : "by the environment")}");
}
