-- Each request is an order of its own. TOKEN and VARIANTS (ids, blank between) come from the script.
local variants = {}
for id in os.getenv("VARIANTS"):gmatch("%S+") do variants[#variants + 1] = id end
local run, number = os.time() .. "-" .. math.random(1e9), 0
local headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. os.getenv("TOKEN") }

request = function()
  number = number + 1
  headers["Idempotency-Key"] = run .. "-" .. number
  return wrk.format("POST", "/api/orders", headers, '{"lines":[{"variantId":"' .. variants[number % #variants + 1] .. '","quantity":1}],'
    .. '"shippingAddress":{"name":"Ada Buyer","line1":"1 Mill Lane","city":"Ely","postcode":"CB7 4AA","country":"GB"},'
    .. '"shippingMethod":"standard","paymentMethod":{"id":"pm_card_visa","brand":"visa","last4":"4242"}}')
end

dofile(os.getenv("REPORT"))
