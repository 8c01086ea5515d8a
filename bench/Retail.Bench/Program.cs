using Retail.Bench;
using Retail.Bench.Orders;

return args switch
{
    ["ceiling", var port, var folder] => await Ceiling.RunAsync(port, folder),
    ["orders", var folder, .. var options] => await OrdersBench.RunAsync(folder, options),
    ["plans", var folder, .. var options] => await PlansBench.RunAsync(folder, options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        ceiling PORT FOLDER                     a bare Kestrel that answers /NAME with the bytes of FOLDER/NAME (NAME.br as Brotli)
        orders FOLDER [SECONDS [ROUNDS]] [--million]   orders a second with a database of its own in FOLDER
        plans FOLDER [--million]                how PostgreSQL runs each statement of a batch, at 1 to 512 orders
        """);
    return 2;
}
