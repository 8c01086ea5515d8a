using Microsoft.Extensions.DependencyInjection;
using Retail.Core.Common.Settings;
using Retail.Core.Data.Outbox;

namespace Retail.Core.Notifications;

/// <summary>What the store tells people.</summary>
public static class NotificationsModule
{
    /// <summary>Adds mail and text messages; the outbox's relay sends them.</summary>
    public static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        services.AddSettings<MailOptions>("Mail");
        services.AddSettings<SmsOptions>("Sms");
        return services
            .AddSingleton<MailProviders>()
            .AddScoped<MailRenderer>()
            .AddScoped<NotificationComposer>()
            .AddScoped<NotificationSender>()
            .AddScoped<NotificationQueries>()
            .AddScoped<IOutboxHandler, NotifyHandler>();
    }
}
