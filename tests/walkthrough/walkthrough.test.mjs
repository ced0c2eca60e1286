/* A newcomer's first hour with Debian's aws command line, every output exact. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { AWS, awsDynamodb, run } from "../support/aws.mjs";
import { startServer } from "../support/server.mjs";

const server = await startServer();
after(() => server.dispose());
const aws = awsDynamodb(server.url);
const json = JSON.stringify;

/* What differs from run to run is checked for its form and taken out. */
function withoutIdentity(description) {
    const { CreationDateTime, TableId, ...rest } = description;
    assert.match(CreationDateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
    assert.match(TableId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    return rest;
}

const arn = (name) => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;

describe("1. A table", () => {
    const description = {
        AttributeDefinitions: [{ AttributeName: "ItemName", AttributeType: "S" }],
        TableName: "ShoppingCart",
        KeySchema: [{ AttributeName: "ItemName", KeyType: "HASH" }],
        ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
        TableSizeBytes: 0,
        ItemCount: 0,
        TableArn: arn("ShoppingCart"),
        DeletionProtectionEnabled: false,
    };
    /* awscli knows DeletionProtectionEnabled only in later versions: present or not, it is false. */
    const same = (actual, expected) => assert.deepEqual({ DeletionProtectionEnabled: false, ...withoutIdentity(actual) }, expected);

    it("list-tables is empty", async () => {
        assert.deepEqual(await aws.ok("list-tables"), { TableNames: [] });
    });
    it("create-table answers CREATING", async () => {
        const { TableDescription } = await aws.ok("create-table", "--table-name", "ShoppingCart",
            "--attribute-definitions", "AttributeName=ItemName,AttributeType=S", "--key-schema", "AttributeName=ItemName,KeyType=HASH",
            "--provisioned-throughput", "ReadCapacityUnits=1,WriteCapacityUnits=1");
        same(TableDescription, { ...description, TableStatus: "CREATING" });
    });
    it("wait table-exists returns", async () => {
        assert.equal(await aws.ok("wait", "table-exists", "--table-name", "ShoppingCart"), null);
    });
    it("describe-table says ACTIVE", async () => {
        same((await aws.ok("describe-table", "--table-name", "ShoppingCart")).Table, { ...description, TableStatus: "ACTIVE" });
    });
    it("list-tables names it", async () => {
        assert.deepEqual(await aws.ok("list-tables"), { TableNames: ["ShoppingCart"] });
    });
});

describe("2. Items", () => {
    const cart = ["--table-name", "ShoppingCart"];
    const items = [
        { ItemName: { S: "Socks" }, Quantity: { N: "2" } },
        { ItemName: { S: "Harpoon" }, Quantity: { N: "1" }, Price: { N: "59.90" } },
        { ItemName: { S: "Lamp oil" }, Quantity: { N: "12" } },
    ];
    items[1].Price.N = "59.9";
    const byName = (list) => [...list].sort((a, b) => a.ItemName.S.localeCompare(b.ItemName.S));

    it("put-item, three times", async () => {
        for (const item of items)
            assert.equal(await aws.ok("put-item", ...cart, "--item", json(item)), null);
    });
    it("scan gives all three", async () => {
        const { Items, ...counts } = await aws.ok("scan", ...cart);
        assert.deepEqual(counts, { Count: 3, ScannedCount: 3, ConsumedCapacity: null });
        assert.deepEqual(byName(Items), byName(items));
    });
    it("get-item, eventually and consistently", async () => {
        const get = ["get-item", ...cart, "--key", json({ ItemName: { S: "Harpoon" } })];
        assert.deepEqual(await aws.ok(...get), { Item: items[1] });
        assert.deepEqual(await aws.ok(...get, "--consistent-read"), { Item: items[1] });
    });
    it("get-item of nothing prints nothing", async () => {
        assert.equal(await aws.ok("get-item", ...cart, "--key", json({ ItemName: { S: "Anchor" } })), null);
    });
    it("delete-item, then scan gives two", async () => {
        assert.equal(await aws.ok("delete-item", ...cart, "--key", json({ ItemName: { S: "Socks" } })), null);
        const { Items, ...counts } = await aws.ok("scan", ...cart);
        assert.deepEqual(counts, { Count: 2, ScannedCount: 2, ConsumedCapacity: null });
        assert.deepEqual(byName(Items), byName(items.slice(1)));
    });
    it("a failed condition says so", async () => {
        assert.equal(await aws.fails("put-item", ...cart, "--item", json(items[1]), "--condition-expression", "attribute_not_exists(ItemName)"),
            "An error occurred (ConditionalCheckFailedException) when calling the PutItem operation: The conditional request failed");
    });
    it("update-item succeeds once, then its condition fails with the command line's own status", async () => {
        const sell = ["update-item", ...cart, "--key", json({ ItemName: { S: "Harpoon" } }), "--return-values", "ALL_NEW",
            "--update-expression", "SET Quantity = Quantity - :one", "--condition-expression", "Quantity >= :one",
            "--expression-attribute-values", json({ ":one": { N: "1" } })];
        assert.deepEqual(await aws.ok(...sell), { Attributes: { ...items[1], Quantity: { N: "0" } } });
        const { code, output, errors } = await run(AWS, ["--endpoint-url", server.url, "dynamodb", ...sell]);
        assert.equal(errors.trim(), "An error occurred (ConditionalCheckFailedException) when calling the UpdateItem operation: The conditional request failed");
        assert.equal(output, "");
        assert.ok(code === 254 || code === 255, `${code}`); /* awscli 2, awscli 1 */
        assert.deepEqual(await aws.ok("get-item", ...cart, "--key", json({ ItemName: { S: "Harpoon" } })), { Item: { ...items[1], Quantity: { N: "0" } } });
    });
    it("a missing table says so", async () => {
        assert.equal(await aws.fails("scan", "--table-name", "Cargo"), "An error occurred (ResourceNotFoundException) when calling the Scan operation: Requested resource not found");
    });
});

describe("3. Sort keys", () => {
    const books = ["--table-name", "Books"];
    const edition = (year, isbn, more = {}) => ({ Title: { S: "Moby Dick" }, PublishYear: { N: String(year) }, ISBN: { S: isbn }, ...more });
    const editions = [
        edition(1851, "none"),
        edition(1971, "978-0-393-09670-6", { Note: { S: "second printing" } }),
        edition(2008, "978-0-19-953572-9"),
    ];
    const page = (Items) => ({ Items, Count: Items.length, ScannedCount: Items.length, ConsumedCapacity: null });
    const query = (condition, values, ...more) => aws.ok("query", ...books, "--key-condition-expression", condition,
        "--expression-attribute-values", json({ ":title": { S: "Moby Dick" }, ...values }), ...more);
    const year = (value) => ({ N: String(value) });

    it("create-table with a sort key", async () => {
        const { TableDescription } = await aws.ok("create-table", ...books,
            "--attribute-definitions", "AttributeName=Title,AttributeType=S", "AttributeName=PublishYear,AttributeType=N",
            "--key-schema", "AttributeName=Title,KeyType=HASH", "AttributeName=PublishYear,KeyType=RANGE",
            "--provisioned-throughput", "ReadCapacityUnits=1,WriteCapacityUnits=1");
        assert.deepEqual(TableDescription.KeySchema, [{ AttributeName: "Title", KeyType: "HASH" }, { AttributeName: "PublishYear", KeyType: "RANGE" }]);
        await aws.ok("wait", "table-exists", ...books);
        for (const item of editions)
            assert.equal(await aws.ok("put-item", ...books, "--item", json(item)), null);
    });
    it("the edition after a year", async () => {
        assert.deepEqual(await query("Title = :title AND PublishYear > :year", { ":year": year(1980) }), page([editions[2]]));
    });
    it("only the ISBN", async () => {
        assert.deepEqual(await query("Title = :title AND PublishYear > :year", { ":year": year(1980) }, "--projection-expression", "ISBN"), page([{ ISBN: editions[2].ISBN }]));
    });
    it("notes, and an empty item where there is none", async () => {
        assert.deepEqual(await query("Title = :title AND PublishYear > :year", { ":year": year(1900) }, "--projection-expression", "Note"), page([{ Note: { S: "second printing" } }, {}]));
    });

    const comparisons = {
        "PublishYear = :year": [{ ":year": year(1971) }, [1]],
        "PublishYear < :year": [{ ":year": year(1971) }, [0]],
        "PublishYear <= :year": [{ ":year": year(1971) }, [0, 1]],
        "PublishYear > :year": [{ ":year": year(1971) }, [2]],
        "PublishYear >= :year": [{ ":year": year(1971) }, [1, 2]],
        "PublishYear BETWEEN :year AND :last": [{ ":year": year(1851), ":last": year(1971) }, [0, 1]],
    };
    for (const [condition, [values, indices]] of Object.entries(comparisons))
        it(condition, async () => {
            assert.deepEqual(await query(`Title = :title AND ${condition}`, values), page(indices.map((index) => editions[index])));
        });

    it("begins_with is refused on a number", async () => {
        assert.equal(
            await aws.fails("query", ...books, "--key-condition-expression", "Title = :title AND begins_with(PublishYear, :year)",
                "--expression-attribute-values", json({ ":title": { S: "Moby Dick" }, ":year": year(19) })),
            "An error occurred (ValidationException) when calling the Query operation: Invalid KeyConditionExpression: " +
                "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N");
    });

    it("begins_with on a string", async () => {
        await aws.ok("create-table", "--table-name", "Chapters",
            "--attribute-definitions", "AttributeName=Book,AttributeType=S", "AttributeName=Chapter,AttributeType=S",
            "--key-schema", "AttributeName=Book,KeyType=HASH", "AttributeName=Chapter,KeyType=RANGE", "--billing-mode", "PAY_PER_REQUEST");
        await aws.ok("wait", "table-exists", "--table-name", "Chapters");
        const chapters = ["Loomings", "The Carpet-Bag", "The Spouter-Inn"].map((name) => ({ Book: { S: "Moby Dick" }, Chapter: { S: name } }));
        for (const item of chapters)
            await aws.ok("put-item", "--table-name", "Chapters", "--item", json(item));
        assert.deepEqual(
            await aws.ok("query", "--table-name", "Chapters", "--key-condition-expression", "Book = :book AND begins_with(Chapter, :start)",
                "--expression-attribute-values", json({ ":book": { S: "Moby Dick" }, ":start": { S: "The" } })),
            page(chapters.slice(1)));
    });
});

describe("4. Types", () => {
    const types = {
        ItemName: { S: "all ten" },
        number: { N: "-12345678901234567890.123456789012345678" },
        binary: { B: "AAEC/w==" },
        bool: { BOOL: true },
        nothing: { NULL: true },
        strings: { SS: ["a", "b"] },
        numbers: { NS: ["1", "2"] },
        binaries: { BS: ["AA==", "/w=="] },
        list: { L: [{ S: "x" }, { N: "1" }, { L: [] }] },
        map: { M: { inner: { M: { leaf: { S: "" } } } } },
    };
    const cart = ["--table-name", "ShoppingCart"];
    const key = json({ ItemName: { S: "all ten" } });

    it("all ten come back", async () => {
        await aws.ok("put-item", ...cart, "--item", json(types));
        const { Item } = await aws.ok("get-item", ...cart, "--key", key, "--consistent-read");
        for (const [name, set] of [["strings", "SS"], ["numbers", "NS"], ["binaries", "BS"]]) {
            Item[name][set].sort();
            types[name][set].sort();
        }
        assert.deepEqual(Item, types);
    });
    it("numbers lose their spelling and keep their value", async () => {
        await aws.ok("put-item", ...cart, "--item", json({ ItemName: { S: "all ten" }, n: { L: ["007", "1e3", "-0.50", "+.5"].map((N) => ({ N })) } }));
        const { Item } = await aws.ok("get-item", ...cart, "--key", key, "--consistent-read");
        assert.deepEqual(Item.n, { L: ["7", "1000", "-0.5", "0.5"].map((N) => ({ N })) });
    });
    it("duplicates in a set are refused", async () => {
        assert.equal(await aws.fails("put-item", ...cart, "--item", json({ ItemName: { S: "twice" }, set: { SS: ["a", "b", "b"] } })),
            "An error occurred (ValidationException) when calling the PutItem operation: " +
                'One or more parameter values were invalid: Input collection [a, b, b] contains duplicates.');
    });
    it("delete-table, and its items are gone with it", async () => {
        assert.equal((await aws.ok("delete-table", ...cart)).TableDescription.TableStatus, "DELETING");
        await aws.ok("wait", "table-not-exists", ...cart);
        assert.deepEqual(await aws.ok("list-tables"), { TableNames: ["Books", "Chapters"] });
    });
});

describe("5. Indexes", () => {
    const games = ["--table-name", "BonestormData"];
    const keys = (hash, range) => [{ AttributeName: hash, KeyType: "HASH" }, ...(range ? [{ AttributeName: range, KeyType: "RANGE" }] : [])];
    const game = (Username, Date, HighScore, Avatar) => ({ Username: { S: Username }, Date: { S: Date }, HighScore: { N: String(HighScore) }, ...(Avatar && { Avatar: { S: Avatar } }) });
    const played = [
        game("Bart", "2026-07-04", 950, "Lion"),
        game("Bart", "2026-07-05", 720),
        game("Bart", "2026-07-11", 815, "Shark"),
        game("Lisa", "2026-07-04", 1210, "Lion"),
    ];
    const page = (Items) => ({ Items, Count: Items.length, ScannedCount: Items.length, ConsumedCapacity: null });
    const date = ["--expression-attribute-names", json({ "#d": "Date" })];
    const scores = ["--key-condition-expression", "Username = :user AND HighScore > :score", "--expression-attribute-values", json({ ":user": { S: "Bart" }, ":score": { N: "800" } })];
    const avatars = ["--key-condition-expression", "Avatar = :avatar", "--expression-attribute-values", json({ ":avatar": { S: "Lion" } })];
    const refused = "An error occurred (ValidationException) when calling the Query operation: ";

    it("create-table with a local and a global index", async () => {
        const local = { IndexName: "HighScores", KeySchema: keys("Username", "HighScore"), Projection: { ProjectionType: "KEYS_ONLY" } };
        const global = { IndexName: "Avatars", KeySchema: keys("Avatar"), Projection: { ProjectionType: "KEYS_ONLY" } };
        const { TableDescription } = await aws.ok("create-table", ...games,
            "--attribute-definitions", "AttributeName=Username,AttributeType=S", "AttributeName=Date,AttributeType=S", "AttributeName=HighScore,AttributeType=N", "AttributeName=Avatar,AttributeType=S",
            "--key-schema", json(keys("Username", "Date")), "--local-secondary-indexes", json([local]),
            "--global-secondary-indexes", json([{ ...global, ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 } }]),
            "--provisioned-throughput", "ReadCapacityUnits=1,WriteCapacityUnits=1");
        const counted = (name) => ({ IndexSizeBytes: 0, ItemCount: 0, IndexArn: `${arn("BonestormData")}/index/${name}` });
        assert.deepEqual(TableDescription.LocalSecondaryIndexes, [{ ...local, ...counted("HighScores") }]);
        assert.deepEqual(TableDescription.GlobalSecondaryIndexes, [{
            ...global, IndexStatus: "CREATING", ProvisionedThroughput: { NumberOfDecreasesToday: 0, ReadCapacityUnits: 1, WriteCapacityUnits: 2 }, ...counted("Avatars"),
        }]);
        await aws.ok("wait", "table-exists", ...games);
        for (const item of played)
            assert.equal(await aws.ok("put-item", ...games, "--item", json(item)), null);
    });
    it("the dates of one user's scores over 800, lowest first", async () => {
        assert.deepEqual(await aws.ok("query", ...games, "--index-name", "HighScores", ...scores, "--projection-expression", "#d", ...date),
            page([{ Date: { S: "2026-07-11" } }, { Date: { S: "2026-07-04" } }]));
    });
    it("who played as a lion, and when", async () => {
        const { Items, ...counts } = await aws.ok("query", ...games, "--index-name", "Avatars", ...avatars, "--projection-expression", "Username, #d", ...date);
        assert.deepEqual(counts, { Count: 2, ScannedCount: 2, ConsumedCapacity: null });
        assert.deepEqual(Items.sort((a, b) => a.Username.S.localeCompare(b.Username.S)),
            [{ Username: { S: "Bart" }, Date: { S: "2026-07-04" } }, { Username: { S: "Lisa" }, Date: { S: "2026-07-04" } }]);
    });
    it("without the index the table's key is missed", async () => {
        assert.equal(await aws.fails("query", ...games, ...scores, "--projection-expression", "#d", ...date), `${refused}Query condition missed key schema element: Date`);
        assert.equal(await aws.fails("query", ...games, ...avatars, "--projection-expression", "Username, #d", ...date), `${refused}Query condition missed key schema element: Username`);
    });
    it("without the name Date is a reserved word", async () => {
        assert.equal(await aws.fails("query", ...games, "--index-name", "HighScores", ...scores, "--projection-expression", "Date"),
            `${refused}Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: Date`);
    });
    it("an index is as new as its table", async () => {
        await aws.ok("update-item", ...games, "--key", json({ Username: { S: "Bart" }, Date: { S: "2026-07-05" } }),
            "--update-expression", "SET Avatar = :avatar, HighScore = :score", "--expression-attribute-values", json({ ":avatar": { S: "Lion" }, ":score": { N: "2000" } }));
        assert.equal((await aws.ok("query", ...games, "--index-name", "Avatars", ...avatars)).Count, 3);
        await aws.ok("delete-item", ...games, "--key", json({ Username: { S: "Lisa" }, Date: { S: "2026-07-04" } }));
        assert.equal((await aws.ok("query", ...games, "--index-name", "Avatars", ...avatars)).Count, 2);
        assert.equal((await aws.ok("query", ...games, "--index-name", "HighScores", ...scores, "--select", "COUNT")).Count, 3);
    });
});
