using Retail.Bench;
using Retail.Bench.Feeds;
using Retail.Bench.Measures;
using Retail.Bench.Orders;
using Retail.Bench.Outbox;

return args switch
{
    ["ceiling", var port, var folder] => await Ceiling.RunAsync(port, folder),
    ["orders", var folder, .. var options] => await OrdersBench.RunAsync(folder, options),
    ["metrics", var folder, .. var options] => await MetricsBench.RunAsync(folder, options),
    ["outbox", var folder, .. var options] => await OutboxBench.RunAsync(folder, options),
    ["plans", var folder, .. var options] => await PlansBench.RunAsync(folder, options),
    ["feeds", var folder, .. var options] => await FeedsBench.RunAsync(folder, options),
    ["feeds-worker", var connectionString, var partner] => await FeedsBench.WorkAsync(connectionString, partner),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        ceiling PORT FOLDER                     a bare Kestrel that answers /NAME with the bytes of FOLDER/NAME (NAME.br as Brotli)
        metrics FOLDER [ROWS=5000000]           how long charts take over ninety days of metric rows
        orders FOLDER [SECONDS [ROUNDS]] [--million]   orders a second with a database of its own in FOLDER
        plans FOLDER [--million]                how PostgreSQL runs each statement of a batch, at 1 to 512 orders
        feeds FOLDER [ROWS]                     a partner's feed with a database of its own in FOLDER
        outbox FOLDER [ROWS]                    promises of the outbox a second, likewise
        """);
    return 2;
}
