/* What X-Amz-Target says of an operation: those of streams belong to an API of their own. */
const OF_STREAMS = new Set(["ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"]);

export function targetOf(operation) {
    return `${OF_STREAMS.has(operation) ? "DynamoDBStreams_20120810" : "DynamoDB_20120810"}.${operation}`;
}
