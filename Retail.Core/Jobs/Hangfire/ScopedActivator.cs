using Hangfire;
using Microsoft.Extensions.DependencyInjection;

namespace Retail.Core.Jobs.Hangfire;

/// <summary>Makes the dispatching class in a scope of the store's container.</summary>
internal sealed class ScopedActivator(IServiceScopeFactory scopes) : JobActivator
{
    public override JobActivatorScope BeginScope(JobActivatorContext context) => new Scope(scopes.CreateScope());

    private sealed class Scope(IServiceScope scope) : JobActivatorScope
    {
        public override object Resolve(Type type) => ActivatorUtilities.GetServiceOrCreateInstance(scope.ServiceProvider, type);

        public override void DisposeScope() => scope.Dispose();
    }
}
