using Retail.Bench;
using Retail.Bench.Orders;
using Retail.Bench.Outbox;

return args switch
{
    ["ceiling", var port, var folder] => await Ceiling.RunAsync(port, folder),
    ["orders", var folder, .. var options] => await OrdersBench.RunAsync(folder, options),
    ["outbox", var folder, .. var options] => await OutboxBench.RunAsync(folder, options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        ceiling PORT FOLDER                     a bare Kestrel that answers /NAME with the bytes of FOLDER/NAME (NAME.br as Brotli)
        orders FOLDER [SECONDS] [--million]     orders a second with a database of its own in FOLDER
        outbox FOLDER [ROWS]                    promises a second, likewise
        """);
    return 2;
}
