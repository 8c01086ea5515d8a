-- A search text that was not searched before, as long as they last. WORDS names a file with one text a line.
local words, nr = {}, 0
for line in io.lines(os.getenv("WORDS")) do words[#words + 1] = line end

request = function()
  nr = nr % #words + 1
  return wrk.format("GET", "/products/?q=" .. words[nr])
end

dofile(os.getenv("REPORT"))
