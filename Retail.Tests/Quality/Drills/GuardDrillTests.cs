using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Metrics;
using Retail.Core.Partners;
using Retail.Core.Quality.Drills;
using Retail.Tests.Partners;
using Retail.Tests.Support;
using Xunit;

namespace Retail.Tests.Quality.Drills;

/// <summary>Drills of what the store refuses and of its switches: a sound store passes, one that is broken does not.</summary>
public sealed class GuardDrillTests(TestDatabase database) : IAsyncLifetime
{
    private Shop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await DrillGround.StartAsync(database);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task Forged_calls_are_refused_and_the_refusals_help()
    {
        var drill = await _shop.DrillAsync("forged-calls", null);
        Assert.Equal(DrillStatus.Passed, drill.Run.Status);
        Assert.Equal((0, 0, 0, 0, 0), (drill.Of(MetricTypes.ForgedUnsafeAccepted), drill.Of(MetricTypes.ProtectedRoutesOpen), drill.Of(MetricTypes.ForgedPartnerAccepted), drill.Of(MetricTypes.ForgedRowsChanged),
            drill.Of(MetricTypes.ErrorMessagesUnhelpful)));
        // Found by enumeration: all of the admin area's pages are among them.
        Assert.True(drill.Of(MetricTypes.ProtectedRoutesTried) > 60);
        Assert.Equal("", await _shop.LeftoversAsync());
    }

    [Fact]
    public async Task A_store_that_listens_to_other_sites_fails()
    {
        await using var proxy = await MeddlingProxy.StartAsync(_shop.BaseAddress, request =>
        {
            request.Headers.Remove("Origin");
            request.Headers.Remove("Sec-Fetch-Site");
        });
        var drill = await _shop.DrillAtAsync([proxy.Address], "forged-calls");
        Assert.Equal(DrillStatus.Failed, drill.Run.Status);
        Assert.True(drill.Of(MetricTypes.ForgedUnsafeAccepted) > 0);
    }

    [Fact]
    public async Task A_store_that_makes_everybody_an_admin_and_takes_every_key_fails()
    {
        var partner = await FeedHost.PartnerAsync(_shop.Services, "REAL");
        await using var scope = _shop.Services.CreateAsyncScope();
        var key = (await scope.ServiceProvider.GetRequiredService<PartnerKeys>().MakeAsync(partner, TimeSpan.Zero, TestContext.Current.CancellationToken)).Value;
        await _shop.SqlAsync("""
            CREATE FUNCTION be_admin() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO customer_roles (user_id, role_id) SELECT NEW.id, id FROM roles WHERE name = 'admin'; RETURN NEW; END $$;
            CREATE TRIGGER be_admin AFTER INSERT ON customers FOR EACH ROW EXECUTE FUNCTION be_admin();
            """);
        await using var proxy = await MeddlingProxy.StartAsync(_shop.BaseAddress, request =>
        {
            if (request.Headers.Remove("X-API-Key")) request.Headers.Add("X-API-Key", key);
        });
        var drill = await _shop.DrillAtAsync([proxy.Address], "forged-calls");
        Assert.Equal(DrillStatus.Failed, drill.Run.Status);
        Assert.True(drill.Of(MetricTypes.ProtectedRoutesOpen) > 20);
        Assert.Equal(3, drill.Of(MetricTypes.ForgedPartnerAccepted));
        Assert.True(drill.Of(MetricTypes.ForgedRowsChanged) > 0);
    }

    [Fact]
    public async Task A_burst_is_slowed_down_politely_and_a_store_that_does_not_say_for_how_long_fails()
    {
        var drill = await _shop.DrillAsync("throttle-burst", null, ("buyers", 10), ("tries", 20), ("everybody", 520));
        Assert.Equal(0, drill.Of(MetricTypes.ThrottleRefusalsWithoutRetryAfter));
        Assert.Equal(drill.Of(MetricTypes.ThrottleRefusals), drill.Of(MetricTypes.ThrottledRequests));
        Assert.True(drill.Of(MetricTypes.ThrottleRefusals) >= 15 + 20);   // of one, and of all
        // How quick the others were is this machine's matter; that it was measured is ours.
        Assert.All(drill.Result!.Figures, figure => Assert.True(figure.Holds is true || figure.Type == MetricTypes.ThrottleAcceptedMs, figure.Words));
        Assert.InRange(drill.Of(MetricTypes.ThrottleAcceptedMs), 0.1, 60_000);
        Assert.Equal("", await _shop.LeftoversAsync());

        await using var proxy = await MeddlingProxy.StartAsync(_shop.BaseAddress, onAnswer: answer => answer.Headers.Remove("Retry-After"));
        var rude = await _shop.DrillAtAsync([proxy.Address], "throttle-burst", ("buyers", 5), ("tries", 16), ("everybody", 0));
        Assert.Equal(DrillStatus.Failed, rude.Run.Status);
        Assert.Equal(11, rude.Of(MetricTypes.ThrottleRefusalsWithoutRetryAfter));
    }

    [Fact]
    public async Task A_flag_is_switched_and_stands_again_as_it_stood_and_a_node_that_is_deaf_fails()
    {
        var drill = await _shop.DrillAsync("flag-flip", null);
        Assert.Equal(DrillStatus.Passed, drill.Run.Status);
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM feature_flags"));
        Assert.Equal(2L, await _shop.SqlAsync("SELECT count(*) FROM feature_flag_changes WHERE changed_by LIKE 'drill %' AND is_on IS NOT NULL"));

        await _shop.SqlAsync("INSERT INTO feature_flags (name, is_on, changed_by) VALUES ('ORDERS', true, 'ada')");
        await using var deaf = await HttpNode.StartAsync("""{ "node": "web:1", "release": "1", "production": false, "allowed": true, "circuit": "CLOSED", "flagsOn": ["Products", "Cart", "Orders"] }""");
        var failed = await _shop.DrillAtAsync([_shop.BaseAddress, deaf.Address], "flag-flip");
        Assert.Equal(DrillStatus.Failed, failed.Run.Status);
        Assert.Equal(1, failed.Of(MetricTypes.FlagNodesMissed));
        Assert.Equal(true, await _shop.SqlAsync("SELECT is_on FROM feature_flags WHERE name = 'ORDERS'"));
    }

    [Fact]
    public async Task A_flag_that_a_killed_drill_left_switched_is_put_back()
    {
        var id = Guid.Parse("01990000-0000-7000-8000-0000000000f1");
        await _shop.SqlAsync("INSERT INTO feature_flags (name, is_on, changed_by) VALUES ('ORDERS', false, $1)", $"drill {id}, before: none");
        var next = await _shop.DrillAsync("flag-flip", null);   // it clears away before it begins
        Assert.Equal(DrillStatus.Passed, next.Run.Status);
        Assert.Equal(0L, await _shop.SqlAsync("SELECT count(*) FROM feature_flags"));
    }
}
