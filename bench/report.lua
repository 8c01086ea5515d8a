-- Prints one line that a script can read: requests a second, p50, p95 and p99 in milliseconds, answers that were no 2xx or 3xx.
done = function(summary, latency)
  local ms = function(p) return latency:percentile(p) / 1000 end
  print(string.format("RESULT %.0f %.2f %.2f %.2f %d", summary.requests / (summary.duration / 1e6), ms(50), ms(95), ms(99), summary.errors.status))
end
