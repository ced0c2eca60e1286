-- wrk's requests: realistic, signed-looking, one concatenation each so that wrk is not the limit.
-- Environment: OPERATION (see targets), TABLE, KEYS (how many), BYTES (of an item's filling),
-- FIRST (each key once, in order, from this one on), COUNT (stop after so many replies), SEED, EXPIRES (epoch seconds, of items),
-- ITERATOR (of a shard).
local operation = os.getenv("OPERATION")
local tableName = os.getenv("TABLE") or "Bench"
local keys = tonumber(os.getenv("KEYS") or "1000000")
local fillingBytes = tonumber(os.getenv("BYTES") or "240")
local host = os.getenv("HOST_HEADER") or "127.0.0.1"

local targets = {
    get = "GetItem", put = "PutItem", sorted = "PutItem", constant = "GetItem", update = "UpdateItem",
    indexed = "PutItem", ["index-query"] = "Query",
    query = "Query", scan = "Scan", ["filtered-scan"] = "Scan", transact = "TransactWriteItems",
    records = "GetRecords",
}
local api = operation == "records" and "DynamoDBStreams_20120810." or "DynamoDB_20120810."

local item = '"title":{"S":"An ordinary title"},"price":{"N":"12.99"},"stock":{"N":"17"},"data":{"S":"'
if os.getenv("EXPIRES") then
    item = '"expires":{"N":"' .. os.getenv("EXPIRES") .. '"},' .. item
end

-- Filling that compresses like data, not like one letter repeated: a piece of noise for each key.
math.randomseed(7)
local NOISE_BYTES = 65536
local noise = {}
for i = 1, NOISE_BYTES + fillingBytes do
    noise[i] = string.char(97 + math.random(0, 25))
end
noise = table.concat(noise)

-- What stands before, between and after the key's digits; a third part where there is a sort key.
local bodies = {
    get = {'{"TableName":"' .. tableName .. '","Key":{"pk":{"S":"key-', '"}},"ConsistentRead":true}'},
    put = {'{"TableName":"' .. tableName .. '","Item":{"pk":{"S":"key-', '"},' .. item, fill = '"}}}'},
    sorted = {'{"TableName":"' .. tableName .. '","Item":{"pk":{"S":"key-', '"},"sk":{"N":"', '"},' .. item, fill = '"}}}'},
    update = {'{"TableName":"' .. tableName .. '","Key":{"pk":{"S":"key-',
        '"}},"UpdateExpression":"SET stock = stock + :one","ExpressionAttributeValues":{":one":{"N":"1"}}}'},
    indexed = {'{"TableName":"' .. tableName .. '","Item":{"pk":{"S":"key-', '"},"g1":{"S":"', indexed = true, fill = '"}}}'},
    ["index-query"] = {'{"TableName":"' .. tableName .. '","IndexName":"by-g1","Limit":20,"KeyConditionExpression":"g1 = :g","ExpressionAttributeValues":{":g":{"S":"', '"}}}'},
    query = {'{"TableName":"' .. tableName .. '","KeyConditionExpression":"pk = :pk","ExpressionAttributeValues":{":pk":{"S":"key-', '"}}}'},
    scan = {'{"TableName":"' .. tableName .. '","Limit":1000,"ExclusiveStartKey":{"pk":{"S":"key-', '"}}}'},
    ["filtered-scan"] = {'{"TableName":"' .. tableName .. '","FilterExpression":"title = :t","ExpressionAttributeValues":{":t":{"S":"none"}},"ExclusiveStartKey":{"pk":{"S":"key-', '"}}}'},
}
bodies.constant = bodies.get
local page = '{"Limit":20,"ShardIterator":"' .. (os.getenv("ITERATOR") or "") .. '"}'

-- Puts of one transaction, and the token that every SDK sends with it: as long as a UUID.
local ACTIONS = 4
local TOKEN_BYTES = 36
local put = {'{"Put":{"TableName":"' .. tableName .. '","Item":{"pk":{"S":"key-', '"},' .. item, '"}}}}'}
local transaction = {'{"ClientRequestToken":"', '","TransactItems":[', ']}'}
local transactionBytes = #table.concat(transaction) + TOKEN_BYTES +
    ACTIONS * (#table.concat(put) + 7 + fillingBytes) + ACTIONS - 1

local SORT_KEYS = 20 -- of one partition: 10 to 29
local random = math.random

-- The values that items are indexed by: seven digits of a thousand values, another for each index.
local GROUPS = 1000
local function groups(key)
    local parts = {}
    for i = 1, 5 do
        parts[i] = string.format("%07d", (key * (2 * i + 1) + random(0, GROUPS - 1)) % GROUPS)
    end
    return parts[1] .. '"},"g2":{"S":"' .. parts[2] .. '"},"g3":{"S":"' .. parts[3] .. '"},"g4":{"S":"' .. parts[4] ..
        '"},"g5":{"S":"' .. parts[5] .. '"},' .. item
end

local body = bodies[operation]
local size = operation == "transact" and transactionBytes or operation == "records" and #page or #body[1] + 7 + #body[2] + (body[3] and 2 + #body[3] or 0) +
    (body.fill and fillingBytes + #body.fill or 0) + (body.indexed and #groups(0) or 0)
local head = table.concat({
    "POST / HTTP/1.1",
    "Host: " .. host,
    "Content-Type: application/x-amz-json-1.0",
    "X-Amz-Target: " .. api .. targets[operation],
    "User-Agent: aws-sdk-js/3.1164.0 ua/2.1 os/linux lang/js md/nodejs api/dynamodb",
    "Amz-Sdk-Invocation-Id: 5fa2d0d4-7c0b-4a8e-9a3e-1c2a4f8a9f10",
    "Amz-Sdk-Request: attempt=1; max=3",
    "X-Amz-Date: 20261122T120000Z",
    "X-Amz-Content-Sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/dynamodb/aws4_request, " ..
        "SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target, " ..
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    "Content-Length: " .. size, "", "",
}, "\r\n")
local front = head .. (operation == "records" and page or body and body[1] or transaction[1])
local back = body and body[2]

local thread_seed = tonumber(os.getenv("SEED") or "1")
local sequence = tonumber(os.getenv("FIRST") or "-1") -- 0 or more: each key once, in order

function init()
    math.randomseed(thread_seed)
end

local function filling(key)
    local at = key * 7919 % NOISE_BYTES
    return noise:sub(at + 1, at + fillingBytes)
end

-- Keys a stride apart: they differ.
local function transact()
    local puts = {}
    local first = random(0, keys - 1)
    for i = 1, ACTIONS do
        local key = (first + i * math.floor(keys / ACTIONS)) % keys
        puts[i] = put[1] .. string.format("%07d", key % 10000000) .. put[2] .. filling(key) .. put[3]
    end
    local token = string.format("%018d%018d", random(0, 2147483647), random(0, 2147483647))
    return front .. token .. transaction[2] .. table.concat(puts, ",") .. transaction[3]
end

function request()
    if operation == "transact" then
        return transact()
    end
    if operation == "records" then
        return front
    end
    local key
    if sequence >= 0 then
        key = sequence
        sequence = sequence + 1
    else
        key = random(0, keys - 1)
    end
    local tail = ""
    if body.indexed then
        return front .. string.format("%07d", key % 10000000) .. back .. groups(key) .. filling(key) .. body.fill
    end
    if body.fill then
        tail = filling(key) .. body.fill
    end
    if body[3] then
        return front .. string.format("%07d", math.floor(key / SORT_KEYS) % 10000000) .. back ..
            (10 + key % SORT_KEYS) .. body[3] .. tail
    end
    return front .. string.format("%07d", key % 10000000) .. back .. tail
end

-- wrk itself stops by time alone: its thread ends the process, and tells what done would have.
local replies_left = tonumber(os.getenv("COUNT"))
if replies_left then
    local count = replies_left
    local refused = 0
    function response(status)
        refused = refused + (status == 200 and 0 or 1)
        replies_left = replies_left - 1
        if replies_left == 0 then
            io.write(string.format("RESULT requests=%d refused=%d broken=0\n", count, refused))
            io.flush()
            os.exit(0)
        end
    end
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("RESULT requests=%d seconds=%.6f p50_us=%.0f p99_us=%.0f refused=%d broken=%d\n",
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
