using Retail.Bench;

return args switch
{
    ["ceiling", var port, var folder] => await Ceiling.RunAsync(port, folder),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("ceiling PORT FOLDER   a bare Kestrel that answers /NAME with the bytes of FOLDER/NAME (NAME.br as Brotli)");
    return 2;
}
