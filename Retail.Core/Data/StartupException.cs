namespace Retail.Core.Data;

/// <summary>The store can't start. Hosts print the message alone, without a stack trace, and exit with 1.</summary>
/// <param name="sentence">One sentence for the person who started the store: what is wrong and what to do. Holds no secrets.</param>
/// <param name="inner">What caused it, for the logs.</param>
public sealed class StartupException(string sentence, Exception? inner = null) : Exception(sentence, inner);
