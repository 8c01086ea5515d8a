-- A new search text nearly every time, so that what was found before is no help. WORDS names a file with one text a line.
local words = {}
for line in io.lines(os.getenv("WORDS")) do words[#words + 1] = line end
math.randomseed(os.time())

request = function()
  return wrk.format("GET", "/products/?q=" .. words[math.random(#words)] .. "+" .. words[math.random(#words)])
end

dofile(os.getenv("REPORT"))
