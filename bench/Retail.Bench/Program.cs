using Retail.Bench;
using Retail.Bench.Measures;
using Retail.Bench.Orders;

return args switch
{
    ["ceiling", var port, var folder] => await Ceiling.RunAsync(port, folder),
    ["orders", var folder, .. var options] => await OrdersBench.RunAsync(folder, options),
    ["metrics", var folder, .. var options] => await MetricsBench.RunAsync(folder, options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        ceiling PORT FOLDER                     a bare Kestrel that answers /NAME with the bytes of FOLDER/NAME (NAME.br as Brotli)
        orders FOLDER [SECONDS] [--million]     orders a second with a database of its own in FOLDER
        metrics FOLDER [ROWS=5000000]           how long charts take over ninety days of metric rows
        """);
    return 2;
}
