using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Retail.Core.Common;
using Retail.Core.Metrics.Sampling;

namespace Retail.Core.Metrics.Export;

/// <summary>Sends metrics and traces to an OpenTelemetry collector when OTEL_EXPORTER_OTLP_ENDPOINT names one; otherwise it does nothing
/// and costs nothing. OTEL_EXPORTER_OTLP_PROTOCOL (grpc or http/protobuf), _HEADERS and OTEL_METRIC_EXPORT_INTERVAL are heeded.</summary>
public sealed class OtlpExport(IConfiguration settings, NodeRole role, MetricExport export) : IHostedService, IDisposable
{
    private const string EndpointName = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private MeterProvider? _meters;
    private TracerProvider? _traces;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings[EndpointName] is not { Length: > 0 } endpoint) return Task.CompletedTask;
        var resource = ResourceBuilder.CreateDefault()
            .AddService($"retail-{role.Role}", serviceVersion: MetricRecorder.Release, serviceInstanceId: MetricRecorder.Node);
        _meters = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            .AddMeter(export.Meter.Name, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql")
            .AddOtlpExporter((options, reader) =>
            {
                Address(options, endpoint, "v1/metrics");
                if (int.TryParse(settings["OTEL_METRIC_EXPORT_INTERVAL"], out var interval)) reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = interval;
            })
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
            .AddSource("Microsoft.AspNetCore", "Npgsql", "System.Net.Http")
            .AddOtlpExporter(options => Address(options, endpoint, "v1/traces"))
            .Build();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        // What waits is sent, for as long as a host may take to stop.
        _meters?.Shutdown(timeoutMilliseconds: 5000);
        _traces?.Shutdown(timeoutMilliseconds: 5000);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _meters?.Dispose();
        _traces?.Dispose();
    }

    private void Address(OtlpExporterOptions options, string endpoint, string signal)
    {
        var overHttp = settings["OTEL_EXPORTER_OTLP_PROTOCOL"] is "http/protobuf";
        options.Protocol = overHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        options.Endpoint = new Uri(overHttp ? $"{endpoint.TrimEnd('/')}/{signal}" : endpoint);
        if (settings["OTEL_EXPORTER_OTLP_HEADERS"] is { Length: > 0 } headers) options.Headers = headers;
    }
}
